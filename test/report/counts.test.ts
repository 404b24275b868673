import { describe, expect, it } from 'vitest';
import type { ReportEvent } from '../../src/events.ts';
import { Counts } from '../../src/report/counts.ts';
import { begun, failed, gone, progress, saved, skipped } from './events.ts';

function counted(...events: ReportEvent[]): Counts {
  const counts = new Counts();
  for (const event of events) counts.onEvent(event);
  return counts;
}

describe('Counts', () => {
  it('adds the four outcomes up', () => {
    const counts = counted(begun(500), saved(), skipped(), skipped(), gone(), failed());
    expect(counts).toMatchObject({ total: 500, done: 5, saved: 1, skipped: 2, gone: 1, failed: 1 });
  });

  it('knows no total where none could be counted', () => {
    expect(counted(begun(undefined), saved(), { type: 'passed-over', why: 'duplicate' }).total).toBeUndefined();
  });

  it('takes repeated ids off the total, and blank rows not: those were never counted', () => {
    expect(counted(begun(10), { type: 'passed-over', why: 'duplicate' }, { type: 'passed-over', why: 'blank' }).total).toBe(9);
  });

  it('counts the bytes of what was saved in this run alone', () => {
    expect(counted(saved({ bytes: 5 }), skipped({ bytes: 100 }), progress(50), saved({ bytes: 6 })).bytes).toBe(11);
  });
});
