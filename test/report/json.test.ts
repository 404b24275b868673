import { describe, expect, it } from 'vitest';
import type { ReportEvent } from '../../src/events.ts';
import { failureLine, jsonReporter } from '../../src/report/json.ts';
import { testContext, testSystem } from '../helpers/test-system.ts';
import { begun, ended, error, failed, gone, progress, recording, retrying, saved, skipped } from './events.ts';

/** The lines that a reporter prints for some events. */
function told(...events: ReportEvent[]): string[] {
  const system = testSystem();
  const reporter = jsonReporter(testContext(system));
  for (const event of events) reporter.onEvent(event);
  reporter.close();
  expect(system.stderrText).toBe('');
  return system.stdoutText.split('\n').slice(0, -1);
}

describe('the JSON of a run', () => {
  it('shows a saved recording as the contract has it, keys in their order', () => {
    expect(told(saved())).toEqual([
      `{"id":"a==","status":"saved","file":"recordings/a==.mp3","bytes":1234567,"sha256":"${'a'.repeat(64)}","contentType":"audio/mpeg",` +
        '"etag":"\\"e\\"","attempts":1,"durationMs":3210}',
    ]);
  });

  it('shows what the store did not tell as null', () => {
    expect(JSON.parse(told(saved({ contentType: null, etag: null }))[0] ?? '')).toMatchObject({ contentType: null, etag: null });
  });

  it('shows a skipped one the same way', () => {
    const { id, ...rest } = recording();
    expect(told(skipped()).map((line) => JSON.parse(line))).toEqual([{ id, status: 'skipped', ...rest }]);
  });

  it('shows one that was not had with its error', () => {
    expect(told(gone('b'), failed('c'))).toEqual([
      '{"id":"b","status":"gone","error":{"code":"RECORDING_NOT_FOUND","message":"The service says: Invalid Id.","hint":"Check the id.","retryable":false}}',
      '{"id":"c","status":"failed","error":{"code":"NETWORK","message":"No connection.","hint":"Check the id.","retryable":true}}',
    ]);
  });

  it('shows also those that were not asked for in this run', () => {
    expect(told(gone('b', undefined, false), failed('c', undefined, false))).toHaveLength(2);
  });

  it('ends with the summary, keys in their order', () => {
    const rows = { total: 21, saved: 1, skipped: 2, gone: 3, failed: 4, notReached: 11 };
    const all = { ...rows, duplicates: 5, blank: 6, passedOver: 7, filtered: 8, bytes: 9, durationMs: 10 };
    expect(told(ended(all))).toEqual([
      `{"summary":{"total":21,"saved":1,"skipped":2,"gone":3,"failed":4,"notReached":11,"duplicates":5,"blank":6,"passedOver":7,"filtered":8,"bytes":9,"durationMs":10}}`,
    ]);
  });

  it('says nothing of what is under way', () => {
    const events = [{ type: 'started', id: 'a' } as const, progress(1), retrying(), begun(3)];
    expect(told(...events, { type: 'passed-over', why: 'blank' }, { type: 'notice', message: 'Mind this.' })).toEqual([]);
  });

  it('stays one line whatever an id holds', () => {
    const id = 'a\nb\u001b[2J"\\\u2028\ud800';
    const lines = told(failed(id));
    expect(lines).toHaveLength(1);
    expect(lines[0]).not.toContain('\u001b');
    expect(JSON.parse(lines[0] ?? '')).toMatchObject({ id });
  });
});

describe('failureLine', () => {
  it('has no id where the error is not about one', () => {
    expect(JSON.stringify(failureLine(null, 'failed', error('Wrong flag.', 'USAGE')))).toBe(
      '{"id":null,"status":"failed","error":{"code":"USAGE","message":"Wrong flag.","hint":"Check the id.","retryable":false}}',
    );
  });
});
