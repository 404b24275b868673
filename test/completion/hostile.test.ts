import { chmod, mkdir, readdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { completionScript } from '../../src/completion/script.ts';
import type { Shell } from '../../src/completion/shell.ts';
import { tempFolder } from '../helpers/temp-folder.ts';
import { describeShells, proposals, run, type ShellOptions } from './shells.ts';

/** What the shells read something into, and commands that would leave a trace. */
const EVIL = 'it\'s "a" $(touch pwned) `touch pwned` $HOME %F{red} [x] a:b \\ \\n {1,2} * ~ ! # & | < > ;';
const WORDS = ['plain', '$(touch pwned)', '`touch pwned`', 'a b', "it's", 'c:d', 'e\\f', '[g]', '*'];

/** A tool that answers every question with the same proposals. */
async function hostileShell(shell: Shell): Promise<ShellOptions> {
  const cwd = await tempFolder();
  const tool = join(cwd, 'bin', 'evil-tool');
  await mkdir(join(cwd, 'bin'));
  await writeFile(join(cwd, 'answer'), `nothing\n\n\n${WORDS.map((word) => `${word}\t${word} ${EVIL}`).join('\n')}\n`);
  await writeFile(tool, `#!/bin/sh\ncat ${join(cwd, 'answer')}\n`);
  await chmod(tool, 0o755);
  await writeFile(join(cwd, 'script'), completionScript(shell, 'evil-tool'));
  return { cwd, setup: 'source ./script', env: { HOME: cwd, PATH: `${join(cwd, 'bin')}:${process.env.PATH}` } };
}

describeShells((shell) => {
  test('proposes what is there and runs nothing, whatever stands in a proposal or its description', async () => {
    const options = await hostileShell(shell);
    const expected = { 'evil-tool ': [...WORDS].sort() };
    expect(await proposals(shell, Object.keys(expected), options)).toEqual(expected);
    expect(await readdir(options.cwd)).not.toContain('pwned');
  });

  // bash shows none.
  if (shell === 'bash') return;

  test('shows descriptions letter for letter', async () => {
    const options = await hostileShell(shell);
    const shown = await SHOW[shell](options);
    expect(shown.filter((line) => line.startsWith('plain') && line.includes(EVIL))).not.toEqual([]);
    expect(await readdir(options.cwd)).not.toContain('pwned');
  });
});

/** The lines that a shell shows when the Tab key finds several words. */
const SHOW = {
  async fish({ setup, ...options }: ShellOptions): Promise<string[]> {
    return (await run('fish', ['-c', `${setup}\ncomplete -C 'evil-tool '`], options)).split('\n');
  },
  async zsh({ setup, ...options }: ShellOptions): Promise<string[]> {
    const typist = `
zmodload zsh/zpty
zpty inner 'TERM=dumb zsh -f -i'
zpty -w inner "$1
COLUMNS=300 PS1='REA''DY> '"
zpty -r inner seen '*READY> '
zpty -w -n inner 'evil-tool '$'\\t\\x15\\n'
zpty -r inner seen '*READY> *READY> '
print -r -- $seen
zpty -d inner`;
    return (await run('zsh', ['-f', '-c', typist, 'zsh', setup], options)).split(/[\r\n]+/);
  },
};
