import type { AddCommand } from './add-command.ts';
import { type Flags, given, wholeFrom } from './flags.ts';
import { examples } from './help.ts';

/** Adds `sandbox`. */
export const addSandbox: AddCommand = (program, context, done) => {
  program
    .command('sandbox')
    .summary('a stand-in for the service on this machine')
    .description(
      'A stand-in for the service on this machine, with recordings that play: to try things, and to test scripts against, without an account.',
    )
    .argument('[command...]', 'run this against it, and end with its exit code; left out, serve until stopped')
    .usage('[options] [-- command...]')
    .option('--port <n>', 'listen on this port of 127.0.0.1 (any that is free)', wholeFrom(0))
    .option('-v, --verbose', 'a line for each request, on stderr')
    .addHelpText(
      'after',
      examples(
        ['kaleyra-rec sandbox', 'prints the settings for a shell, and serves until Ctrl-C'],
        ['kaleyra-rec sandbox -- kaleyra-rec link any-id', 'one command against it'],
        ['kaleyra-rec sandbox -- kaleyra-rec download sandbox-flaky', 'it fails once'],
      ),
    )
    .action(async (command: string[], flags: Flags) => {
      const { runSandbox } = await import('../commands/sandbox.ts');
      done(await runSandbox({ command, verbose: flags.verbose === true, ...given('port', flags.port as number | undefined) }, context));
    });
};
