import type { ReportEvent } from '../events.ts';
import { FailureLines } from './failure-lines.ts';
import { formatAttempt, formatBytes, formatDuration, printable } from './format.ts';
import type { ReportContext, Reporter } from './reporter.ts';
import { Counts, summaryLines } from './summary.ts';

/** The least time between two lines of progress, in milliseconds. */
const PROGRESS_MS = 30_000;

/** Progress where no terminal draws it: a line when something fails, one now and then, and the summary. */
export function plainReporter({ system, stderr }: ReportContext): Reporter {
  const counts = new Counts();
  const failures = new FailureLines();
  let isBatch = false;
  let shownAt = system.elapsed();

  const progress = () => {
    if (!isBatch || system.elapsed() - shownAt < PROGRESS_MS) return;
    shownAt = system.elapsed();
    stderr(counts.line());
  };

  return {
    onEvent(event: ReportEvent) {
      counts.onEvent(event);
      switch (event.type) {
        case 'begun':
          isBatch = true;
          return;
        case 'notice':
          return stderr(printable(event.message));
        case 'retrying':
          if (!isBatch) stderr(`${printable(event.error.message)} ${formatAttempt(event.attempt, event.delayMs)}`);
          return progress();
        case 'saved': {
          const { bytes, durationMs } = event.recording;
          if (!isBatch) stderr(`Saved ${formatBytes(bytes)} in ${formatDuration(durationMs)}.`);
          return progress();
        }
        case 'gone':
        case 'failed':
          if (isBatch) for (const line of failures.lines(event)) stderr(line);
          return;
        case 'ended':
          for (const line of summaryLines(event.summary, event.pastRetention)) stderr(line);
          return;
        default:
          return progress();
      }
    },
    close() {},
  };
}
