import type { CommandContext } from '../commands/context.ts';
import type { ReportEvent } from '../events.ts';

/** Takes what happens, and shows it its own way. */
export interface Reporter {
  onEvent(event: ReportEvent): void;
  /** Puts the terminal back as it was. To be called once, however the work ended. */
  close(): void;
}

/** What a reporter may write to, and read of its surroundings. */
export type ReportContext = Pick<CommandContext, 'system' | 'stdout' | 'stderr'>;

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

/** Shows nothing. */
export const silent: Reporter = { onEvent() {}, close() {} };

/**
 * The reporters of a run, as one: results on standard output (`--json` or paths), progress on standard error (drawn on a terminal, plain
 * lines elsewhere, none with `--quiet`). What is not shown is not loaded.
 */
export async function createReporter(options: ReportOptions, context: ReportContext): Promise<Reporter> {
  const reporters: Reporter[] = [await progressReporter(options, context)];
  if (options.json) reporters.push((await import('./json.ts')).jsonReporter(context));
  else if (options.paths) reporters.push(pathReporter(context));
  return {
    onEvent(event) {
      for (const reporter of reporters) reporter.onEvent(event);
    },
    close() {
      for (const reporter of reporters) reporter.close();
    },
  };
}

async function progressReporter(options: ReportOptions, context: ReportContext): Promise<Reporter> {
  if (options.quiet) return silent;
  if (context.system.stderr.isTTY && !options.verbose)
    return (await import('./terminal.ts')).terminalReporter(context, { color: options.color });
  return (await import('./plain.ts')).plainReporter(context);
}

function pathReporter({ stdout }: ReportContext): Reporter {
  return {
    onEvent(event) {
      if (event.type === 'saved') stdout(event.recording.file);
    },
    close() {},
  };
}
