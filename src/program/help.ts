import { type Argument, type Command, Help, type HelpConfiguration, type Option } from 'commander';

/** With fewer columns beside it, what a flag does stands below it. */
const LEAST_BESIDE = 25;

/** The examples of each command's help page, under their heading. */
const EXAMPLES = new WeakMap<Command, { heading: string; rows: readonly (readonly [use: string, line: string])[] }>();

/**
 * Flags on as few lines as can be: the choices of a flag stand in place of its value, as `--method <post|get>`, and its default behind what it
 * does. In the list of commands each stands with what it takes beside flags. Examples come before the flags.
 */
export const helpStyle: HelpConfiguration = {
  minWidthToWrap: LEAST_BESIDE,
  optionTerm: ({ flags, argChoices }: Option) =>
    argChoices === undefined ? flags : flags.replace(/<[^>]+>/, () => `<${argChoices.join('|')}>`),
  optionDescription({ description, defaultValue, defaultValueDescription, required }: Option) {
    return !required || defaultValue === undefined ? description : `${description} (default: ${defaultValueDescription ?? defaultValue})`;
  },
  subcommandTerm: (command: Command) => [command.name(), ...command.registeredArguments.map(termOf)].join(' '),
  styleTitle: bold,
  formatItem(term: string, termWidth: number, description: string, helper: Help) {
    const columns = helper.helpWidth ?? 80;
    if (columns - termWidth - 4 >= LEAST_BESIDE) return Help.prototype.formatItem.call(helper, term, termWidth, description, helper);
    return `  ${term}\n      ${helper.boxWrap(description, columns - 6).replaceAll('\n', '\n      ')}`;
  },
  formatHelp(command: Command, helper: Help) {
    const page = Help.prototype.formatHelp.call(helper, command, helper);
    const { heading = '', rows = [] } = EXAMPLES.get(command) ?? {};
    const columns = helper.helpWidth ?? 80;
    // A command must be pasted whole, and is not wrapped.
    const shown = rows.flatMap(([use, line]) => [`  ${helper.boxWrap(`${use}:`, columns - 2).replaceAll('\n', '\n  ')}`, `    ${line}`]);
    const usage = page.replace(/^.*/, (line) => helper.boxWrap(line, columns));
    // Behind the usage and the description.
    return rows.length === 0
      ? usage
      : usage.replace(/^(?:.+\n)+\n(?:.+\n)+/, (head) => `${head}\n${[bold(heading), ...shown, ''].join('\n')}`);
  },
};

/** A heading as terminals show it. Where no colors are wanted, commander takes the codes out. */
export function bold(text: string): string {
  return `\u001b[1m${text}\u001b[0m`;
}

function termOf(argument: Argument): string {
  const label = argument.variadic ? `${argument.name()}...` : argument.name();
  return argument.required ? `<${label}>` : `[${label}]`;
}

/** Gives a command's help page worked examples: what each is for, and below it the command, alone on its line so that it can be pasted. */
export function examples(command: Command, ...rows: [use: string, line: string][]): void {
  firstShown(command, 'Examples:', rows);
}

/** The same, under a heading of its own. */
export function firstShown(command: Command, heading: string, rows: readonly (readonly [use: string, line: string])[]): void {
  EXAMPLES.set(command, { heading, rows });
}
