import type { Redactor } from '../redact.ts';
import type { ReportContext } from '../report/reporter.ts';

/** What every command is handed beside its own options. */
export interface CommandContext extends ReportContext {
  /** Aborted, with the error to end with as its reason, when the run is to stop. */
  readonly signal: AbortSignal;
  /** Knows the secrets of this run; every text that is not a result passes through it. */
  readonly redactor: Redactor;
  /**
   * Tells how long the command may take to end once it was told to stop, in milliseconds, before it is ended; `Infinity` where it waits for another
   * process to do so. A moment where this is never called.
   */
  stopsWithin(ms: number): void;
}
