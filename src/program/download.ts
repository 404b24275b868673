import type { AddCommand } from './add-command.ts';
import { alias, declare, flag, optionsFrom, text } from './flags.ts';
import { examples } from './help.ts';
import { LOGGED, TRANSFERS, VALIDITY } from './shared-flags.ts';

const FLAGS = {
  'Download:': {
    output: alias(
      text('-o, --output <path>', 'file, folder/, s3://bucket/key or - for stdout (current folder if left out)'),
      '--out <path>',
    ),
    force: flag('--force', 'replace an existing file'),
    skipExisting: flag('--skip-existing', 'keep an existing file, and succeed'),
    validityMinutes: VALIDITY,
  },
  ...TRANSFERS,
  ...LOGGED,
};

/** Adds `download`. */
export const addDownload: AddCommand = (program, context, done) => {
  const command = program
    .command('download')
    .summary('save one recording, or several')
    .description(
      'Save a recording, or several in a folder. A file gets its name only once the recording is proven whole. Prints the path of each file.',
    )
    .argument('<id...>', 'recording ids')
    .action(async (ids: string[], given) => {
      const { runDownload } = await import('../commands/download.ts');
      done(await runDownload({ ids, ...optionsFrom(given, FLAGS) }, context));
    });
  declare(command, FLAGS);
  examples(
    command,
    ['Save it in the current folder, as 1a2b3c4d==.mp3 or .wav', 'kaleyra-rec download 1a2b3c4d=='],
    ['Save it in another folder, unless it is there already', 'kaleyra-rec download 1a2b3c4d== -o calls/ --skip-existing'],
    ['Save several', 'kaleyra-rec download 1a2b3c4d== 5e6f7a8b== -o calls/'],
    ['Save it in a bucket', 'kaleyra-rec download 1a2b3c4d== -o s3://my-bucket/calls/'],
    ['Pass it to another program', 'kaleyra-rec download 1a2b3c4d== -o - | sox -t mp3 - -n stat'],
  );
};
