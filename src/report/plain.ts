import type { RecordingError } from '../errors.ts';
import type { ReportEvent } from '../events.ts';
import { formatBytes, formatDuration, printable } from './format.ts';
import type { ReportContext, Reporter } from './reporter.ts';
import { Counts, summaryLines } from './summary.ts';

/** The least time between two lines of progress, in milliseconds. */
const PROGRESS_MS = 30_000;
/** So many failures are named; a log with thousands of them helps nobody, and the manifest holds them all. */
const NAMED_FAILURES = 20;

/** Progress where no terminal draws it: a line when something fails, one now and then, and the summary. */
export function plainReporter({ system, stderr }: ReportContext): Reporter {
  const counts = new Counts();
  let isBatch = false;
  let shownAt = system.elapsed();
  let named = 0;

  const name = (id: string, status: string, error: RecordingError) => {
    if (!isBatch) return;
    named += 1;
    if (named <= NAMED_FAILURES) stderr(`${status}: ${printable(id)}: ${error.message}`);
    else if (named === NAMED_FAILURES + 1)
      stderr('Further recordings that are not saved are not named here; manifest.jsonl names them all.');
  };
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
          return stderr(event.message);
        case 'retrying':
          if (!isBatch) stderr(`${event.error.message} Attempt ${event.attempt} in ${formatDuration(event.delayMs)}.`);
          return progress();
        case 'saved': {
          const { bytes, durationMs } = event.recording;
          if (!isBatch) stderr(`Saved ${formatBytes(bytes)} in ${formatDuration(durationMs)}.`);
          return progress();
        }
        case 'gone':
        case 'failed':
          return name(event.id, event.type, event.error);
        case 'ended':
          for (const line of summaryLines(event.summary)) stderr(line);
          return;
        default:
          return progress();
      }
    },
    close() {},
  };
}
