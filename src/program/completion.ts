import { Argument } from 'commander';
import { PROFILES, SHELLS, type Shell, shellOrProfiles } from '../completion/shell-argument.ts';
import type { AddCommand } from './add-command.ts';
import { examples } from './help.ts';

/** Adds `completion`, whose script is made from the program as it is by then. */
export const addCompletion: AddCommand = (program, context, done) => {
  program
    .command('completion')
    .summary('print the completion script of a shell')
    .description('Print the completion script of a shell: for commands, flags, files and profile names. Each line below installs one.')
    .addArgument(new Argument('<shell>', 'which one').choices(SHELLS).argParser(shellOrProfiles))
    .addHelpText(
      'after',
      examples(
        ['source <(kaleyra-rec completion bash)', 'bash: this line in ~/.bashrc'],
        ['source <(kaleyra-rec completion zsh)', 'zsh: this line at the end of ~/.zshrc'],
        ['kaleyra-rec completion fish > ~/.config/fish/completions/kaleyra-rec.fish', 'fish: run it once, and after each update'],
      ),
    )
    .action(async (what: Shell | typeof PROFILES) => {
      const { runCompletion, runProfiles } = await import('../commands/completion.ts');
      done(await (what === PROFILES ? runProfiles(context) : runCompletion(what, program, context)));
    });
};
