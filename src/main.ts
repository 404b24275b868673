import { readFileSync } from 'node:fs';
import type { CommandContext } from './commands/context.ts';
import { asRecordingError, EXIT_DONE, interruptedError, type RecordingError } from './errors.ts';
import { printable, terminalText } from './printable.ts';
import { flagsOf, HELP_COLUMNS } from './program/own-flags.ts';
import { createRedactor } from './redact.ts';
import { wantsColor } from './report/color.ts';
import { errorLines } from './report/error-lines.ts';
import { type StandardOutput, watchOutput } from './report/standard-output.ts';
import { processSystem, type System } from './system.ts';
import { version } from './version.ts';

/** After a first signal, what does not stop by itself is ended after so long. The contract allows 2 seconds. */
const STOP_MS = 1800;

/**
 * Runs the command line and resolves with its exit code. The only place where errors become text and exit codes, and where signals become
 * an AbortSignal: the first one stops the work in good order, the second ends the process at once.
 */
export async function main(system: System = processSystem()): Promise<number> {
  if (asksForDetails(system)) {
    const { versionDetails } = await import('./program/version-details.ts');
    return print(versionDetails(system), system);
  }
  const answer = answerAtOnce(system);
  return answer === undefined ? runToTheEnd(system) : print(answer, system);
}

async function runToTheEnd(system: System): Promise<number> {
  const stop = new AbortController();
  const stopping = listenForStop(system, stop);
  const output = watchOutput(system.stdout, (fault) => stop.abort(fault));
  const context = createContext(system, stop.signal, output, stopping.withoutBound);
  // Node would end without a word.
  const unlisten = system.onStandstill(() => system.exit(tellError(asRecordingError('it waits for what cannot come'), context)));
  try {
    const { runCommandLine } = await import('./program/command-line.ts');
    const exitCode = await runCommandLine(context);
    await output.flushed();
    if (output.fault !== undefined && !output.isClosed) throw output.fault;
    return exitCode;
  } catch (thrown) {
    return output.isClosed ? EXIT_DONE : tellError(asRecordingError(thrown), context);
  } finally {
    stopping.unlisten();
    unlisten();
  }
}

/** Writes an answer that needs no command; nothing is made for it that only a command needs. */
async function print(text: string, system: System): Promise<number> {
  const output = watchOutput(system.stdout, () => {});
  output.line(text);
  await output.flushed();
  if (output.fault === undefined || output.isClosed) return EXIT_DONE;
  return tellError(
    output.fault,
    createContext(system, new AbortController().signal, output, () => {}),
  );
}

/**
 * The two answers that are asked for most, given without the code that reads command lines: it would be two thirds of the time. The
 * build writes the help to a file beside this one; where it runs from its sources, or the terminal is narrower, the answer is made afresh.
 */
function answerAtOnce({ argv, stdout }: System): string | undefined {
  const [argument, ...others] = argv;
  if (others.length > 0) return undefined;
  if (argument === '--version' || argument === '-V') return version;
  if (argument !== undefined && argument !== '--help' && argument !== '-h') return undefined;
  return (stdout.columns || HELP_COLUMNS) < HELP_COLUMNS ? undefined : writtenHelp();
}

/** `--version --verbose`, in either order. */
function asksForDetails({ argv }: System): boolean {
  return argv.length === 2 && argv.some((flag) => /^(?:--version|-V)$/.test(flag)) && argv.some((flag) => /^(?:--verbose|-v)$/.test(flag));
}

function writtenHelp(): string | undefined {
  try {
    return readFileSync(new URL('./help.txt', import.meta.url), 'utf8').replace(/\n$/, '');
  } catch {
    return undefined;
  }
}

function createContext(system: System, signal: AbortSignal, output: StandardOutput, stopsInItsOwnTime: () => void): CommandContext {
  const redactor = createRedactor();
  let isWatched = false;
  return {
    system,
    signal,
    redactor,
    stopsInItsOwnTime,
    stdout: (lines) => output.line(system.stdout.isTTY ? terminalText(lines) : lines),
    stderr(line) {
      // Nobody is left to be told of an error of this stream.
      if (!isWatched) system.stderr.on('error', () => {});
      isWatched = true;
      // Whoever closes the pipe has what he wanted; what is left undone is no news to him.
      if (!output.isClosed) system.stderr.write(`${terminalText(redactor.redact(line))}\n`);
    },
  };
}

function listenForStop(system: System, stop: AbortController): { unlisten: () => void; withoutBound: () => void } {
  let signals = 0;
  let bounded = true;
  const stopListening = system.onStop((signal) => {
    signals += 1;
    const error = interruptedError(signal);
    if (signals > 1) return system.exit(error.exitCode);
    stop.abort(error);
    if (bounded) setTimeout(() => system.exit(error.exitCode), STOP_MS).unref();
  });
  // After a first signal a second one still ends what is left: standard output that nobody reads keeps the process until its time is over.
  const unlisten = () => {
    if (signals === 0) stopListening();
  };
  const withoutBound = () => {
    bounded = false;
  };
  return { unlisten, withoutBound };
}

function tellError(error: RecordingError, context: CommandContext): number {
  const { stderr, env, argv } = context.system;
  const flags = flagsOf(argv);
  const colored = wantsColor(stderr, env, !flags.includes('--no-color'));
  for (const line of errorLines(error, colored)) context.stderr(line);
  if (flags.includes('-v') || flags.includes('--verbose')) tellCauses(error, context);
  return error.exitCode;
}

/** Where an error came from, for whoever is to find out why. */
function tellCauses(error: RecordingError, { stderr }: CommandContext): void {
  for (let { cause } = error as Error; cause instanceof Error; cause = cause.cause) {
    const [first = '', ...rest] = `${cause.stack}`.split('\n').map((line) => printable(line));
    for (const line of [`cause: ${first}`, ...rest]) stderr(line);
  }
}
