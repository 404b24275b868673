import type { Command } from 'commander';
import { bashScript } from './bash.ts';
import { type CommandNode, commandTree } from './command-tree.ts';
import { fishScript } from './fish.ts';
import type { Shell } from './shell-argument.ts';
import { zshScript } from './zsh.ts';

const SCRIPTS: Readonly<Record<Shell, (root: CommandNode) => string>> = { bash: bashScript, zsh: zshScript, fish: fishScript };

/**
 * The script that teaches a shell to complete the program's command line; without a line break at its end. It proposes files where files
 * belong, and asks `<program> completion profiles` for the names of profiles, a line each. No text of the program is run by the shell,
 * whatever stands in it.
 */
export function completionScript(shell: Shell, program: Command): string {
  return SCRIPTS[shell](commandTree(program));
}
