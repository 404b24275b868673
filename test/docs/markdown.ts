/**
 * The rows of the first table below a heading, each as its cells, trimmed. The header is left out.
 *
 * @throws {Error} where there is no such heading, or no table in its section
 */
export function tableBelow(markdown: string, heading: string): string[][] {
  const [, section] = `\n${markdown}`.split(`\n${heading}\n`);
  const [table] = section?.split(/\n#{2,} /, 1)[0]?.match(/^(?:\|.*\|\n)+/m) ?? [];
  const rows = table?.trimEnd().split('\n');
  if (!rows) throw new Error(`There is no table below "${heading}".`);
  return rows.slice(2).map((row) =>
    row
      .slice(1, -1)
      .split('|')
      .map((cell) => cell.trim()),
  );
}

/** A `kaleyra-rec` command as a text shows it. */
export interface ShownCommand {
  /** What follows the tool's name. */
  words: string[];
  /** Whether it stands in a block of commands, to be run as it is; a command that is mentioned in a sentence may lack its arguments. */
  isWhole: boolean;
}

/** A block of code between fences. */
export interface Block {
  /** What stands behind the opening fence; empty for nothing. */
  language: string;
  text: string;
}

/** A text's blocks of code, in their order. */
export function blocksOf(markdown: string): Block[] {
  return [...markdown.matchAll(/^```(\w*)\n(.*?)^```$/gms)].map(([, language = '', text = '']) => ({ language, text }));
}

/**
 * The text of the only block that holds `part`.
 *
 * @throws {Error} where there is none, or more than one
 */
export function blockWith(markdown: string, part: string): string {
  const found = blocksOf(markdown).filter(({ text }) => text.includes(part));
  if (found.length !== 1) throw new Error(`${found.length} blocks hold ${JSON.stringify(part)}.`);
  return found[0]?.text ?? '';
}

/** A line that is typed in a session at a terminal, and what is seen until the next one. */
export interface Exchange {
  command: string;
  seen: string;
}

/** A block of the language `console` as its lines that are typed (`$ …`), each with what follows it. */
export function session(text: string): Exchange[] {
  return [...text.matchAll(/^\$ (.*)\n((?:(?!\$ ).*\n)*)/gm)].map(([, command = '', seen = '']) => ({ command, seen }));
}

/** Every command of the tool in a text's blocks (`sh`, `console`, `yaml`, or no language named) and in its inline code. */
export function shownCommands(markdown: string): ShownCommand[] {
  const lines = blocksOf(markdown).flatMap(({ language, text }) => {
    if (language === 'console') return session(text).map(({ command }) => command);
    return ['', 'sh', 'yaml'].includes(language) ? text.split('\n') : [];
  });
  return [
    ...lines.flatMap(commandsIn).map((words) => ({ words, isWhole: true })),
    ...inlineCode(markdown)
      .flatMap(commandsIn)
      .map((words) => ({ words, isWhole: false })),
  ];
}

/** What stands between backticks within a text's sentences and tables. */
export function inlineCode(markdown: string): string[] {
  const prose = markdown.replace(/^```.*?^```$/gms, '');
  return [...prose.matchAll(/`([^`\n]+)`/g)].map(([, code = '']) => code);
}

/** The tool's commands in a line of shell, each as its words. One that another one runs (`sandbox -- kaleyra-rec link a`) counts as well. */
export function commandsIn(line: string): string[][] {
  const starts = line.matchAll(/(?<![\w./-])kaleyra-rec(?= )/g);
  return [...starts].map(({ index }) => shellWords(line.slice(index)).slice(1));
}

/** The words of the simple command that a line begins with: up to a pipe, a redirection, a separator, a comment or a closing bracket. */
function shellWords(line: string): string[] {
  const words: string[] = [];
  for (const [, end, word = ''] of line.matchAll(/\s*(?:(\d*[<>|&;)]|#|$)|((?:"[^"]*"|'[^']*'|[^\s"'<>|&;)])+))/g)) {
    if (end !== undefined) break;
    words.push(word.replace(/"([^"]*)"|'([^']*)'/g, '$1$2'));
  }
  return words;
}
