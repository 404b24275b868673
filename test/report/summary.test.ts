import { describe, expect, it } from 'vitest';
import { interruptedError, usageError } from '../../src/errors.ts';
import type { Paint } from '../../src/report/color.ts';
import { summaryLines } from '../../src/report/summary.ts';
import { ended } from './events.ts';

describe('a summary', () => {
  it('says that all was saved, and where it is', () => {
    expect(summaryLines(ended({ total: 1, saved: 1, bytes: 1234, durationMs: 900 }))).toEqual([
      '1 recording in 900 ms',
      '  1  saved  1.2 kB',
      'Archive: calls',
    ]);
  });

  it('shows all four outcomes in a column, and what was passed over', () => {
    const all = {
      total: 1234,
      saved: 1000,
      skipped: 200,
      gone: 30,
      failed: 4,
      duplicates: 1,
      blank: 2,
      bytes: 5e9,
      durationMs: 75_000,
    };
    expect(summaryLines(ended(all, { failedList: 'calls/failed.txt' }))).toEqual([
      '1,234 recordings in 1m 15s (66.7 MB/s)',
      '  1000  saved    5.0 GB',
      '   200  skipped  saved before, and still there',
      '    30  gone     invalid or expired: asking again is pointless',
      '     4  failed   listed in calls/failed.txt',
      'Passed over: 1 repeated id, 2 rows without an id.',
      'Archive: calls',
    ]);
  });

  it('says so where there was nothing to do', () => {
    expect(summaryLines(ended({ blank: 1 }))).toEqual([
      '0 recordings in 0 ms',
      '  0  saved  0 B',
      'Passed over: 1 row without an id.',
      'Archive: calls',
    ]);
  });

  it('fits 80 columns', () => {
    const large = 10_000_000;
    const all = {
      total: large,
      saved: large,
      skipped: large,
      gone: large,
      failed: large,
      duplicates: large,
      blank: large,
      bytes: 9e14,
    };
    for (const line of summaryLines(ended(all))) expect(line.length).toBeLessThanOrEqual(80);
  });

  it('keeps its columns where it is coloured, and colours no outcome that there is none of', () => {
    const mark = (name: string) => (text: string) => `<${name}>${text}</>`;
    const paint: Paint = { good: mark('good'), warn: mark('warn'), bad: mark('bad'), faint: mark('faint') };
    const all = { total: 12, skipped: 1, gone: 1, failed: 10 };
    const colored = summaryLines(ended(all), paint);
    expect(colored[1]).toBe('   0  saved    0 B');
    expect(colored.slice(2, 5).map((line) => /<(\w+)>/.exec(line)?.[1])).toEqual(['faint', 'warn', 'bad']);
    expect(colored.map((line) => line.replaceAll(/<[^>]*>/g, ''))).toEqual(summaryLines(ended(all)));
  });

  it('says less on a narrow terminal', () => {
    const all = { total: 1_234_567, saved: 1, skipped: 1, gone: 1, failed: 1, bytes: 9e14 };
    for (const line of summaryLines(ended(all), undefined, 40)) expect(line.length).toBeLessThanOrEqual(40);
    const listed = ended(all, { failedList: 'calls/failed.txt' });
    expect(summaryLines(listed, undefined, 40).at(-2)).toBe('        1  failed   see calls/failed.txt');
  });

  it('names no list of the rows that failed where there is none', () => {
    for (const columns of [80, 40]) {
      expect(summaryLines(ended({ total: 2, saved: 1, failed: 1 }), undefined, columns)).toContain('  1  failed  see above');
    }
  });

  it('says what a run that was stopped has left, and to run it again', () => {
    const stopped = ended({ total: 30, saved: 8, notReached: 22 }, { stopped: usageError('x', 'y') });
    expect(summaryLines(stopped)).toEqual([
      'Stopped: 8 saved, 22 not reached. Run the same command again.',
      '30 recordings in 0 ms',
      '   8  saved        0 B',
      '  22  not reached  left for the next run',
      'Archive: calls',
    ]);
    const all = ended(
      { total: 30, saved: 8, gone: 1, failed: 2, notReached: 19 },
      { stopped: interruptedError('SIGINT'), restUnread: true },
    );
    expect(summaryLines(all)[0]).toBe(
      'Stopped by SIGINT: 8 saved, 1 gone, 2 failed, 19 not reached. The rest of the list was not read. Run the same command again.',
    );
  });

  it('tells what else was passed over', () => {
    const lines = summaryLines(ended({ passedOver: 1, filtered: 3 }));
    expect(lines).toContain('Passed over: 1 line that names no recording, 3 filtered out.');
  });

  it('tells how many calls are more than 6 months old by their dates', () => {
    const past = (pastRetention: number) => summaryLines(ended({}, { pastRetention }));
    expect(past(1)).toContain('1 call of the list is more than 6 months old by its date.');
    expect(past(2)).toContain('2 calls of the list are more than 6 months old by their dates.');
  });
});
