import { type CommandNode, commandsOf, type Operand, type Value } from './command-tree.ts';
import { fishReader } from './fish-reader.ts';
import { fishQuote, functionName } from './text.ts';

/** The completion script for fish (3.0 or later): a `complete` for each thing that can be typed, and {@link fishReader}. */
export function fishScript(root: CommandNode): string {
  const tool = root.names[0] ?? '';
  const name = functionName(tool);
  const all = commandsOf(root);
  return `# fish completion of ${tool}. To have it in every shell:
#   ${tool} completion fish > ~/.config/fish/completions/${tool}.fish

# $argv: a command, as the words that lead to it, and a word behind it. Prints the command that both name together; fails where the word is none.
function __${name}_step
    switch "$argv"
${all.flatMap((node) => node.commands.map((child) => stepCase(node, child))).join('\n')}
        case '*'
            return 1
    end
end

# $argv: a command, and one of its flags. Fails where that takes no value.
function __${name}_takes_value
    contains -- "$argv" ${all.flatMap(flagsWithValue).map(fishQuote).join(' ')}
end

${fishReader(tool, name)}

# What was said of it before would stand beside what is said now.
complete -c ${tool} -e
complete -c ${tool} -f
${all.flatMap((node) => lines(name, node).map((line) => `complete -c ${tool} ${line}`)).join('\n')}`;
}

/** A command as the functions of the script take it. */
function pathOf({ path }: CommandNode): string {
  return path.join(' ');
}

function stepCase(node: CommandNode, child: CommandNode): string {
  const words = child.names.map((name) => fishQuote(`${pathOf(node)} ${name}`)).join(' ');
  return `        case ${words}\n            echo ${fishQuote(pathOf(child))}`;
}

function flagsWithValue(node: CommandNode): string[] {
  return node.flags.flatMap(({ names, value }) => (value === undefined ? [] : names.map((name) => `${pathOf(node)} ${name}`)));
}

/** What can be typed behind a command, each as the arguments of a `complete`. */
function lines(name: string, node: CommandNode): string[] {
  const at = (...place: (string | number)[]) => `-n ${fishQuote([`__${name}_at`, fishQuote(pathOf(node)), ...place].join(' '))}`;
  const commands = node.commands.flatMap(({ names, description }) => names.map((command) => ({ name: command, description })));
  return [
    ...commands.map((command) => `${at('command')} ${wordArguments(command.name, command.description)}`),
    ...node.flags.map(({ names, description, value }) =>
      [at('flag'), ...names.map(nameArgument), ...(value === undefined ? [] : valueArguments(name, value)), described(description)].join(
        ' ',
      ),
    ),
    ...node.operands.flatMap((operand, index) =>
      operandArguments(name, operand).map((rest) => `${at(operand.variadic ? 'from' : 'operand', index)} ${rest}`),
    ),
  ];
}

function nameArgument(flag: string): string {
  return flag.startsWith('--') ? `-l ${fishQuote(flag.slice(2))}` : `-s ${fishQuote(flag.slice(1))}`;
}

function valueArguments(name: string, value: Value): string[] {
  switch (value.kind) {
    case 'choice':
      // fish reads what -a is given once more, as words of its own language.
      return ['-x', `-a ${fishQuote(value.choices.map((choice) => fishQuote(choice.name)).join(' '))}`];
    case 'file':
      return ['-r', '-F'];
    case 'folder':
      return ['-x', "-a '(__fish_complete_directories)'"];
    case 'profile':
      return ['-x', `-a '(__${name}_profiles)'`];
    case 'command':
    case 'free':
      return ['-x'];
  }
}

function operandArguments(name: string, { value }: Operand): string[] {
  switch (value.kind) {
    case 'choice':
      return value.choices.map((choice) => wordArguments(choice.name, choice.description));
    case 'file':
      return ['-F'];
    case 'folder':
      return ["-a '(__fish_complete_directories)'"];
    case 'profile':
      return [`-a '(__${name}_profiles)'`];
    case 'command':
      return [`-a '(__${name}_inner)'`];
    case 'free':
      return [];
  }
}

function wordArguments(word: string, description: string): string {
  return `-a ${fishQuote(fishQuote(word))}${description === '' ? '' : ` ${described(description)}`}`;
}

function described(description: string): string {
  return `-d ${fishQuote(description)}`;
}
