import type { Argument, Command, Option } from 'commander';
import { brief, oneLine } from './text.ts';

/** What can stand in one place of the command line: the value of a flag, or an operand. */
export type Value =
  /** Anything, as an id or a number: there is nothing to propose. */
  | { kind: 'free' }
  | { kind: 'choice'; choices: readonly Choice[] }
  | { kind: 'file' }
  | { kind: 'folder' }
  /** The name of a stored profile: known only when the shell asks. */
  | { kind: 'profile' }
  /** Behind `--`, another command with its own arguments. */
  | { kind: 'command' };

/** One of the words that a {@link Value} can be. */
export interface Choice {
  name: string;
  /** One line; empty where there is nothing to say. */
  description: string;
}

/** A flag under all its names. */
export interface Flag {
  /** As they are typed: `-d`, `--dir`. */
  names: readonly string[];
  /** One line. */
  description: string;
  /** Left out for a switch. */
  value?: Value;
  /** What the help calls the value, as `dir`; empty for a switch. */
  label: string;
}

/** An argument that is no flag. */
export interface Operand {
  /** What the help calls it, as `source`. */
  label: string;
  required: boolean;
  /** Whether it takes all that follow. */
  variadic: boolean;
  value: Value;
}

/** A command as a shell has to know it, with the commands below it. */
export interface CommandNode {
  /** The words that lead to it, without the tool's own name: none for the tool itself, else as `auth`, `login`. */
  path: readonly string[];
  /** Its own name, and its aliases. */
  names: readonly string[];
  /** One line. */
  description: string;
  flags: readonly Flag[];
  operands: readonly Operand[];
  commands: readonly CommandNode[];
}

/** The words of the help for a value that is a file or folder. Whoever names a new flag's value by one of them gets file names for it. */
const KINDS: Readonly<Record<string, Value>> = {
  path: { kind: 'file' },
  file: { kind: 'file' },
  source: { kind: 'file' },
  dir: { kind: 'folder' },
  folder: { kind: 'folder' },
};

/**
 * What a program of commander takes, read from the very tree that parses the command line, so that the two cannot differ. Holds what the
 * help shows: no hidden commands and flags, but `help` and `--help`. A flag whose value may be left out counts as one that wants it.
 */
export function commandTree(command: Command, path: readonly string[] = []): CommandNode {
  const help = command.createHelp();
  const shown = help.visibleCommands(command);
  const own = shown.filter((child) => command.commands.includes(child));
  return {
    path,
    names: [command.name(), ...command.aliases()],
    description: describe(command),
    flags: help.visibleOptions(command).map(flagOf),
    operands: command.registeredArguments.map(operandOf),
    commands: shown.map((child) => {
      const node = commandTree(child, [...path, child.name()]);
      // commander makes `help` by itself, beside the commands that were declared: what it takes is their names.
      return own.includes(child) ? node : { ...node, operands: node.operands.map((operand) => ({ ...operand, value: namesOf(own) })) };
    }),
  };
}

/** A command and all those below it, each before its own. */
export function commandsOf(root: CommandNode): CommandNode[] {
  return [root, ...root.commands.flatMap(commandsOf)];
}

function describe(command: Command): string {
  return command.summary() === '' ? brief(command.description()) : oneLine(command.summary());
}

function namesOf(commands: readonly Command[]): Value {
  return { kind: 'choice', choices: commands.map((command) => ({ name: command.name(), description: describe(command) })) };
}

function flagOf(option: Option): Flag {
  const names = [option.short, option.long].filter((name) => name !== undefined);
  const label = /[<[]([^\]>.]*)/.exec(option.flags)?.[1] ?? '';
  const flag = { names, label, description: brief(option.description) };
  if (!option.required && !option.optional) return flag;
  return { ...flag, value: option.long === '--profile' ? { kind: 'profile' } : valueFor(option.argChoices, label) };
}

function operandOf(argument: Argument): Operand {
  const { required, variadic } = argument;
  const label = argument.name();
  const value: Value = label === 'command' && variadic ? { kind: 'command' } : valueFor(argument.argChoices, label);
  return { label, required, variadic, value };
}

function valueFor(choices: readonly string[] | undefined, label: string): Value {
  if (choices !== undefined) return { kind: 'choice', choices: choices.map((name) => ({ name, description: '' })) };
  return Object.hasOwn(KINDS, label) ? (KINDS[label] as Value) : { kind: 'free' };
}
