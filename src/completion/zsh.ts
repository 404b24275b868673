import { type CommandNode, commandsOf, type Flag, type Operand, type Value } from './command-tree.ts';
import { quote } from './text.ts';

/**
 * The completion script for zsh: a function for each command, which tells zsh's own `_arguments` what follows it. The same text works as
 * a file `_<tool>` in a folder of `fpath`, and sourced; sourced before zsh's completion is set up, it sets that up.
 */
export function zshScript(root: CommandNode): string {
  const tool = root.names[0] ?? '';
  const lists = new ChoiceLists(tool);
  const commands = commandsOf(root).map((node) => commandFunction(tool, node, lists));
  return `#compdef ${tool}
# zsh completion of ${tool}. To have it in every shell, put this line at the end of ~/.zshrc:
#   source <(${tool} completion zsh)
# or write it to a file named _${tool} in a folder of fpath.

${[...commands, ...lists.functions(), profileFunction(tool), innerFunction(tool)].join('\n\n')}

if [[ $funcstack[1] == _${tool} ]]; then
  _${tool} "$@"
else
  (( $+functions[compdef] )) || { autoload -Uz compinit && compinit -i }
  compdef _${tool} ${quote(tool)}
fi`;
}

/** The lists of choices that the script needs: a function for each, however many places it stands in. */
class ChoiceLists {
  readonly #tool: string;
  readonly #names = new Map<string, string>();

  constructor(tool: string) {
    this.#tool = tool;
  }

  /** The name of the function that proposes these choices. */
  nameOf(label: string, choices: readonly { name: string; description: string }[]): string {
    const items = choices.map(({ name, description }) => quote(`${escaped(name)}${description === '' ? '' : `:${escaped(description)}`}`));
    const body = `  local -a choices=(\n${items.map((item) => `    ${item}\n`).join('')}  )\n  _describe -t choices ${quote(label)} choices "$@"`;
    const name = this.#names.get(body) ?? `__${this.#tool}_choices_${this.#names.size + 1}`;
    this.#names.set(body, name);
    return name;
  }

  functions(): string[] {
    return [...this.#names].map(([body, name]) => `${name}() {\n${body}\n}`);
  }
}

function commandFunction(tool: string, node: CommandNode, lists: ChoiceLists): string {
  const nameOf = ({ path }: CommandNode) => `_${[tool, ...path].join('_')}`;
  const specs = node.flags.flatMap((flag) => flagSpecs(tool, flag, lists));
  if (node.commands.length === 0) {
    specs.push(...node.operands.map((operand, index) => operandSpec(tool, operand, index, lists)));
    // By the time that another command is to be proposed, zsh has cut off what stands before it.
    const before = node.operands.some(({ value }) => value.kind === 'command') ? `  local -a before=( "\${(@)words[1,CURRENT-1]}" )\n` : '';
    return `${nameOf(node)}() {\n${before}  _arguments -s -S : \\\n${specs.map((spec) => `    ${quote(spec)}`).join(' \\\n')}\n}`;
  }
  const choices = node.commands.flatMap(({ names, description }) => names.map((name) => ({ name, description })));
  specs.push(`1:command:${lists.nameOf('command', choices)}`, '*:::argument:->argument');
  return `${nameOf(node)}() {
  local curcontext=$curcontext context state state_descr line
  local -A opt_args
  integer ret=1
  _arguments -s -C : \\
${specs.map((spec) => `    ${quote(spec)}`).join(' \\\n')} && ret=0
  if [[ $state == argument ]]; then
    # The functions of the commands read the line from their own name on.
    words=( "$line[1]" "$words[@]" )
    (( CURRENT++ ))
    curcontext=\${curcontext%:*:*}:${[tool, ...node.path].join('-')}-$line[1]:
    case $line[1] in
${node.commands.map((child) => `      (${child.names.map(quote).join('|')}) ${nameOf(child)} && ret=0 ;;`).join('\n')}
    esac
  fi
  return ret
}`;
}

/** A flag as `_arguments` wants it, once for each of its names, of which it takes one. */
function flagSpecs(tool: string, { names, label, description, value }: Flag, lists: ChoiceLists): string[] {
  const others = names.length > 1 ? `(${names.join(' ')})` : '';
  const takes = value === undefined ? '' : `:${escaped(label)}:${action(tool, label, value, lists)}`;
  return names.map((name) => {
    // -dVALUE, --dir=VALUE, and either with a blank between.
    const joined = value === undefined ? '' : name.startsWith('--') ? '=' : '+';
    return `${others}${name}${joined}[${escaped(description)}]${takes}`;
  });
}

function operandSpec(tool: string, { label, required, variadic, value }: Operand, index: number, lists: ChoiceLists): string {
  // Proposes nothing, and says nothing either: where zsh says what is wanted, it puts no flag into the line.
  const act = value.kind === 'free' ? '()' : action(tool, label, value, lists);
  const place = value.kind === 'command' ? '*::' : variadic ? '*' : `${index + 1}${required ? '' : ':'}`;
  return `${place}:${escaped(label)}:${act}`;
}

function action(tool: string, label: string, value: Value, lists: ChoiceLists): string {
  switch (value.kind) {
    case 'choice':
      return lists.nameOf(label, value.choices);
    case 'file':
      return '_files';
    case 'folder':
      return '_files -/';
    case 'profile':
      return `__${tool}_profiles`;
    case 'command':
      return `__${tool}_inner`;
    case 'free':
      // A blank: zsh tells what is wanted, and proposes nothing.
      return ' ';
  }
}

function profileFunction(tool: string): string {
  return `__${tool}_profiles() {
  local expl
  local -a names=( \${(f)"$(_call_program profiles command ${tool} completion profiles </dev/null 2>/dev/null)"} )
  _wanted profiles expl 'stored profile' compadd -a names
}`;
}

function innerFunction(tool: string): string {
  return `__${tool}_inner() {
  if (( $before[(I)--] )); then
    _normal
  else
    compadd -- --
  fi
}`;
}

/** A text in a place where a colon or a bracket would end it. */
function escaped(text: string): string {
  return text.replace(/[\\:[\]]/g, '\\$&');
}
