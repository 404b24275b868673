/** The words of a command line of sh up to the cursor, without quotes and redirections. */
export interface ShellWords {
  words: string[];
  /** Whether the last word is the file of a redirection. */
  isRedirected: boolean;
}

/** One piece of a word: quoted, escaped or plain. A quote that is still open ends with the line. */
const PIECE = String.raw`'[^']*(?:'|$)|"(?:[^"\\]|\\.)*(?:"|$)|\\(?:.|$)|[^\s'"\\<>&|;]`;
const TOKEN = new RegExp(String.raw`\s*(?:((?:\d+|&)?[<>][<>&|]*)|((?:${PIECE})+)|[&|;]+)`, 'gsy');

/**
 * Reads a line as far as completion needs it: nothing is expanded. The last word is the one under the cursor, empty behind a blank. Of
 * several commands (`a | b`) the last counts.
 */
export function shellWords(line: string): ShellWords {
  let words: string[] = [];
  let isTarget = false;
  let isOpen = false;
  for (const { 0: token, 1: redirection, 2: word, index } of line.matchAll(TOKEN)) {
    isOpen = word !== undefined && index + token.length === line.length;
    if (redirection !== undefined) isTarget = true;
    else if (word === undefined) words = [];
    else if (isTarget && !isOpen) isTarget = false;
    else words.push(unquoted(word));
  }
  if (!isOpen) words.push('');
  return { words, isRedirected: isTarget };
}

function unquoted(word: string): string {
  return word.replace(new RegExp(PIECE, 'gs'), (piece) => {
    if (piece.startsWith("'")) return piece.replaceAll("'", '');
    if (piece.startsWith('"')) return piece.replace(/^"|(?<!\\)"$/g, '').replace(/\\([$`"\\])/g, '$1');
    return piece.replace(/^\\/, '');
  });
}
