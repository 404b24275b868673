import type { BatchEnd } from '../events.ts';
import { type Colorize, type Paint, PLAIN } from './color.ts';
import { count, formatBytes, formatDuration } from './format.ts';

/**
 * A batch's summary as a small table: a row for each outcome that there is, then what was passed over, and how many rows are past the service's
 * 6 months by their dates. The table fits `columns`, from 40 on.
 */
export function summaryLines(end: Omit<BatchEnd, 'type'>, paint: Paint = PLAIN, columns = 80): string[] {
  const isNarrow = columns < 80;
  const { summary, pastRetention = 0, unlisted = false } = end;
  const { total, saved, skipped, gone, failed, bytes, durationMs, duplicates, blank } = summary;
  const rows: [number: number, outcome: string, colour: Colorize, what: string][] = [[saved, 'saved', paint.good, formatBytes(bytes)]];
  if (skipped > 0) rows.push([skipped, 'skipped', paint.faint, isNarrow ? 'saved before' : 'saved before, and still there']);
  if (gone > 0) rows.push([gone, 'gone', paint.warn, isNarrow ? 'invalid or expired' : 'invalid or expired: asking again is pointless']);
  const listed = isNarrow ? 'see failed.txt' : 'worth another run: listed in failed.txt';
  if (failed > 0) rows.push([failed, 'failed', paint.bad, unlisted ? 'worth another run' : listed]);
  const numbers = String(total).length;
  const outcomes = Math.max(...rows.map(([, outcome]) => outcome.length));
  const rate = bytes > 0 && durationMs >= 1000 ? ` (${formatBytes((bytes / durationMs) * 1000)}/s)` : '';
  const passed = [
    ...(duplicates > 0 ? [count(duplicates, 'repeated id')] : []),
    ...(blank > 0 ? [`${count(blank, 'row')} without an id`] : []),
  ];
  return [
    `${count(total, 'recording')} in ${formatDuration(durationMs)}${rate}`,
    ...rows.map(([number, outcome, colour, what]) => {
      // A colour on nothing says nothing.
      const word = (number > 0 ? colour : PLAIN.good)(outcome.padEnd(outcomes));
      return `  ${String(number).padStart(numbers)}  ${word}  ${what}`;
    }),
    ...(passed.length > 0 ? [`Passed over: ${passed.join(', ')}.`] : []),
    ...(pastRetention > 0
      ? [`By their dates, ${count(pastRetention, 'row')} of the list ${pastRetention === 1 ? 'is' : 'are'} past the 6 months.`]
      : []),
  ];
}
