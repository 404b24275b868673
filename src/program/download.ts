import type { AddCommand } from './add-command.ts';
import { addLogFlags, addOutputFlags, addServiceFlags, type Flags, given, outputOptions, serviceOptions, wholeFrom } from './flags.ts';
import { examples } from './help.ts';

/** Adds `download`. */
export const addDownload: AddCommand = (program, context, done) => {
  const command = program
    .command('download')
    .summary('save one recording, or several')
    .description('Save a recording, proven whole before it gets its name, or several of them into a folder. Prints the path of each file.')
    .argument('<id...>', 'recording ids')
    .optionsGroup('What:')
    .option('-o, --output <path>', 'file, folder (existing, or ending in /) or - for standard output (the current folder)')
    .option('--force', 'replace a file that stands there')
    .option('--skip-existing', 'leave a file that stands there, and succeed')
    .option('--validity <minutes>', 'how long the link stays valid (5 if left out)', wholeFrom(1))
    .addHelpText(
      'after',
      examples(
        ['kaleyra-rec download 1a2b3c4d==', 'into this folder, as 1a2b3c4d==.mp3 or .wav'],
        ['kaleyra-rec download 1a2b3c4d== -o calls/ --skip-existing', 'into another folder, unless it is there'],
        ['kaleyra-rec download 1a2b3c4d== 5e6f7a8b== -o calls/', 'several into a folder'],
        ['kaleyra-rec download 1a2b3c4d== -o - | sox -t mp3 - -n stat', 'into another program'],
      ),
    )
    .action(async (ids: string[], flags: Flags) => {
      const { runDownload } = await import('../commands/download.ts');
      done(
        await runDownload(
          {
            ids,
            ...serviceOptions(flags),
            ...outputOptions(flags),
            ...given('validityMinutes', flags.validity as number | undefined),
            ...given('output', flags.output as string | undefined),
            force: flags.force === true,
            skipExisting: flags.skipExisting === true,
          },
          context,
        ),
      );
    });
  addLogFlags(addOutputFlags(addServiceFlags(command)));
};
