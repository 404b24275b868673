import type { RecordingError } from '../errors.ts';
import type { BatchEnd, BatchSummary } from '../events.ts';
import { printable } from '../printable.ts';
import { type Colorize, type Paint, PLAIN } from './color.ts';
import { count, formatBytes, formatDuration } from './format.ts';

/**
 * A batch's summary as a small table: how it ended, a row for each outcome that there is, what was passed over, and where it all is. The table
 * fits `columns`, from 40 on; a path is not cut.
 */
export function summaryLines(end: Omit<BatchEnd, 'type'>, paint: Paint = PLAIN, columns = 80): string[] {
  const { summary, pastRetention = 0, archive, stopped } = end;
  const { total, bytes, durationMs } = summary;
  const rows = outcomesOf(end, paint, columns < 80);
  const numbers = String(total).length;
  const outcomes = Math.max(...rows.map(([, outcome]) => outcome.length));
  const rate = bytes > 0 && durationMs >= 1000 ? ` (${formatBytes((bytes / durationMs) * 1000)}/s)` : '';
  const passed = passedOver(summary);
  return [
    ...(stopped === undefined ? [] : [stopLine(stopped, end)]),
    `${count(total, 'recording')} in ${formatDuration(durationMs)}${rate}`,
    ...rows.map(([number, outcome, colour, what]) => {
      // A colour on nothing says nothing.
      const word = (number > 0 ? colour : PLAIN.good)(outcome.padEnd(outcomes));
      return `  ${String(number).padStart(numbers)}  ${word}  ${what}`;
    }),
    ...(passed.length > 0 ? [`Passed over: ${passed.join(', ')}.`] : []),
    ...(pastRetention > 0
      ? [
          `${count(pastRetention, 'call')} of the list ${pastRetention === 1 ? 'is' : 'are'} more than 6 months old by ${pastRetention === 1 ? 'its date' : 'their dates'}.`,
        ]
      : []),
    `Archive: ${printable(archive)}`,
  ];
}

type Row = [number: number, outcome: string, colour: Colorize, what: string];

function outcomesOf({ summary, failedList }: Omit<BatchEnd, 'type'>, paint: Paint, isNarrow: boolean): Row[] {
  const { saved, skipped, gone, failed, notReached, bytes } = summary;
  const listed = failedList === undefined ? 'see above' : `${isNarrow ? 'see' : 'listed in'} ${printable(failedList)}`;
  const rows: Row[] = [
    [saved, 'saved', paint.good, formatBytes(bytes)],
    [skipped, 'skipped', paint.faint, isNarrow ? 'saved before' : 'saved before, and still there'],
    [gone, 'gone', paint.warn, isNarrow ? 'invalid or expired' : 'invalid or expired: asking again is pointless'],
    [failed, 'failed', paint.bad, listed],
    [notReached, 'not reached', paint.warn, 'left for the next run'],
  ];
  return rows.filter(([number, outcome]) => number > 0 || outcome === 'saved');
}

/**
 * `Stopped: 8 saved, 22 not reached. Run the same command again.` What an error stopped is told below; of a signal this line is all that
 * is told, and names it.
 */
function stopLine(stopped: RecordingError, { summary, restUnread }: Omit<BatchEnd, 'type'>): string {
  const { saved, gone, failed, notReached } = summary;
  const parts = [`${saved} saved`];
  if (gone > 0) parts.push(`${gone} gone`);
  if (failed > 0) parts.push(`${failed} failed`);
  parts.push(`${notReached} not reached`);
  const rest = restUnread ? ' The rest of the list was not read.' : '';
  const what = stopped.code === 'INTERRUPTED' ? stopped.message.replace(/\.$/, '') : 'Stopped';
  return `${what}: ${parts.join(', ')}.${rest} Run the same command again.`;
}

/** What a list's rows that count for nothing were, in words: `2 repeated ids`, `1 row without an id`. */
export function passedOver(counts: Pick<BatchSummary, 'duplicates' | 'blank' | 'passedOver' | 'filtered'>): string[] {
  const { duplicates, blank, passedOver: others, filtered } = counts;
  const parts: string[] = [];
  if (duplicates > 0) parts.push(count(duplicates, 'repeated id'));
  if (blank > 0) parts.push(`${count(blank, 'row')} without an id`);
  if (others > 0) parts.push(`${count(others, 'line')} that ${others === 1 ? 'names' : 'name'} no recording`);
  if (filtered > 0) parts.push(`${filtered} filtered out`);
  return parts;
}
