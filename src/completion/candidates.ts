import type { Command, Option } from 'commander';

/** What can stand in the place of the word under the cursor. */
export interface Candidates {
  words: readonly Candidate[];
  /** What the shell itself knows to propose beside them: files, folders, the name of a command, or what another command takes. */
  also: 'files' | 'folders' | 'commands' | 'command' | 'nothing';
  /** What stands before them in the same word: `--region=`. */
  before: string;
  /** What is typed of them. */
  typed: string;
}

/** One proposal. */
export interface Candidate {
  word: string;
  /** One line; empty where there is nothing to say. */
  does: string;
}

/** The words of the help for a value that is a file or folder. A flag or operand whose value is called so gets file names. */
const KINDS: Readonly<Record<string, 'files' | 'folders'>> = {
  path: 'files',
  file: 'files',
  source: 'files',
  dir: 'folders',
  folder: 'folders',
  archive: 'folders',
};

/** Where the words before the cursor lead to. */
interface Place {
  command: Command;
  /** The flag whose value comes next. */
  awaited: Option | undefined;
  given: Set<Option>;
  operands: number;
  /** The index of the first word behind `--`. */
  ended: number | undefined;
  isHelp: boolean;
}

/**
 * What a program of commander takes at the cursor, read from the very tree that parses the command line: commands, flags that are not
 * given yet, their values, operands. Hidden commands and flags are left out.
 *
 * @param words what is typed behind the program's name; the last is the one under the cursor, empty where none is begun.
 * @param profiles gives the names of the stored profiles, for `--profile`.
 */
export async function candidatesFor(program: Command, words: readonly string[], profiles: () => Promise<string[]>): Promise<Candidates> {
  const typed = words.at(-1) ?? '';
  const place = placeOf(program, words.slice(0, -1));
  const { command, awaited, operands, ended, isHelp } = place;
  const found = (list: readonly Candidate[], also: Candidates['also'] = 'nothing', before = ''): Candidates => ({
    words: list,
    also,
    before,
    typed: typed.slice(before.length),
  });
  const value = async (label: string, choices: readonly string[] | undefined, before = '') => {
    const known = choices ?? (label === 'profile' ? await profiles() : []);
    return found(
      known.map((word) => ({ word, does: '' })),
      Object.hasOwn(KINDS, label) && choices === undefined ? KINDS[label] : 'nothing',
      before,
    );
  };
  const valuesOf = (option: Option, before?: string) =>
    value(option.long === '--profile' ? 'profile' : (/<([^>.]*)/.exec(option.flags)?.[1] ?? ''), option.argChoices, before);

  if (awaited !== undefined) return valuesOf(awaited);
  const [before] = ended === undefined ? (/^--[^=]+=/.exec(typed) ?? []) : [];
  if (before !== undefined) {
    const option = optionNamed(command, before.slice(0, -1));
    return option?.required ? valuesOf(option, before) : found([]);
  }
  if (ended === undefined && !isHelp && typed.startsWith('-')) return found(flagsOf(place));
  if (ended === undefined && operands === 0 && command.commands.length > 0) return found(commandsOf(command, isHelp));
  const argument = command.registeredArguments[Math.min(operands, command.registeredArguments.length - 1)];
  if (argument === undefined || isHelp || (operands >= command.registeredArguments.length && !argument.variadic)) return found([]);
  if (argument.name() !== 'command') return value(argument.name(), argument.argChoices);
  if (ended === undefined) return found([{ word: '--', does: 'a command follows' }]);
  const inner = words.slice(ended);
  if (inner.length > 1 && inner[0] === program.name()) return candidatesFor(program, inner.slice(1), profiles);
  return found([], inner.length > 1 ? 'command' : 'commands');
}

function placeOf(program: Command, words: readonly string[]): Place {
  const place: Place = { command: program, awaited: undefined, given: new Set(), operands: 0, ended: undefined, isHelp: false };
  const give = (name: string) => {
    const option = optionNamed(place.command, name);
    if (option !== undefined) place.given.add(option);
    return option?.required ? option : undefined;
  };
  for (const [index, word] of words.entries()) {
    if (place.awaited !== undefined) place.awaited = undefined;
    else if (place.ended !== undefined) place.operands += 1;
    else if (word === '--') place.ended = index + 1;
    else if (word.startsWith('--')) {
      const option = give(word.replace(/=.*/s, ''));
      if (!word.includes('=')) place.awaited = option;
    } else if (/^-./.test(word)) {
      // -qd calls: all but the last letter are switches. -dcalls: the value stands behind its letter.
      for (const [at, letter] of [...word.slice(1)].entries()) {
        const option = give(`-${letter}`);
        if (option === undefined) continue;
        if (at === word.length - 2) place.awaited = option;
        break;
      }
    } else step(place, word);
  }
  return place;
}

function step(place: Place, word: string): void {
  const next = place.operands > 0 ? undefined : place.command.commands.find((each) => each.name() === word);
  if (next !== undefined) place.command = next;
  else if (place.operands === 0 && word === 'help' && place.command.commands.length > 0) place.isHelp = true;
  else place.operands += 1;
}

function optionNamed(command: Command, name: string): Option | undefined {
  const all = [...command.options, ...command.createHelp().visibleOptions(command)];
  return all.find(({ long, short }) => long === name || short === name);
}

function flagsOf({ command, given }: Place): Candidate[] {
  const isGiven = (option: Option) => [...given].some((other) => other.attributeName() === option.attributeName());
  const visible = command.createHelp().visibleOptions(command);
  const flags = visible
    .filter((option) => option.variadic || !isGiven(option))
    .flatMap(({ long, short, description }) =>
      [long, short].flatMap((word) => (word === undefined ? [] : [{ word, does: oneLine(description) }])),
    );
  const takesCommand = command.registeredArguments[0]?.name() === 'command';
  return takesCommand ? [...flags, { word: '--', does: 'a command follows' }] : flags;
}

function commandsOf(command: Command, isHelp: boolean): Candidate[] {
  const all = command.createHelp().visibleCommands(command);
  return all
    .filter((each) => !isHelp || command.commands.includes(each))
    .map((each) => ({ word: each.name(), does: oneLine(each.summary() || (each.description().split(/\.(?:\s|$)/)[0] ?? '')) }));
}

/** A text as one line that a terminal shows as it stands: no line breaks, control characters or marks that turn the direction of writing. */
function oneLine(text: string): string {
  return text.replace(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\s]+/gu, ' ').trim();
}
