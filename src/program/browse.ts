import type { AddCommand } from './add-command.ts';
import { declare, flag, OUTPUT, optionsFrom, value, wholeFrom } from './flags.ts';
import { examples } from './help.ts';

const FLAGS = {
  'Page:': {
    open: flag('--open', 'open the page in the browser'),
    port: value('--port <n>', 'listen on this port of 127.0.0.1 (any free one if left out)', wholeFrom(0, 65_535)),
  },
  [OUTPUT]: { quiet: flag('-q, --quiet', 'print the address alone') },
};

/** Adds `browse`. */
export const addBrowse: AddCommand = (program, context, done) => {
  const command = program
    .command('browse')
    .summary('look through an archive and listen to it')
    .description(
      'Serve a page on this machine, where you can search an archive, listen to recordings, check them and take copies along. Nothing in the archive is changed. Ends with Ctrl-C.',
    )
    .argument('<archive>', 'a folder or s3://bucket/prefix filled by batch')
    .action(async (archive: string, given) => {
      const { runBrowse } = await import('../commands/browse.ts');
      done(await runBrowse({ archive, port: 0, ...optionsFrom(given, FLAGS) }, context));
    });
  declare(command, FLAGS);
  examples(
    command,
    ['Print an address to open in a browser', 'kaleyra-rec browse recordings'],
    ['Open it, too', 'kaleyra-rec browse recordings --open'],
    ['Serve it on a port of your choice', 'kaleyra-rec browse recordings --port 8080'],
  );
};
