import { clearLine, cursorTo, moveCursor } from 'node:readline';
import type { OutputStream } from '../../src/system.ts';

/** Gives a captured stream the cursor methods of a real terminal, as Node's `tty.WriteStream` has them. */
export function withCursor<Stream extends OutputStream>(stream: Stream): Stream {
  return Object.assign(stream, {
    cursorTo: (x: number) => cursorTo(stream, x),
    moveCursor: (dx: number, dy: number) => moveCursor(stream, dx, dy),
    clearLine: (direction: -1 | 0 | 1) => clearLine(stream, direction),
  });
}

/** What a terminal shows after it was sent a text, colours left out. */
export interface Screen {
  /** The lines from the top, without those that are empty at the end. */
  lines: string[];
  cursorShown: boolean;
  /** The longest that any line was at any time. */
  widest: number;
}

/** A piece of what a terminal is sent: a control sequence with its parameters and final character, or a character. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: these sequences are what it reads
const PIECES = /\u001b\[(?<parameters>[\d;?]*)(?<final>[A-Za-z])|(?<character>[\s\S])/gu;

/** Shows a text as a terminal does that is as wide as need be. Throws where it is sent what no progress should need. */
export function screenOf(text: string): Screen {
  const lines: string[] = [''];
  const at = { row: 0, column: 0 };
  const screen: Screen = { lines, cursorShown: true, widest: 0 };
  const put = (character: string) => {
    const line = (lines[at.row] ?? '').padEnd(at.column);
    const width = [...line].length;
    lines[at.row] =
      [...line].slice(0, at.column).join('') + character + (at.column + 1 < width ? [...line].slice(at.column + 1).join('') : '');
    at.column += 1;
    screen.widest = Math.max(screen.widest, at.column);
  };
  for (const { groups = {} } of text.matchAll(PIECES)) {
    const { parameters = '', final, character = '' } = groups;
    if (final !== undefined) control(final, parameters, lines, at, screen);
    else if (character === '\n') {
      at.row += 1;
      at.column = 0;
      lines[at.row] ??= '';
    } else if (character === '\r') at.column = 0;
    else put(character);
  }
  while (lines.at(-1)?.trim() === '') lines.pop();
  screen.lines = lines.map((line) => line.trimEnd());
  return screen;
}

function control(final: string, parameters: string, lines: string[], at: { row: number; column: number }, screen: Screen): void {
  const [number = 0] = parameters.split(';').map(Number);
  switch (final) {
    case 'm':
      return;
    case 'G':
      at.column = Math.max(1, number) - 1;
      return;
    case 'A':
      at.row = Math.max(0, at.row - Math.max(1, number));
      return;
    case 'K':
      lines[at.row] = number === 0 ? [...(lines[at.row] ?? '')].slice(0, at.column).join('') : '';
      return;
    case 'J':
      // From the cursor to the end of the screen; the only form that is used.
      if (number !== 0) throw new Error(`The screen was cleared with ${parameters}J.`);
      lines[at.row] = [...(lines[at.row] ?? '')].slice(0, at.column).join('');
      lines.length = at.row + 1;
      return;
    case 'h':
    case 'l':
      if (parameters === '?25') screen.cursorShown = final === 'h';
      // A shell marks what is pasted.
      else if (parameters !== '?2026' && parameters !== '?2004') throw new Error(`The terminal was switched to ${parameters}${final}.`);
      return;
    default:
      throw new Error(`The terminal was sent an unknown sequence: ${JSON.stringify(parameters + final)}.`);
  }
}
