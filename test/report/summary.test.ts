import { describe, expect, it } from 'vitest';
import type { ReportEvent } from '../../src/events.ts';
import { Counts, summaryLines } from '../../src/report/summary.ts';
import { begun, failed, gone, saved, skipped, summary } from './events.ts';

function counted(...events: ReportEvent[]): Counts {
  const counts = new Counts();
  for (const event of events) counts.onEvent(event);
  return counts;
}

describe('Counts', () => {
  it('tells what is done of how many, and names outcomes only that there are', () => {
    expect(counted(begun(500)).line()).toBe('0 of 500: 0 saved (0 B)');
    expect(counted(begun(500), saved(), skipped(), skipped(), gone(), failed()).line()).toBe(
      '5 of 500: 1 saved, 2 skipped, 1 gone, 1 failed (1.2 MB)',
    );
  });

  it('tells no total where none could be counted', () => {
    expect(counted(begun(undefined), saved(), { type: 'passed-over', why: 'duplicate' }).line()).toBe('1: 1 saved (1.2 MB)');
  });

  it('takes repeated ids off the total, and blank rows not: those were never counted', () => {
    expect(counted(begun(10), { type: 'passed-over', why: 'duplicate' }, { type: 'passed-over', why: 'blank' }).total).toBe(9);
  });

  it('counts the bytes of what was saved in this run alone', () => {
    expect(counted(saved({ bytes: 5 }), skipped({ bytes: 100 }), saved({ bytes: 6 })).bytes).toBe(11);
  });
});

describe('a summary', () => {
  it('says that all was saved in two lines', () => {
    expect(summaryLines(summary({ total: 1, saved: 1, bytes: 1234, durationMs: 900 }))).toEqual([
      '1 recording in 0.9 s',
      '  1  saved (1.2 kB)',
    ]);
  });

  it('shows all four outcomes in a column, and what was passed over', () => {
    const all = summary({
      total: 1234,
      saved: 1000,
      skipped: 200,
      gone: 30,
      failed: 4,
      duplicates: 1,
      blank: 2,
      bytes: 5e9,
      durationMs: 75_000,
    });
    expect(summaryLines(all)).toEqual([
      '1234 recordings in 1m 15s',
      '  1000  saved (5.0 GB)',
      '   200  skipped: saved before, and still there',
      '    30  gone: invalid or expired, asking again is pointless',
      '     4  failed: worth another run, listed in failed.txt',
      'Passed over: 1 repeated id, 2 rows without an id.',
    ]);
  });

  it('says so where there was nothing to do', () => {
    expect(summaryLines(summary({ blank: 1 }))).toEqual(['0 recordings in 0.0 s', '  0  saved (0 B)', 'Passed over: 1 row without an id.']);
  });

  it('fits 80 columns', () => {
    const large = 10_000_000;
    const all = summary({
      total: large,
      saved: large,
      skipped: large,
      gone: large,
      failed: large,
      duplicates: large,
      blank: large,
      bytes: 9e14,
    });
    for (const line of summaryLines(all)) expect(line.length).toBeLessThanOrEqual(80);
  });
});
