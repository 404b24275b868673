import { SPECIAL_IDS } from '../sandbox/scenarios.ts';

/** The sandbox's special ids and what becomes of them, as the end of its help page, in lines of at most `width` characters. */
export function specialIdsHelp(width: number): string {
  const idWidth = Math.max(...SPECIAL_IDS.map(({ id }) => id.length));
  const rows = SPECIAL_IDS.flatMap(({ id, does }) => {
    const [first = '', ...more] = wrap(does, width - idWidth - 4);
    return [`  ${id.padEnd(idWidth)}  ${first}`, ...more.map((line) => `  ${' '.repeat(idWidth)}  ${line}`)];
  });
  const intro = 'Every id is a recording, save these (a further "-" and anything makes another of the kind):';
  return ['', ...wrap(intro, width), ...rows].join('\n');
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
