import { CommanderError } from 'commander';
import type { CommandContext } from '../commands/context.ts';
import { EXIT_DONE } from '../errors.ts';
import { toJsonLine } from '../printable.ts';
import { failureLine } from '../report/json.ts';
import { flagsOf } from './own-flags.ts';
import { createProgram } from './program.ts';
import { asKnown, commandOf, helpAsFlag } from './spoken.ts';
import { commandLineError } from './usage.ts';

/** Runs the command that the arguments name. Returns its exit code; throws what it throws, and USAGE where they name none or a wrong flag. */
export async function runCommandLine(context: CommandContext): Promise<number> {
  const argv = asKnown(context.system.argv);
  const flags = flagsOf(argv);
  let exitCode: number = EXIT_DONE;
  const done = (code: number) => {
    exitCode = code;
  };
  if (argv[0] === '__complete') {
    const { runComplete } = await import('../commands/complete.ts');
    return runComplete(argv.slice(1), createProgram(context, done, []), context);
  }
  const program = createProgram(context, done, argv);
  try {
    await program.parseAsync(helpAsFlag(program, argv), { from: 'user' });
    return exitCode;
  } catch (thrown) {
    if (!(thrown instanceof CommanderError)) throw thrown;
    if (thrown.exitCode === EXIT_DONE) return EXIT_DONE;
    const named = commandOf(program, argv);
    // A command was given without the subcommand that it wants: its help is the answer, and no error.
    if (thrown.code === 'commander.help') {
      named.command.outputHelp();
      return EXIT_DONE;
    }
    const error = commandLineError(thrown, named);
    // No command has run that could have told it in its own way.
    if (flags.includes('--json')) context.stdout(toJsonLine(failureLine(null, 'failed', error)));
    throw error;
  }
}
