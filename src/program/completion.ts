import { Argument } from 'commander';
import { SHELLS, type Shell } from '../completion/shell.ts';
import type { AddCommand } from './add-command.ts';
import { examples } from './help.ts';

/** Adds `completion`. */
export const addCompletion: AddCommand = (program, context, done) => {
  const command = program
    .command('completion')
    .summary('print the completion script for a shell')
    .description('Print the completion script for a shell. It completes commands, flags, their values, files and profile names.')
    .addArgument(new Argument('<shell>', 'your shell').choices(SHELLS))
    .action(async (shell: Shell) => {
      const { completionScript } = await import('../completion/script.ts');
      context.stdout(completionScript(shell, program.name()));
      done(0);
    });
  examples(
    command,
    ['bash: add this line to ~/.bashrc', 'source <(kaleyra-rec completion bash)'],
    ['zsh: add this line to the end of ~/.zshrc', 'source <(kaleyra-rec completion zsh)'],
    ['fish: run this once', 'kaleyra-rec completion fish > ~/.config/fish/completions/kaleyra-rec.fish'],
  );
};
