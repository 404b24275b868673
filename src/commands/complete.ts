import type { Command } from 'commander';
import { type Candidates, candidatesFor } from '../completion/candidates.ts';
import { shellWords } from '../completion/shell-words.ts';
import { checkProfileName } from '../credentials/settings.ts';
import { credentialSources } from '../credentials/sources.ts';
import { EXIT_DONE } from '../errors.ts';
import type { CommandContext } from './context.ts';

/**
 * Prints what a shell's completion script asks for: see `completionScript` for the lines. Behind `--line` stands the whole line up to the cursor,
 * of which only fitting proposals are wanted; else the words behind the tool's name, for shells that choose by rules of their own. Asks
 * neither network nor key. Returns exit code 0.
 */
export async function runComplete(argv: readonly string[], program: Command, context: CommandContext): Promise<number> {
  const isLine = argv[0] === '--line';
  const { words, isRedirected } = isLine ? shellWords(argv[1] ?? '') : { words: ['', ...argv], isRedirected: false };
  const found: Candidates = isRedirected
    ? { words: [], also: 'files', before: '', typed: words.at(-1) ?? '' }
    : await candidatesFor(program, words.slice(1), () => profiles(context));
  const fitting = found.words.filter(({ word }) => !isLine || word.startsWith(found.typed));
  const lines = fitting.map(({ word, does }) => `${word}\t${does}`);
  context.stdout([found.also, found.before, found.typed, ...lines].join('\n'));
  return EXIT_DONE;
}

/**
 * The names of the stored profiles. Nothing where there is no store or it is damaged: nobody who has pressed the Tab key wants to read about
 * it there. A name that no command would take is left out, whatever somebody wrote into the store.
 */
async function profiles({ system }: CommandContext): Promise<string[]> {
  try {
    const store = await credentialSources(system).openStore();
    return store.list().filter(isProfileName);
  } catch {
    return [];
  }
}

function isProfileName(name: string): boolean {
  try {
    checkProfileName(name, 'The profile');
    return true;
  } catch {
    return false;
  }
}
