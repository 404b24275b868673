import { CommanderError } from 'commander';
import type { CommandContext } from './commands/context.ts';
import { asRecordingError, EXIT_DONE, interruptedError, type RecordingError, usageError } from './errors.ts';
import { createProgram } from './program.ts';
import { createRedactor } from './redact.ts';
import { wantsColor } from './report/color.ts';
import { errorLines } from './report/error-lines.ts';
import { failureLine } from './report/json.ts';
import { processSystem, type System } from './system.ts';

/** After a first signal, what does not stop by itself is ended after so long. The contract allows 2 seconds. */
const STOP_MS = 1800;

/** The reason to stop when nobody reads standard output any more (`| head -1`): no error, and nothing to tell. */
const CLOSED_PIPE = Symbol('standard output was closed');

/**
 * Runs the command line and resolves with its exit code. The only place where errors become text and exit codes, and where signals become
 * an AbortSignal: the first one stops the work in good order, the second ends the process at once.
 */
export async function main(system: System = processSystem()): Promise<number> {
  const stop = new AbortController();
  const stopping = listenForStop(system, stop);
  const context = createContext(system, stop, stopping.withoutBound);
  let exitCode: number = EXIT_DONE;
  try {
    const program = await createProgram(context, (code) => {
      exitCode = code;
    });
    try {
      await program.parseAsync(system.argv, { from: 'user' });
    } catch (thrown) {
      if (!isBareCommand(thrown)) throw thrown;
      const command = program.commands.find((candidate) => candidate.name() === system.argv[0]) ?? program;
      command.outputHelp();
    }
    return exitCode;
  } catch (thrown) {
    if (stop.signal.reason === CLOSED_PIPE) return EXIT_DONE;
    return tell(thrown, context);
  } finally {
    stopping.unlisten();
  }
}

/** Whether a command was given without the subcommand that it wants: its help is the answer, and no error. */
function isBareCommand(thrown: unknown): boolean {
  return thrown instanceof CommanderError && thrown.code === 'commander.help';
}

function createContext(system: System, stop: AbortController, stopsInItsOwnTime: () => void): CommandContext {
  const redactor = createRedactor();
  let open = true;
  system.stdout.on('error', (error: NodeJS.ErrnoException) => {
    open = false;
    // What else can go wrong with standard output (a full disk behind it) reaches the writer, or the end of the run.
    stop.abort(error.code === 'EPIPE' ? CLOSED_PIPE : asRecordingError(error));
  });
  // Nobody is left to be told.
  system.stderr.on('error', () => {});
  return {
    system,
    signal: stop.signal,
    redactor,
    stopsInItsOwnTime,
    stdout(line) {
      if (open) system.stdout.write(`${line}\n`);
    },
    stderr(line) {
      system.stderr.write(`${redactor.redact(line)}\n`);
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

function tell(thrown: unknown, context: CommandContext): number {
  const { system } = context;
  if (thrown instanceof CommanderError) {
    if (thrown.exitCode === 0) return EXIT_DONE;
    const error = commandLineError(thrown, system.argv);
    // No command has run that could have told it in its own way.
    if (system.argv.includes('--json')) context.stdout(JSON.stringify(failureLine(null, 'failed', error)));
    return tellError(error, context);
  }
  return tellError(asRecordingError(thrown), context);
}

function tellError(error: RecordingError, context: CommandContext): number {
  const { stderr, env, argv } = context.system;
  const colored = wantsColor(stderr, env, !argv.includes('--no-color'));
  for (const line of errorLines(error, colored)) context.stderr(line);
  return error.exitCode;
}

/** commander's error as ours: its message in one sentence, its suggestion as the hint. */
function commandLineError(error: CommanderError, argv: readonly string[]): RecordingError {
  const [message = '', ...rest] = error.message.replace(/^error: /, '').split('\n');
  const suggestion = rest.join(' ').replace(/^\((.*)\)$/, '$1 ');
  const command = argv.find((argument) => !argument.startsWith('-'));
  const help = command === undefined || error.code === 'commander.unknownCommand' ? 'kaleyra-rec --help' : `kaleyra-rec ${command} --help`;
  const sentence = message.charAt(0).toUpperCase() + message.slice(1).replace(/\.?$/, '.');
  return usageError(sentence, `${suggestion}See \`${help}\`.`);
}
