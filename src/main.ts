import { readFileSync } from 'node:fs';
import type { CommandContext } from './commands/context.ts';
import { asRecordingError, EXIT_CODES, EXIT_DONE, interruptedError, RecordingError, WHOEVER } from './errors.ts';
import { printable, terminalText } from './printable.ts';
import { processSystem } from './process/process-system.ts';
import { flagsOf } from './program/own-flags.ts';
import { createRedactor } from './redact.ts';
import { wantsColor } from './report/color.ts';
import { errorLines } from './report/error-lines.ts';
import { type StandardOutput, watchOutput } from './report/standard-output.ts';
import type { System } from './system.ts';
import { version } from './version.ts';

/** After a first signal, what does not stop by itself is ended after so long. The contract allows 2 seconds. */
const STOP_MS = 1800;

/**
 * Runs the command line and resolves with its exit code; never rejects. The only place where errors become text and exit codes, and where
 * signals become an AbortSignal: the first one stops the work in good order, the second ends the process at once. What is thrown where nobody
 * catches it (a listener, a timer) stops the work in the same way, and ends as a fault of the tool.
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
  const context = createContext(system, stop.signal, output, stopping.within);
  const crash = listenForCrash(system, stop, context);
  try {
    const { runCommandLine } = await import('./program/command-line.ts');
    const exitCode = await runCommandLine(context);
    await output.flushed();
    if (crash.fault !== undefined) throw crash.fault;
    if (output.fault !== undefined && !output.isClosed) throw output.fault;
    return exitCode;
  } catch (thrown) {
    if (crash.fault !== undefined) return crash.tell();
    return output.isClosed ? EXIT_DONE : tellError(asRecordingError(thrown), context);
  } finally {
    stopping.unlisten();
    crash.unlisten();
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
 * build writes the help to a file beside this one; for a terminal, with its width and colors, or from the sources, it is made afresh.
 */
function answerAtOnce({ argv, stdout }: System): string | undefined {
  const [argument, ...others] = argv;
  if (others.length > 0) return undefined;
  if (argument === '--version' || argument === '-V') return version;
  if (argument !== undefined && argument !== '--help' && argument !== '-h') return undefined;
  return stdout.isTTY ? undefined : writtenHelp();
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

function createContext(system: System, signal: AbortSignal, output: StandardOutput, stopsWithin: (ms: number) => void): CommandContext {
  const redactor = createRedactor();
  return {
    system,
    signal,
    redactor,
    stopsWithin,
    stdout: (lines) => output.line(system.stdout.isTTY ? terminalText(lines) : lines),
    stderr(line) {
      // Whoever closes the pipe has what they wanted; what is left undone is no news to them.
      if (!output.isClosed) system.stderr.write(`${terminalText(redactor.redact(line))}\n`);
    },
  };
}

function listenForStop(system: System, stop: AbortController): { unlisten: () => void; within: (ms: number) => void } {
  let signals = 0;
  let stopMs = STOP_MS;
  const stopListening = system.onStop((signal) => {
    // A terminal that is closed says so more than once: the system to the process, and the shell to its jobs.
    if (signals > 0 && signal === 'SIGHUP') return;
    signals += 1;
    const error = interruptedError(signal);
    if (signals > 1) return system.exit(error.exitCode);
    stop.abort(error);
    if (Number.isFinite(stopMs)) setTimeout(() => system.exit(error.exitCode), stopMs).unref();
  });
  // After a first signal a second one still ends what is left: standard output that nobody reads keeps the process until its time is over.
  const unlisten = () => {
    if (signals === 0) stopListening();
  };
  const within = (ms: number) => {
    stopMs = ms;
  };
  return { unlisten, within };
}

/** Makes an end in good order of what nobody catches, and of a run that can never end: Node would say so in its own way, or not at all. */
function listenForCrash(system: System, stop: AbortController, context: CommandContext) {
  let fault: RecordingError | undefined;
  let isTold = false;
  const tell = () => {
    if (fault === undefined || isTold) return EXIT_CODES.UNEXPECTED;
    isTold = true;
    return tellError(fault, context);
  };
  const uncatch = system.onCrash((thrown) => {
    // Whoever threw may throw again at each step of the way out.
    if (fault !== undefined) return;
    fault = asRecordingError(asFault(thrown));
    stop.abort(fault);
    setTimeout(() => system.exit(tell()), STOP_MS).unref();
  });
  const unlisten = system.onStandstill(() => {
    fault ??= asRecordingError('there is nothing left to wait for');
    system.exit(tell());
  });
  return {
    get fault() {
      return fault;
    },
    tell,
    unlisten() {
      uncatch();
      unlisten();
    },
  };
}

/** An error of ours that got past everybody is a fault all the same: whoever should have caught it did not. */
function asFault(thrown: unknown): unknown {
  return thrown instanceof RecordingError ? new Error(thrown.message, { cause: thrown }) : thrown;
}

function tellError(error: RecordingError, context: CommandContext): number {
  const { stderr, env, argv } = context.system;
  const flags = flagsOf(argv);
  const colored = wantsColor(stderr, env, !flags.includes('--no-color'));
  for (const line of errorLines(error, colored)) context.stderr(error.code === 'UNEXPECTED' ? line.replace(WHOEVER, reportTo()) : line);
  if (flags.includes('-v') || flags.includes('--verbose')) tellCauses(error, context);
  return error.exitCode;
}

/** Whom to report a fault of the tool to: the address in the package's `bugs` field, else whoever gave it to the user. */
function reportTo(): string {
  try {
    const { bugs } = JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8')) as {
      bugs?: string | Record<string, string>;
    };
    return (typeof bugs === 'object' ? (bugs.url ?? bugs.email) : bugs) ?? WHOEVER;
  } catch {
    return WHOEVER;
  }
}

/** Where an error came from, for whoever is to find out why. */
function tellCauses(error: RecordingError, { stderr }: CommandContext): void {
  for (let { cause } = error as Error; cause instanceof Error; cause = cause.cause) {
    const [first = '', ...rest] = `${cause.stack}`.split('\n').map((line) => printable(line));
    for (const line of [`cause: ${first}`, ...rest]) stderr(line);
  }
}
