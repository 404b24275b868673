import { type Command, CommanderError } from 'commander';
import type { CommandContext } from './commands/context.ts';
import { asRecordingError, EXIT_DONE, interruptedError, type RecordingError, usageError } from './errors.ts';
import { createProgram } from './program.ts';
import { createRedactor } from './redact.ts';
import { wantsColor } from './report/color.ts';
import { errorLines } from './report/error-lines.ts';
import { failureLine } from './report/json.ts';
import { type StandardOutput, watchOutput } from './standard-output.ts';
import { processSystem, type System } from './system.ts';

/** After a first signal, what does not stop by itself is ended after so long. The contract allows 2 seconds. */
const STOP_MS = 1800;

/**
 * Runs the command line and resolves with its exit code. The only place where errors become text and exit codes, and where signals become
 * an AbortSignal: the first one stops the work in good order, the second ends the process at once.
 */
export async function main(system: System = processSystem()): Promise<number> {
  const stop = new AbortController();
  const stopping = listenForStop(system, stop);
  const output = watchOutput(system.stdout, (fault) => stop.abort(fault));
  const context = createContext(system, stop.signal, output, stopping.withoutBound);
  try {
    const exitCode = await run(context);
    await output.flushed();
    if (output.fault !== undefined && !output.isClosed) throw output.fault;
    return exitCode;
  } catch (thrown) {
    return output.isClosed ? EXIT_DONE : tellError(asRecordingError(thrown), context);
  } finally {
    stopping.unlisten();
  }
}

/** Runs the command that the arguments name. Returns its exit code; throws what it throws, and USAGE where they name none or a wrong flag. */
async function run(context: CommandContext): Promise<number> {
  const { argv } = context.system;
  let exitCode: number = EXIT_DONE;
  const program = await createProgram(context, (code) => {
    exitCode = code;
  });
  try {
    await program.parseAsync(argv, { from: 'user' });
    return exitCode;
  } catch (thrown) {
    if (!(thrown instanceof CommanderError)) throw thrown;
    if (thrown.exitCode === EXIT_DONE) return EXIT_DONE;
    const { command, words } = commandOf(program, argv);
    if (isBareCommand(thrown)) {
      command.outputHelp();
      return EXIT_DONE;
    }
    const error = commandLineError(thrown, words);
    // No command has run that could have told it in its own way.
    if (flagsOf(argv).includes('--json')) context.stdout(JSON.stringify(failureLine(null, 'failed', error)));
    throw error;
  }
}

/** Whether a command was given without the subcommand that it wants: its help is the answer, and no error. */
function isBareCommand({ code }: CommanderError): boolean {
  return code === 'commander.help';
}

function createContext(system: System, signal: AbortSignal, output: StandardOutput, stopsInItsOwnTime: () => void): CommandContext {
  const redactor = createRedactor();
  // Nobody is left to be told.
  system.stderr.on('error', () => {});
  return {
    system,
    signal,
    redactor,
    stopsInItsOwnTime,
    stdout: output.line,
    stderr(line) {
      // Whoever closes the pipe has what he wanted; what is left undone is no news to him.
      if (!output.isClosed) system.stderr.write(`${redactor.redact(line)}\n`);
    },
  };
}

function listenForStop(system: System, stop: AbortController): { unlisten: () => void; withoutBound: () => void } {
  let signals = 0;
  let bounded = true;
  const unlisten = system.onStop((signal) => {
    signals += 1;
    const error = interruptedError(signal);
    if (signals > 1) return system.exit(error.exitCode);
    stop.abort(error);
    if (bounded) setTimeout(() => system.exit(error.exitCode), STOP_MS).unref();
  });
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
  for (let { cause } = error as Error; cause instanceof Error; cause = cause.cause) stderr(`cause: ${cause.stack}`);
}

/** The arguments that are this tool's own, and not those of a command that it runs. */
function flagsOf(argv: readonly string[]): readonly string[] {
  const end = argv.indexOf('--');
  return end < 0 ? argv : argv.slice(0, end);
}

/** The command that the arguments name, as far as they do, and the words that name it. */
function commandOf(program: Command, argv: readonly string[]): { command: Command; words: string[] } {
  let command = program;
  const words = [program.name()];
  for (const word of argv) {
    const next = command.commands.find((candidate) => candidate.name() === word);
    if (next === undefined) break;
    command = next;
    words.push(word);
  }
  return { command, words };
}

/** commander's error as ours: its message in one sentence, its suggestion as the hint. */
function commandLineError(error: CommanderError, words: readonly string[]): RecordingError {
  const [, message = '', suggestion] = /^(?:error: )?([\s\S]*?)(?:\n\((Did you mean .*)\))?$/.exec(error.message) ?? [];
  const sentence = message.charAt(0).toUpperCase() + message.slice(1).replace(/\.?$/, '.');
  return usageError(sentence, `${suggestion === undefined ? '' : `${suggestion} `}See \`${words.join(' ')} --help\`.`);
}
