import { spawn, spawnSync } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe } from 'vitest';
import { SHELLS, type Shell } from '../../src/completion/shell.ts';
import { HANG_MS } from '../helpers/eventually.ts';

/** The shell that a session runs in. */
export interface ShellOptions {
  /** Where it runs; the zsh session leaves a file there that it removes itself. */
  cwd: string;
  env: Readonly<Record<string, string>>;
  /** Code of the shell, a command a line, that is run before anything is typed. */
  setup: string;
}

/** A group of tests for each shell. Where one is not installed its tests are skipped, and the group's name says why. */
export function describeShells(tests: (shell: Shell) => void): void {
  for (const shell of SHELLS) {
    const isThere = spawnSync(shell, ['--version']).status === 0;
    describe.skipIf(!isThere)(isThere ? shell : `${shell} (skipped: it is not installed)`, () => tests(shell));
  }
}

/** What a shell proposes for each of the lines when the Tab key is pressed at its end: the words, sorted, without the slash behind folders. */
export async function proposals(shell: Shell, lines: readonly string[], options: ShellOptions): Promise<Record<string, string[]>> {
  const words = await SESSIONS[shell](lines, options);
  if (words.length !== lines.length) throw new Error(`${lines.length} lines were typed, and ${words.length} were seen.`);
  const proposed = words.map((found) => found.map((word) => word.replace(/(?<=.)\/$/, '')).sort());
  return Object.fromEntries(lines.map((line, index) => [line, proposed[index] ?? []]));
}

type Session = (lines: readonly string[], options: ShellOptions) => Promise<string[][]>;

const SESSIONS: Readonly<Record<Shell, Session>> = {
  // readline itself: M-* puts every proposal into the line. Then its first word is made a function that prints the words.
  async bash(lines, { setup, ...options }) {
    const input = `${setup}\nshow() { printf '%s\\t' "$@"; echo; }\n${lines.map((line) => `${line}\x1b*\x01show \n`).join('')}`;
    const shown = await run('bash', ['--norc', '--noprofile', '-i'], { ...options, input });
    return rows(shown).map((words, index) => behind(lines[index] ?? '', words));
  },
  // zsh's line editor runs on a terminal alone, which zsh itself can make. Its completer _all_matches is bash's M-*.
  async zsh(lines, { setup, ...options }) {
    await run('zsh', ['-f', '-c', ZSH_TYPIST, 'zsh', setup, ...lines], options);
    const shown = await readFile(join(options.cwd, ZSH_WORDS), 'utf8');
    await run('rm', [ZSH_WORDS], options);
    return rows(shown).map((words, index) => behind(lines[index] ?? '', words));
  },
  async fish(lines, { setup, ...options }) {
    const code = `${setup}\nfor line in $argv\nprintf '%s\\t' (complete -C $line | string split -f 1 \\t)\necho\nend`;
    const shown = await run('fish', ['-c', code, '--', ...lines], options);
    return rows(shown);
  },
};

const ZSH_WORDS = '.shown-words';

const ZSH_TYPIST = `
zmodload zsh/zpty
zpty inner 'TERM=dumb zsh -f -i'
zpty -w inner "$1
show() { printf '%s\\t' \\"\\$@\\" >> ${ZSH_WORDS}; echo >> ${ZSH_WORDS}; echo SHO''WN; }
zstyle ':completion:*' completer _all_matches _complete
zstyle ':completion:*' insert yes
PS1='REA''DY> '"
zpty -r inner seen '*READY> '
for line in "\${@:2}"; do
  zpty -w -n inner "$line"$'\\t\\x01show \\n'
  zpty -r inner seen '*SHOWN*READY> '
done
zpty -d inner`;

function rows(shown: string): string[][] {
  return shown
    .split('\n')
    .slice(0, -1)
    .map((row) => row.split('\t').filter((word) => word !== ''));
}

/** What was put into a line in place of its last word. Where nothing was, that word stands there still. */
function behind(line: string, words: readonly string[]): string[] {
  const own = line.replaceAll('\\ ', '_').split(' ');
  const found = words.slice(own.length - 1);
  return found.length === 1 && found[0] === own.at(-1) ? [] : found;
}

interface RunOptions extends Pick<ShellOptions, 'cwd' | 'env'> {
  input?: string;
}

/** Runs a program and gives what it prints to standard output. */
export function run(file: string, args: readonly string[], { cwd, env, input = '' }: RunOptions): Promise<string> {
  return new Promise((resolve, reject) => {
    // In a session of its own it has no terminal: an interactive shell would take the one that the tests run in.
    const child = spawn(file, args, { cwd, env: { INPUTRC: '/dev/null', HISTFILE: '', LC_ALL: 'C.UTF-8', ...env }, detached: true });
    const stdout: Buffer[] = [];
    const stderr: Buffer[] = [];
    child.stdout.on('data', (chunk: Buffer) => stdout.push(chunk));
    child.stderr.on('data', (chunk: Buffer) => stderr.push(chunk));
    const hang = setTimeout(() => {
      if (child.pid !== undefined) process.kill(-child.pid, 'SIGKILL');
      reject(new Error(`${file} hangs.\nstdout: ${Buffer.concat(stdout)}\nstderr: ${Buffer.concat(stderr)}`));
    }, HANG_MS);
    child.on('error', reject);
    child.on('close', () => {
      clearTimeout(hang);
      resolve(Buffer.concat(stdout).toString());
    });
    child.stdin.on('error', () => {});
    child.stdin.end(input);
  });
}
