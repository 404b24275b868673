import type { ReportEvent } from '../events.ts';
import type { System } from '../system.ts';

/** Takes what happens, and shows it its own way. */
export interface Reporter {
  onEvent(event: ReportEvent): void;
  /** Puts the terminal back as it was. To be called once, however the work ended. */
  close(): void;
}

/** What a reporter may write to, and read of its surroundings. */
export interface ReportContext {
  readonly system: System;
  /** Writes one line of result to standard output. */
  stdout(line: string): void;
  /** Writes one line, redacted, to standard error. */
  stderr(line: string): void;
}

/** How a command wants to be reported. */
export interface ReportOptions {
  json: boolean;
  quiet: boolean;
  /** A log goes to standard error as well, so that nothing is drawn there. */
  verbose: boolean;
  color: boolean;
  /** Whether the paths of saved files go to standard output. */
  paths: boolean;
}
