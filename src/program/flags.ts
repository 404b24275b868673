import { type Command, InvalidArgumentError, Option } from 'commander';

/** A flag as it is declared: one line in its command's table gives what commander parses, what the help says, and the typed field. */
export interface Flag<Value = unknown> {
  /** As the help shows it: `-d, --dir <dir>`. */
  readonly flags: string;
  /** What it does, in a few words that a list of completions has room for. */
  readonly does: string;
  /** Reads what was typed; `before` is what the same flag gave earlier on the line. Throws {@link InvalidArgumentError}. */
  readonly read?: (text: string, before: unknown) => unknown;
  readonly choices?: readonly string[];
  /** What it counts as where it is left out, as a user would type it. */
  readonly fallback?: string;
  /** Other spellings that people type. The help and the completions do not list them. */
  readonly aliases?: readonly string[];
  /** Whether it is taken and not shown: it does nothing here, and scripts give it all the same. */
  readonly isHidden?: boolean;
  /** The field's value, from what commander has. */
  readonly take: (given: unknown) => Value;
}

/** A command's flags: headings of its help page, and under each the fields of its options. */
export type FlagTable = Readonly<Record<string, Readonly<Record<string, Flag>>>>;

/** The options that a table gives. A field that nothing gives a value is left out (`exactOptionalPropertyTypes` tells the two apart). */
export type OptionsOf<Table extends FlagTable> = Merged<{ [Heading in keyof Table]: FieldsOf<Table[Heading]> }[keyof Table]>;

type ValueOf<Field> = Field extends Flag<infer Value> ? Value : never;
type FieldsOf<Fields> = { [Name in keyof Fields as undefined extends ValueOf<Fields[Name]> ? never : Name]: ValueOf<Fields[Name]> } & {
  [Name in keyof Fields as undefined extends ValueOf<Fields[Name]> ? Name : never]?: Exclude<ValueOf<Fields[Name]>, undefined>;
};
type Merged<Union> = (Union extends unknown ? (one: Union) => void : never) extends (all: infer All) => void ? All : never;

/** The heading that the help's own flag stands under. */
export const OUTPUT = 'Output:';

/** A switch: true where it is given. */
export function flag(flags: string, does: string): Flag<boolean> {
  return { flags, does, take: (given) => given === true };
}

/** A switch such as `--no-color`: true unless it is given. */
export function switchOff(flags: string, does: string): Flag<boolean> {
  return { flags, does, take: (given) => given !== false };
}

/** A flag that takes a text. */
export function text(flags: string, does: string): Flag<string | undefined>;
export function text(flags: string, does: string, fallback: string): Flag<string>;
export function text(flags: string, does: string, fallback?: string): Flag<string | undefined> {
  return { flags, does, ...(fallback !== undefined && { fallback }), take: (given) => given as string | undefined };
}

/** A flag that takes what `read` makes a value of, as {@link wholeFrom} and {@link aboveZero} do. */
export function value<Value>(flags: string, does: string, read: (text: string) => Value): Flag<Value | undefined>;
export function value<Value>(flags: string, does: string, read: (text: string) => Value, fallback: string): Flag<Value>;
export function value<Value>(flags: string, does: string, read: (text: string) => Value, fallback?: string): Flag<Value | undefined> {
  return { flags, does, read, ...(fallback !== undefined && { fallback }), take: (given) => given as Value | undefined };
}

/** A flag that takes one of some words, in either letter case. */
export function choice<Word extends string>(flags: string, does: string, choices: readonly Word[]): Flag<Word | undefined>;
export function choice<Word extends string>(flags: string, does: string, choices: readonly Word[], fallback: Word): Flag<Word>;
export function choice<Word extends string>(
  flags: string,
  does: string,
  choices: readonly Word[],
  fallback?: Word,
): Flag<Word | undefined> {
  return {
    ...{ flags, does, choices, ...(fallback !== undefined && { fallback }) },
    read: (text) => wordOf(choices, text),
    take: (given) => given as Word | undefined,
  };
}

