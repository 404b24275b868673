import { bashReader } from './bash-reader.ts';
import { type CommandNode, commandsOf, type Value } from './command-tree.ts';
import { functionName, quote } from './text.ts';

/**
 * The completion script for bash: three functions of `case` alone, made from the tree, and {@link bashReader}, which is the same for any
 * tree. It needs nothing of the package bash-completion.
 */
export function bashScript(root: CommandNode): string {
  const tool = root.names[0] ?? '';
  const name = functionName(tool);
  const all = commandsOf(root);
  return `# bash completion of ${tool}. To have it in every shell, put this line into ~/.bashrc:
#   source <(${tool} completion bash)

# $1: a command, as the words that lead to it. Sets the commands and the flags that can follow it, each flag as all its names.
__${name}_command() {
  commands=() flags=()
  case $1 in
${all.map(commandCase).join('\n')}
  esac
}

# $1: a command, $2: a word behind it. Sets the command that both name together; fails where the word is none.
__${name}_step() {
  case "$1 $2" in
${all.flatMap((node) => node.commands.map((child) => stepCase(node, child))).join('\n')}
    *) return 1 ;;
  esac
}

# $1: a command, $2: one of its flags, or an operand as <0>, <1> or <*>. Sets what it can be; fails where nothing can stand there.
__${name}_value() {
  choices=()
  case "$1 $2" in
${valueCases(all).join('\n')}
    *) return 1 ;;
  esac
}

${bashReader(tool, name)}
complete -F _${name} ${quote(tool)}`;
}

/** A command as the functions above take it. */
function pathOf({ path }: CommandNode): string {
  return path.join(' ');
}

function commandCase(node: CommandNode): string {
  const commands = node.commands.length === 0 ? '' : `\n      commands=${list(node.commands.flatMap(({ names }) => names))}`;
  return `    ${quote(pathOf(node))})${commands}
      flags=${list(node.flags.map(({ names }) => names.join(' ')))}
      ;;`;
}

function stepCase(node: CommandNode, child: CommandNode): string {
  return `    ${child.names.map((name) => quote(`${pathOf(node)} ${name}`)).join(' | ')}) command=${quote(pathOf(child))} ;;`;
}

/** What takes the same values shares a case. */
function valueCases(all: readonly CommandNode[]): string[] {
  const patterns = new Map<string, string[]>();
  const add = (node: CommandNode, place: string, value: Value) => {
    const setting = settingOf(value);
    patterns.set(setting, [...(patterns.get(setting) ?? []), quote(`${pathOf(node)} ${place}`)]);
  };
  for (const node of all) {
    for (const { names, value } of node.flags) if (value !== undefined) for (const name of names) add(node, name, value);
    for (const [index, { variadic, value }] of node.operands.entries()) add(node, variadic ? '<*>' : `<${index}>`, value);
  }
  return [...patterns].map(([setting, places]) => `    ${places.join(' | \\\n      ')})\n      ${setting}\n      ;;`);
}

function settingOf(value: Value): string {
  return value.kind === 'choice' ? `kind=choice choices=${list(value.choices.map(({ name }) => name))}` : `kind=${value.kind}`;
}

function list(words: readonly string[]): string {
  return `(${words.map(quote).join(' ')})`;
}
