import type { AddCommand } from './add-command.ts';
import { declare, optionsFrom } from './flags.ts';
import { examples } from './help.ts';
import { LOGGED, QUESTIONS, VALIDITY } from './shared-flags.ts';

const FLAGS = { 'Link:': { validityMinutes: VALIDITY }, ...QUESTIONS, ...LOGGED };

/** Adds `link`. */
export const addLink: AddCommand = (program, context, done) => {
  const command = program
    .command('link')
    .summary('print a signed link for each recording')
    .description('Print a signed link for each recording, one per line, in the order given. Anyone who has a link can listen to the call.')
    .argument('<id...>', 'recording ids')
    .action(async (ids: string[], given) => {
      const { runLink } = await import('../commands/link.ts');
      done(await runLink({ ids, ...optionsFrom(given, FLAGS) }, context));
    });
  declare(command, FLAGS);
  examples(
    command,
    ['Print a link that works for 5 minutes', 'kaleyra-rec link 1a2b3c4d=='],
    ['Print two links that work for an hour', 'kaleyra-rec link --validity 60 1a2b3c4d== 5e6f7a8b=='],
    ['Show until when a link works', 'kaleyra-rec link --json 1a2b3c4d== | jq -r .expiresAt'],
  );
};
