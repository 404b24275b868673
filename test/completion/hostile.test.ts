import { readdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Argument, Command, Option } from 'commander';
import { expect, test } from 'vitest';
import { completionScript } from '../../src/completion/script.ts';
import type { Shell } from '../../src/completion/shell-argument.ts';
import { tempFolder } from '../helpers/temp-folder.ts';
import { describeShells, proposals, run, type ShellOptions } from './shells.ts';

/** What the shells read something into, and commands that would leave a trace. */
const evil = (name: string) => `${name} it's "a" $(touch pwned) \`touch pwned\` $HOME %F{red} [x] a:b \\ \\n {1,2} * ~ ! # & | < > ;`;
const CHOICES = ['plain', '$(touch pwned)', '`touch pwned`', 'a b', "it's", 'c:d', 'e\\f', '[g]', '*'];

function hostileProgram(): Command {
  const program = new Command('evil-tool').description(evil('tool'));
  program
    .command('run')
    .alias('r')
    .description(evil('run'))
    .option('-s, --switch', evil('switch'))
    .option('-o, --output <path>', evil('output'))
    .option('--odd <$(touch pwned)[x]:y>', evil('odd'))
    .addOption(new Option('--choice <$(touch pwned)>', evil('choice')).choices(CHOICES))
    .addArgument(new Argument('<thing>', evil('thing')).choices(CHOICES));
  program.command('group').description(evil('group')).command('leaf').description(evil('leaf'));
  return program;
}

async function hostileShell(shell: Shell): Promise<ShellOptions> {
  const cwd = await tempFolder();
  await writeFile(join(cwd, 'script'), completionScript(shell, hostileProgram()));
  return { cwd, setup: 'source ./script', env: { HOME: cwd, PATH: process.env.PATH ?? '' } };
}

describeShells((shell) => {
  test('proposes what is there and runs nothing, whatever stands in a description or a choice', async () => {
    const options = await hostileShell(shell);
    const expected = {
      'evil-tool ': ['group', 'help', 'r', 'run'],
      'evil-tool gr': ['group'],
      'evil-tool r --sw': ['--switch'],
      'evil-tool run --odd ': [],
      'evil-tool group le': ['leaf'],
      'evil-tool run ': [...CHOICES].sort(),
      'evil-tool run --choice ': [...CHOICES].sort(),
    };
    expect(await proposals(shell, Object.keys(expected), options)).toEqual(expected);
    expect(await readdir(options.cwd)).not.toContain('pwned');
  });

  // bash shows none.
  if (shell === 'bash') return;

  test('shows descriptions letter for letter', async () => {
    const options = await hostileShell(shell);
    const shown = await SHOW[shell](options);
    for (const name of ['group', '--switch', '--choice', '--odd']) {
      const description = evil(name.replace('--', ''));
      expect(shown.filter((line) => line.startsWith(name) && line.includes(description))).not.toEqual([]);
    }
    expect(await readdir(options.cwd)).not.toContain('pwned');
  });
});

/** The lines that a shell shows when the Tab key finds several commands, and several flags. */
const SHOW = {
  async fish({ setup, ...options }: ShellOptions): Promise<string[]> {
    return (await run('fish', ['-c', `${setup}\ncomplete -C 'evil-tool '\ncomplete -C 'evil-tool run --'`], options)).split('\n');
  },
  async zsh({ setup, ...options }: ShellOptions): Promise<string[]> {
    const typist = `
zmodload zsh/zpty
zpty inner 'TERM=dumb zsh -f -i'
zpty -w inner "$1
COLUMNS=300 PS1='REA''DY> '"
zpty -r inner seen '*READY> '
for line in 'evil-tool ' 'evil-tool run --'; do
  zpty -w -n inner "$line"$'\\t\\x15\\n'
  zpty -r inner seen '*READY> *READY> '
  print -r -- $seen
done
zpty -d inner`;
    return (await run('zsh', ['-f', '-c', typist, 'zsh', setup], options)).split(/[\r\n]+/);
  },
};
