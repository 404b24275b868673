import type { Command } from 'commander';
import { maskKeys } from '../credentials/key-form.ts';
import { type RecordingError, usageError } from '../errors.ts';
import { nearest } from '../nearest.ts';

/** What people type, and what it is called here. */
const ALSO_KNOWN_AS: Readonly<Record<string, readonly string[]>> = {
  version: ['--version'],
  login: ['auth', 'login'],
  logout: ['auth', 'logout'],
};

/** The arguments under the names that the program knows: `login` is `auth login`. */
export function asKnown(argv: readonly string[]): readonly string[] {
  const [first = '', ...rest] = argv;
  return Object.hasOwn(ALSO_KNOWN_AS, first) ? [...(ALSO_KNOWN_AS[first] ?? []), ...rest] : argv;
}

/** The command that the arguments name, as far as they do, and the words that name it. */
export function commandOf(program: Command, argv: readonly string[]): { command: Command; words: string[] } {
  let command = program;
  const words = [program.name()];
  for (const word of argv) {
    const next = command.commands.find((candidate) => candidate.name() === word);
    if (next === undefined) break;
    command = next;
    words.push(word);
  }
  return { command, words };
}

/**
 * `help auth login` and `auth help login` as `auth login --help`, which commander knows; other arguments as they are. Throws USAGE for the
 * help of what is no command: commander would show another one's.
 */
export function helpAsFlag(program: Command, argv: readonly string[]): readonly string[] {
  const at = argv.indexOf('help');
  const before = commandOf(program, argv.slice(0, at));
  if (at < 0 || before.words.length - 1 < at || (at > 0 && before.command.commands.length === 0)) {
    if (argv.some((word) => word === '--help' || word === '-h')) refuseUnknown(program, argv);
    return argv;
  }
  const asked = argv.slice(at + 1).filter((word) => word !== 'help' && !word.startsWith('-'));
  const { command, words } = commandOf(program, [...argv.slice(0, at), ...asked]);
  const unknown = asked[words.length - 1 - at];
  if (unknown !== undefined) throw noSuchCommand(unknown, command, words);
  return [...words.slice(1), '--help'];
}

/** Throws USAGE where a word stands in the place of a command and is none. */
function refuseUnknown(program: Command, argv: readonly string[]): void {
  const { command, words } = commandOf(program, argv);
  const next = argv[words.length - 1];
  if (next !== undefined && !next.startsWith('-') && command.commands.length > 0) throw noSuchCommand(next, command, words);
}

function noSuchCommand(word: string, { commands }: Command, words: readonly string[]): RecordingError {
  const meant = nearest(
    word,
    commands.map((command) => command.name()),
  );
  return usageError(
    `There is no command '${maskKeys(word)}'.`,
    `${meant === undefined ? '' : `Did you mean ${meant}? `}See \`${words.join(' ')} --help\`.`,
  );
}
