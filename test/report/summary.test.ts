import { describe, expect, it } from 'vitest';
import type { Paint } from '../../src/report/color.ts';
import { summaryLines } from '../../src/report/summary.ts';
import { summary } from './events.ts';

describe('a summary', () => {
  it('says that all was saved in two lines', () => {
    expect(summaryLines({ summary: summary({ total: 1, saved: 1, bytes: 1234, durationMs: 900 }) })).toEqual([
      '1 recording in 900 ms',
      '  1  saved  1.2 kB',
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
    expect(summaryLines({ summary: all })).toEqual([
      '1,234 recordings in 1m 15s (66.7 MB/s)',
      '  1000  saved    5.0 GB',
      '   200  skipped  saved before, and still there',
      '    30  gone     invalid or expired: asking again is pointless',
      '     4  failed   worth another run: listed in failed.txt',
      'Passed over: 1 repeated id, 2 rows without an id.',
    ]);
  });

  it('says so where there was nothing to do', () => {
    expect(summaryLines({ summary: summary({ blank: 1 }) })).toEqual([
      '0 recordings in 0 ms',
      '  0  saved  0 B',
      'Passed over: 1 row without an id.',
    ]);
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
    for (const line of summaryLines({ summary: all })) expect(line.length).toBeLessThanOrEqual(80);
  });

  it('keeps its columns where it is coloured, and colours no outcome that there is none of', () => {
    const mark = (name: string) => (text: string) => `<${name}>${text}</>`;
    const paint: Paint = { good: mark('good'), warn: mark('warn'), bad: mark('bad'), faint: mark('faint') };
    const all = summary({ total: 12, skipped: 1, gone: 1, failed: 10 });
    const colored = summaryLines({ summary: all }, paint);
    expect(colored[1]).toBe('   0  saved    0 B');
    expect(colored.slice(2).map((line) => /<(\w+)>/.exec(line)?.[1])).toEqual(['faint', 'warn', 'bad']);
    expect(colored.map((line) => line.replaceAll(/<[^>]*>/g, ''))).toEqual(summaryLines({ summary: all }));
  });

  it('says less on a narrow terminal', () => {
    const all = summary({ total: 1_234_567, saved: 1, skipped: 1, gone: 1, failed: 1, bytes: 9e14 });
    for (const line of summaryLines({ summary: all }, undefined, 40)) expect(line.length).toBeLessThanOrEqual(40);
    expect(summaryLines({ summary: all }, undefined, 40).at(-1)).toBe('        1  failed   see failed.txt');
  });

  it('does not send to failed.txt where that does not list the rows', () => {
    const all = summary({ total: 2, saved: 1, failed: 1 });
    for (const columns of [80, 40]) {
      expect(summaryLines({ summary: all, unlisted: true }, undefined, columns).at(-1)).toBe('  1  failed  worth another run');
    }
  });

  it('tells how many rows are past the 6 months by their dates', () => {
    expect(summaryLines({ summary: summary(), pastRetention: 1 }).at(-1)).toBe('By their dates, 1 row of the list is past the 6 months.');
    expect(summaryLines({ summary: summary(), pastRetention: 2 }).at(-1)).toBe('By their dates, 2 rows of the list are past the 6 months.');
  });
});
