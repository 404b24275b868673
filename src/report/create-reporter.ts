import { PLAIN, wantsColor } from './color.ts';
import { canDraw } from './drawable.ts';
import type { ReportContext, Reporter, ReportOptions } from './reporter.ts';

/**
 * The reporters of a run, as one: results on standard output (`--json` or paths), progress on standard error (drawn on a terminal, plain
 * lines elsewhere; with `--quiet` what failed alone). What is not shown is not loaded.
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

async function progressReporter({ quiet, verbose, color }: ReportOptions, context: ReportContext): Promise<Reporter> {
  const { stderr, env } = context.system;
  if (quiet) return (await import('./quiet.ts')).quietReporter(context);
  if (canDraw(context.system) && !verbose) return (await import('./terminal.ts')).terminalReporter(context, { color });
  const paint = wantsColor(stderr, env, color) ? (await import('./chalk-paint.ts')).chalkPaint() : PLAIN;
  return (await import('./plain.ts')).plainReporter(context, paint);
}

function pathReporter({ stdout }: ReportContext): Reporter {
  return {
    onEvent(event) {
      if (event.type === 'saved') stdout(event.recording.file);
    },
    close() {},
  };
}
