import { printable } from '../printable.ts';
import { FailureLines } from './failure-lines.ts';
import type { ReportContext, Reporter } from './reporter.ts';

/** What `--quiet` leaves: which recordings of a batch failed, or turned out gone, and what must always be told. The error of a single one ends the tool, and is told then. */
export function quietReporter({ stderr }: ReportContext): Reporter {
  const failures = new FailureLines();
  let isBatch = false;
  return {
    onEvent(event) {
      if (event.type === 'begun') isBatch = true;
      if (event.type === 'notice' && event.always) stderr(printable(event.message));
      if (isBatch && (event.type === 'gone' || event.type === 'failed')) for (const line of failures.lines(event)) stderr(line);
    },
    close() {},
  };
}
