import { describe, expect, it } from 'vitest';
import { plainReporter } from '../../src/report/plain.ts';
import type { Reporter } from '../../src/report/reporter.ts';
import { testContext, testSystem } from '../helpers/test-system.ts';
import { begun, ended, failed, gone, progress, retrying, saved, skipped, started } from './events.ts';

function plain() {
  const system = testSystem({ manualClock: true });
  const reporter = plainReporter(testContext(system));
  const lines = () => system.stderrText.split('\n').slice(0, -1);
  const tell = (...events: Parameters<Reporter['onEvent']>[0][]) => {
    const before = lines().length;
    for (const event of events) reporter.onEvent(event);
    expect(system.stdoutText).toBe('');
    return lines().slice(before);
  };
  return { system, tell };
}

describe('one recording, where no terminal shows it', () => {
  it('is a line when it is saved', () => {
    const { tell } = plain();
    expect(tell({ type: 'started', id: 'a' }, progress(1), progress(2, 5), saved())).toEqual(['Saved 1.2 MB in 3.2 s.']);
  });

  it('is a line for each new attempt', () => {
    expect(plain().tell(retrying('The connection was reset.', 3, 12_400))).toEqual(['The connection was reset. Attempt 3 in 12 s.']);
  });

  it('leaves a failure to the error that ends the run', () => {
    expect(plain().tell(failed(), gone())).toEqual([]);
  });

  it('never shows progress, however long it takes', () => {
    const { system, tell } = plain();
    system.advance(3_600_000);
    expect(tell(progress(1, 2))).toEqual([]);
  });
});

describe('a batch, where no terminal shows it', () => {
  it('says nothing of what goes well, until the summary', () => {
    const { tell } = plain();
    expect(tell(begun(3), { type: 'started', id: 'a' }, progress(1), saved(), skipped(), retrying())).toEqual([]);
    expect(tell(ended({ total: 3, saved: 2, skipped: 1, bytes: 10 }))).toEqual([
      '3 recordings in 0 ms',
      '  2  saved    10 B',
      '  1  skipped  saved before, and still there',
      'Archive: calls',
    ]);
  });

  it('names what it asked for and did not get', () => {
    const { tell } = plain();
    expect(tell(begun(3), gone('b'), failed('c'))).toEqual(['gone b: The service says: Invalid Id.', 'failed c: No connection.']);
  });

  it('does not name what was known to be gone', () => {
    expect(plain().tell(begun(3), gone('b', undefined, false))).toEqual([]);
  });

  it('names no more than twenty, and says where the others are named', () => {
    const { tell } = plain();
    const lines = tell(begun(50), ...Array.from({ length: 50 }, (_, n) => failed(`id-${n}`)));
    expect(lines).toHaveLength(21);
    expect(lines[19]).toBe('failed id-19: No connection.');
    expect(lines[20]).toBe('More recordings were not saved; manifest.jsonl names them all.');
  });

  it('shows a line of progress every half a minute, and no more often', () => {
    const { system, tell } = plain();
    expect(tell(begun(undefined), saved())).toEqual([]);
    system.advance(29_999);
    expect(tell(saved())).toEqual([]);
    system.advance(1);
    expect(tell(saved(), saved())).toEqual(['3: 3 saved (3.7 MB)']);
    system.advance(30_000);
    expect(tell(skipped())).toEqual(['5: 4 saved, 1 skipped (4.9 MB)']);
  });

  it('tells in that line how long it takes, or what all wait for', () => {
    const { system, tell } = plain();
    const shown = tell(begun(100));
    for (let n = 0; n < 10; n += 1) {
      shown.push(...tell(started(`id-${n}`)));
      system.advance(3000);
      shown.push(...tell(saved({ id: `id-${n}`, bytes: 1000 })));
    }
    expect(shown).toEqual(['10 of 100: 10 saved (10.0 kB), 4m 30s left']);
    tell(started(), retrying('Slow down.', 2, 42_000, 'RATE_LIMITED'));
    system.advance(30_000);
    expect(tell(skipped())).toEqual(['11 of 100: 10 saved, 1 skipped (10.0 kB), waiting 12 s: too many requests']);
  });

  it('shows what a person should know', () => {
    expect(plain().tell({ type: 'notice', message: 'The order stays the report’s.' })).toEqual(['The order stays the report’s.']);
  });
});

describe('what a log is spared', () => {
  it('control characters of ids and of the service’s own words', () => {
    const { tell } = plain();
    const nasty = '\u001b[2J\r\nerror: all is lost';
    const shown = '\\u001b[2J\\u000d\\u000aerror: all is lost';
    expect(tell(retrying(nasty, 2, 0), { type: 'notice', message: nasty }, begun(1), failed(nasty, nasty))).toEqual([
      `${shown} Attempt 2 at once.`,
      shown,
      `failed ${shown}: ${shown}`,
    ]);
  });

  it('secrets', () => {
    expect(plain().tell(retrying('GET https://x/?X-Amz-Signature=abcdef0123456789 failed.')).join()).not.toContain('abcdef');
  });
});
