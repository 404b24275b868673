import { type Command, CommanderError } from 'commander';
import type { CommandContext } from '../commands/context.ts';
import { EXIT_DONE, type RecordingError, usageError } from '../errors.ts';
import { toJsonLine } from '../printable.ts';
import { failureLine } from '../report/json.ts';
import { flagsOf } from './own-flags.ts';
import { createProgram } from './program.ts';

/** Runs the command that the arguments name. Returns its exit code; throws what it throws, and USAGE where they name none or a wrong flag. */
export async function runCommandLine(context: CommandContext): Promise<number> {
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
    if (flagsOf(argv).includes('--json')) context.stdout(toJsonLine(failureLine(null, 'failed', error)));
    throw error;
  }
}

/** Whether a command was given without the subcommand that it wants: its help is the answer, and no error. */
function isBareCommand({ code }: CommanderError): boolean {
  return code === 'commander.help';
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
