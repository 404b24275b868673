import { SPECIAL_IDS } from '../sandbox/scenarios.ts';

/** The sandbox's special ids and what becomes of them, a line each, or more where a terminal has only `width` columns. */
export function specialIds(width: number): string {
  const idWidth = Math.max(...SPECIAL_IDS.map(({ id }) => id.length));
  const rows = SPECIAL_IDS.flatMap(({ id, does }) => {
    const [first = '', ...more] = wrap(does, Math.max(20, width - idWidth - 2));
    return [`${id.padEnd(idWidth)}  ${first}`, ...more.map((line) => `${' '.repeat(idWidth)}  ${line}`)];
  });
  return rows.join('\n');
}

/** A text as lines of whole words, none longer than `width` unless a word is. */
function wrap(text: string, width: number): string[] {
  const lines: string[] = [];
  for (const word of text.split(' ')) {
    const last = lines.at(-1);
    if (last !== undefined && last.length + 1 + word.length <= width) lines[lines.length - 1] = `${last} ${word}`;
    else lines.push(word);
  }
  return lines;
}
