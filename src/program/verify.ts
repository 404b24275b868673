import type { AddCommand } from './add-command.ts';
import { addOutputFlags, type Flags, outputOptions } from './flags.ts';
import { examples } from './help.ts';

/** Adds `verify`. */
export const addVerify: AddCommand = (program, context, done) => {
  const command = program
    .command('verify')
    .summary('check a folder of recordings against its manifest')
    .description(
      'Check a folder of recordings against its manifest: every file is hashed again, and whatever is missing, short, changed or unreadable is named. So is any line of the manifest that is damaged.',
    )
    .argument('<dir>', 'a folder that batch has filled')
    .optionsGroup('What:')
    .option('--strict', 'a file that nobody recorded is an error too')
    .addHelpText(
      'after',
      examples(
        ['kaleyra-rec verify recordings', 'exit code 8 if anything is damaged'],
        ['kaleyra-rec verify recordings --strict --json', 'an object for each finding'],
        ['kaleyra-rec verify recordings -q || kaleyra-rec batch ids.txt --checksum', 'mend what is damaged'],
      ),
    )
    .action(async (dir: string, flags: Flags) => {
      const { runVerify } = await import('../commands/verify.ts');
      done(await runVerify({ dir, ...outputOptions(flags), strict: flags.strict === true }, context));
    });
  addOutputFlags(command);
};
