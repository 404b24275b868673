import type { Redactor } from '../redact.ts';
import type { ReportContext } from '../report/reporter.ts';

/** What every command is handed beside its own options. */
export interface CommandContext extends ReportContext {
  /** Aborted, with the error to end with as its reason, when the run is to stop. */
  readonly signal: AbortSignal;
  /** Knows the secrets of this run; every text that is not a result passes through it. */
  readonly redactor: Redactor;
  /** Tells that the command waits for another process to stop, so that it is not ended after a while once it was asked to. */
  stopsInItsOwnTime(): void;
}
