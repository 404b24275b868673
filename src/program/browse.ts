import type { AddCommand } from './add-command.ts';
import { type Flags, wholeFrom } from './flags.ts';
import { examples } from './help.ts';

/** Adds `browse`. */
export const addBrowse: AddCommand = (program, context, done) => {
  program
    .command('browse')
    .summary('look through an archive and listen to it')
    .description(
      'Serve a page on this machine, on which the recordings of an archive can be searched, played, checked and taken along. Nothing in the archive is changed.',
    )
    .argument('<archive>', 'a folder that batch has filled')
    .option('--open', 'open the page in the browser')
    .option('--port <n>', 'listen on this port of 127.0.0.1 (any that is free)', wholeFrom(0), 0)
    .option('-q, --quiet', 'print the address alone')
    .addHelpText(
      'after',
      examples(['kaleyra-rec browse recordings', 'prints an address to open'], ['kaleyra-rec browse recordings --open', 'opens it too']),
    )
    .action(async (archive: string, flags: Flags) => {
      const { runBrowse } = await import('../commands/browse.ts');
      done(await runBrowse({ archive, port: flags.port as number, open: flags.open === true, quiet: flags.quiet === true }, context));
    });
};
