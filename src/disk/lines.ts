import { isUtf8 } from 'node:buffer';
import { readSync } from 'node:fs';

const PIECE_BYTES = 1024 * 1024;
const NEWLINE = 0x0a;
const REPLACEMENT = '\ufffd';

/** A longer line is none: no more than this is ever held of a file. */
export const MOST_LINE_BYTES = 16 * 1024 * 1024;

/** A line of a file. */
export interface PlacedLine {
  /** Its text without its end; undefined where it is too long, or no UTF-8. */
  text: string | undefined;
  /** Where it begins, in bytes. */
  place: number;
  /** Whether its line end is there. */
  whole: boolean;
}

type Kept = Buffer | 'too long';

/**
 * The lines of an open file, read in pieces of 1 MB; `'piece'` behind each piece, when the caller can let others have a turn and hear a signal:
 * what is no text at all may go on for gigabytes without a line. Throws errors of the system.
 */
export function* linesOf(descriptor: number): Generator<PlacedLine | 'piece'> {
  const buffer = Buffer.allocUnsafe(PIECE_BYTES);
  /** What has come of a line, unless it is too long already. */
  let kept: Kept = Buffer.alloc(0);
  let place = 0;
  let position = 0;
  for (;;) {
    const bytesRead = readSync(descriptor, buffer, 0, buffer.length, position);
    if (bytesRead === 0) break;
    let from = 0;
    for (;;) {
      const newline = buffer.subarray(0, bytesRead).indexOf(NEWLINE, from);
      if (newline < 0) break;
      yield { text: textOf(kept, buffer.subarray(from, newline)), place, whole: true };
      kept = Buffer.alloc(0);
      from = newline + 1;
      place = position + from;
    }
    const rest = buffer.subarray(from, bytesRead);
    if (kept !== 'too long') {
      // A copy: the buffer is read into again.
      kept = kept.length + rest.length > MOST_LINE_BYTES ? 'too long' : Buffer.concat([kept, rest]);
    }
    position += bytesRead;
    yield 'piece';
  }
  if (kept.length > 0) yield { text: textOf(kept, Buffer.alloc(0)), place, whole: false };
}

/** Reads single lines of an open file, quickest where their places rise. */
export class LineReader {
  readonly #descriptor: number;
  #window: Buffer = Buffer.alloc(0);
  #from = 0;

  constructor(descriptor: number) {
    this.#descriptor = descriptor;
  }

  /**
   * The text of the line at a place, without its end; undefined where it is too long or no UTF-8. `window`: so many bytes are read at once,
   * and kept for the next lines. Throws errors of the system.
   */
  at(place: number, window = 4096): string | undefined {
    const known = this.#lineIn(place);
    if (known !== undefined) return decoded(known);
    for (let size = window; ; size *= 4) {
      this.#fill(place, size);
      const line = this.#lineIn(place) ?? (this.#window.length < size ? this.#window : undefined);
      if (line !== undefined) return decoded(line);
      if (size > MOST_LINE_BYTES) return undefined;
    }
  }

  #lineIn(place: number): Buffer | undefined {
    const from = place - this.#from;
    if (from < 0 || from >= this.#window.length) return undefined;
    const newline = this.#window.indexOf(NEWLINE, from);
    return newline < 0 ? undefined : this.#window.subarray(from, newline);
  }

  #fill(place: number, size: number): void {
    const buffer = this.#window.buffer.byteLength >= size ? Buffer.from(this.#window.buffer, 0, size) : Buffer.from(new ArrayBuffer(size));
    const bytesRead = readSync(this.#descriptor, buffer, 0, size, place);
    this.#window = buffer.subarray(0, bytesRead);
    this.#from = place;
  }
}

/** The text of a line whose first part was kept. */
function textOf(kept: Kept, rest: Buffer): string | undefined {
  if (kept === 'too long' || kept.length + rest.length > MOST_LINE_BYTES) return undefined;
  return decoded(kept.length === 0 ? rest : Buffer.concat([kept, rest]));
}

/** Bytes as text; undefined where they are no UTF-8, which would pass for the replacement character. */
function decoded(bytes: Buffer): string | undefined {
  const text = bytes.toString('utf8');
  return text.includes(REPLACEMENT) && !isUtf8(bytes) ? undefined : text;
}
