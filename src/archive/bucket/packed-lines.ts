import { brotliCompressSync, brotliDecompressSync, constants } from 'node:zlib';

/** So many bytes of lines are packed together: a line that is asked for alone costs unpacking so many, some 0.2 ms. */
const BLOCK_BYTES = 64 * 1024;

/** A manifest has no longer lines: no row of a report comes to so much, and of more than 512 MiB Node makes no text. */
export const LONGEST_LINE = 16 * 1024 * 1024;

/** Places of one block: the byte of a line in its block comes below it. No block has more, but one of a single line of 16 MiB. */
const PLACES_A_BLOCK = 2 ** 25;

/** How many blocks stay unpacked: several runs have written by turns, and their lines are asked for as the list has them. */
const UNPACKED = 8;

/**
 * Lines in memory, packed: a million of them take 90 MB in place of 450. Each has a place, by which it can be read again; places rise in the
 * order in which lines are added.
 */
export class PackedLines {
  readonly #blocks: Buffer[] = [];
  /** What is not packed yet. */
  #open: Buffer[] = [];
  #openBytes = 0;
  /** The blocks unpacked last, oldest first. */
  readonly #unpacked = new Map<number, Buffer>();

  /** Adds a line, without its end. Returns its place. */
  add(line: Buffer | string): number {
    const bytes = typeof line === 'string' ? Buffer.from(line) : line;
    if (this.#openBytes > 0 && this.#openBytes + bytes.length > BLOCK_BYTES) this.#pack();
    const place = this.#blocks.length * PLACES_A_BLOCK + this.#openBytes;
    this.#open.push(bytes, NEWLINE);
    this.#openBytes += bytes.length + 1;
    return place;
  }

  /** The text of the line at a place; undefined where there is none. */
  at(place: number): string | undefined {
    const block = Math.floor(place / PLACES_A_BLOCK);
    const from = place % PLACES_A_BLOCK;
    const bytes = block === this.#blocks.length ? this.#opened() : this.#unpack(block);
    if (bytes === undefined || from >= bytes.length) return undefined;
    const end = bytes.indexOf(0x0a, from);
    return bytes.toString('utf8', from, end < 0 ? bytes.length : end);
  }

  #pack(): void {
    // A copy, as what zlib gives is a part of a larger buffer.
    this.#blocks.push(Buffer.from(brotliCompressSync(this.#opened(), QUICKLY)));
    this.#open = [];
    this.#openBytes = 0;
  }

  #opened(): Buffer {
    if (this.#open.length > 1) this.#open = [Buffer.concat(this.#open)];
    return this.#open[0] ?? Buffer.alloc(0);
  }

  #unpack(block: number): Buffer | undefined {
    const known = this.#unpacked.get(block);
    if (known !== undefined) return known;
    const packed = this.#blocks[block];
    if (packed === undefined) return undefined;
    const bytes = brotliDecompressSync(packed);
    const [oldest] = this.#unpacked.keys();
    if (this.#unpacked.size === UNPACKED && oldest !== undefined) this.#unpacked.delete(oldest);
    this.#unpacked.set(block, bytes);
    return bytes;
  }
}

const NEWLINE = Buffer.from('\n');

/** A million lines are packed in 2 s; higher qualities save nothing, as most of a line is hashes. Deflate takes 5 s, and leaves 102 MB. */
const QUICKLY = { params: { [constants.BROTLI_PARAM_QUALITY]: 1 } };
