import type { ReportEvent } from '../events.ts';
import { printable } from '../printable.ts';
import { type Paint, PLAIN } from './color.ts';
import { PROGRESS_MS } from './drawable.ts';
import { FailureLines } from './failure-lines.ts';
import { formatAttempt, formatBytes, formatDuration, formatTimeLeft, formatWait } from './format.ts';
import { Progress } from './progress.ts';
import type { ReportContext, Reporter } from './reporter.ts';
import { summaryLines } from './summary.ts';

/** Progress where no terminal draws it: a line when something fails, one now and then, and the summary. */
export function plainReporter({ system, stderr }: ReportContext, paint: Paint = PLAIN): Reporter {
  const progress = new Progress(() => system.elapsed());
  const failures = new FailureLines();
  let isBatch = false;
  let shownAt = system.elapsed();

  const show = () => {
    if (!isBatch || system.elapsed() - shownAt < PROGRESS_MS) return;
    shownAt = system.elapsed();
    stderr(progressLine(progress));
  };

  return {
    onEvent(event: ReportEvent) {
      progress.onEvent(event);
      switch (event.type) {
        case 'begun':
          isBatch = true;
          return;
        case 'notice':
          return stderr(printable(event.message));
        case 'retrying':
          if (!isBatch) stderr(`${printable(event.error.message)} ${formatAttempt(event.attempt, event.delayMs)}`);
          return show();
        case 'saved': {
          const { bytes, durationMs } = event.recording;
          if (!isBatch) stderr(`Saved ${formatBytes(bytes)} in ${formatDuration(durationMs)}.`);
          return show();
        }
        case 'gone':
        case 'failed': {
          const colour = event.type === 'gone' ? paint.warn : paint.bad;
          if (isBatch) for (const line of failures.lines(event)) stderr(line.replace(event.type, (word) => colour(word)));
          return;
        }
        case 'ended':
          for (const line of summaryLines(event, paint)) stderr(line);
          return;
        default:
          return show();
      }
    },
    close() {},
  };
}

/** `120 of 500: 100 saved, 18 skipped, 2 failed (12.0 MB), 3m 40s left`. */
function progressLine({ counts, bytes, wait, timeLeftMs }: Progress): string {
  const of = counts.total === undefined ? '' : ` of ${counts.total}`;
  const parts = [`${counts.saved} saved`];
  for (const outcome of ['skipped', 'gone', 'failed'] as const) if (counts[outcome] > 0) parts.push(`${counts[outcome]} ${outcome}`);
  const pace =
    wait !== undefined ? `, ${formatWait(wait.ms)}: ${wait.why}` : timeLeftMs !== undefined ? `, ${formatTimeLeft(timeLeftMs)}` : '';
  return `${counts.done}${of}: ${parts.join(', ')} (${formatBytes(bytes)})${pace}`;
}