/** In either letter case, as people type it. */
function wordOf<Word extends string>(choices: readonly Word[], text: string): Word {
  const word = choices.find((choice) => choice.toLowerCase() === text.toLowerCase());
  if (word === undefined) throw new InvalidArgumentError(`Allowed choices are ${choices.join(', ')}.`);
  return word;
}

/** A flag that may be given several times; its values in their order. */
export function repeated(flags: string, does: string): Flag<readonly string[] | undefined> {
  return {
    flags,
    does,
    read: (text, before) => [...((before as readonly string[] | undefined) ?? []), text],
    take: (given) => given as readonly string[] | undefined,
  };
}

/** The same flag, known by other names too. */
export function alias<Value>(of: Flag<Value>, ...aliases: string[]): Flag<Value> {
  return { ...of, aliases };
}

/** The same flag where it does nothing: it is taken, as everywhere, and not offered. */
export function unoffered<Value>(of: Flag<Value>): Flag<Value> {
  return { ...of, isHidden: true };
}

/** Adds a table's flags to a command. */
export function declare(command: Command, table: FlagTable): Command {
  for (const [heading, fields] of Object.entries(table)) {
    command.optionsGroup(heading);
    if (heading === OUTPUT) command.helpOption('-h, --help', 'show this help');
    for (const each of Object.values(fields)) {
      const option = notAnother(optionOf(each.flags, each), command);
      command.addOption(each.isHidden ? option.hideHelp() : option);
      for (const flags of each.aliases ?? []) {
        const other = notAnother(optionOf(flags, { ...each, fallback: undefined }).hideHelp(), command);
        other.attributeName = () => option.attributeName();
        command.addOption(other);
      }
    }
  }
  return command;
}

/** Has an option refuse another flag of the command in the place of its value: `-d --json` would fill a folder of that name. */
function notAnother(option: Option, command: Command): Option {
  if (!option.required) return option;
  const read = option.parseArg;
  return option.argParser((text, before) => {
    if (text.length > 1 && command.options.some(({ short, long }) => text === short || text === long))
      throw new InvalidArgumentError(`It is a flag: give ${option.long} a value in front of it.`);
    return read === undefined ? text : read(text, before);
  });
}

function optionOf(
  flags: string,
  { does, read, choices, fallback }: Pick<Flag, 'does' | 'read' | 'choices'> & { fallback?: string | undefined },
): Option {
  const option = new Option(flags, does);
  if (choices !== undefined) option.choices(choices);
  if (read !== undefined) option.argParser(read);
  if (fallback !== undefined) option.default(read === undefined ? fallback : read(fallback, undefined), fallback);
  return option;
}

/** What a command was given, as its options. */
export function optionsFrom<Table extends FlagTable>(given: Readonly<Record<string, unknown>>, table: Table): OptionsOf<Table> {
  const fields = Object.values(table).flatMap((group) => Object.entries(group));
  const values = fields.map(([name, { flags, take }]) => [name, take(given[new Option(flags).attributeName()])]);
  return Object.fromEntries(values.filter(([, found]) => found !== undefined));
}

/** Reads a whole number of at least `least`, and at most `most` where that is given. */
export function wholeFrom(least: number, most = Number.MAX_SAFE_INTEGER): (text: string) => number {
  return (text) => {
    const number = Number(text);
    if (!/^\d+$/.test(text) || !Number.isSafeInteger(number) || number < least || number > most) {
      const bound = most === Number.MAX_SAFE_INTEGER ? `of ${least} or more` : `from ${least} to ${most}`;
      throw new InvalidArgumentError(`Give a whole number ${bound}.`);
    }
    return number;
  };
}

/** Reads a number above 0, fractions allowed. */
export function aboveZero(text: string): number {
  const number = Number(text);
  if (!/^\d+(\.\d+)?$|^\.\d+$/.test(text) || !(number > 0)) throw new InvalidArgumentError('Give a number greater than 0.');
  return number;
}

/** Reads seconds, fractions allowed, and gives milliseconds. Node's timers end at 2^31 ms, which is 24 days. */
export function seconds(text: string): number {
  const ms = Math.ceil(aboveZero(text) * 1000);
  if (ms > 2 ** 31 - 1) throw new InvalidArgumentError('Give less than 2147483 seconds.');
  return ms;
}
