import type { Argument, Command, HelpConfiguration, Option } from 'commander';
import { HELP_COLUMNS } from './own-flags.ts';

/**
 * Flags on as few lines as can be: the choices of a flag stand in place of its value, as `--method <post|get>`, and its default behind what it
 * does. In the list of commands each stands with what it takes beside flags.
 */
export const helpStyle: HelpConfiguration = {
  optionTerm: ({ flags, argChoices }: Option) =>
    argChoices === undefined ? flags : flags.replace(/<[^>]+>/, () => `<${argChoices.join('|')}>`),
  optionDescription({ description, defaultValue, defaultValueDescription, required }: Option) {
    return !required || defaultValue === undefined ? description : `${description} (default: ${defaultValueDescription ?? defaultValue})`;
  },
  subcommandTerm: (command: Command) => [command.name(), ...command.registeredArguments.map(termOf)].join(' '),
};

function termOf(argument: Argument): string {
  const label = argument.variadic ? `${argument.name()}...` : argument.name();
  return argument.required ? `<${label}>` : `[${label}]`;
}

/** Worked examples, each a command and what it is for, as the end of a help page: on one line where all of them have room, else on two. */
export function examples(...rows: [command: string, use: string][]): string {
  const widest = Math.max(...rows.map(([command]) => command.length));
  const besides = rows.map(([command, use]) => `  ${command.padEnd(widest)}  # ${use}`);
  const fit = besides.every((line) => line.length <= HELP_COLUMNS);
  const lines = fit ? besides : rows.flatMap(([command, use]) => [`  # ${use}`, `  ${command}`]);
  return ['', 'Examples:', ...lines].join('\n');
}
