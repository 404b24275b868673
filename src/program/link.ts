import type { AddCommand } from './add-command.ts';
import { addLogFlags, addOutputFlags, addServiceFlags, type Flags, given, outputOptions, serviceOptions, wholeFrom } from './flags.ts';
import { examples } from './help.ts';

/** Adds `link`. */
export const addLink: AddCommand = (program, context, done) => {
  const command = program
    .command('link')
    .summary('print a signed link for each recording')
    .description('Print a signed link for each recording, one a line, in the order asked. Whoever holds a link can listen to the call.')
    .argument('<id...>', 'recording ids')
    .optionsGroup('What:')
    .option('--validity <minutes>', 'how long the links stay valid (5 if left out)', wholeFrom(1))
    .addHelpText(
      'after',
      examples(
        ['kaleyra-rec link 1a2b3c4d==', 'for 5 minutes'],
        ['kaleyra-rec link --validity 60 1a2b3c4d== 5e6f7a8b==', 'two, for an hour'],
        ['kaleyra-rec link --json 1a2b3c4d== | jq -r .expiresAt', 'until when'],
      ),
    )
    .action(async (ids: string[], flags: Flags) => {
      const { runLink } = await import('../commands/link.ts');
      const validity = given('validityMinutes', flags.validity as number | undefined);
      done(await runLink({ ids, ...serviceOptions(flags), ...outputOptions(flags), ...validity }, context));
    });
  addLogFlags(addOutputFlags(addServiceFlags(command)));
};
