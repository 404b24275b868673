import { leavesQuoteOpen, lenientFields } from './csv-lenient.ts';
import { type Delimiter, MAX_ROW_LENGTH, ROW_LIMIT } from './list-row.ts';

/** A row of a CSV text. */
export interface CsvRecord {
  fields: string[];
  /** The row as it came, without its line end. */
  raw: string;
  /** The line that it starts on. */
  line: number;
  /** Why the row cannot be read, where it cannot; it is one line then, and its fields are none to rely on. */
  problem?: string;
}

/**
 * Reads CSV as it comes, in time that grows with its length alone: RFC 4180 (quotes doubled within quotes, line breaks allowed there; LF, CRLF
 * and a lone CR end a row), blanks and a spreadsheet's `=` around quotes too. Where a row's quotes are wrong, its line alone is read as well
 * as it can be: {@link lenientFields}. So a stray quote spoils one line and never what follows, which no library here offers.
 */
export class CsvReader {
  /** How many fields a row must have to be read leniently; to be set once the header is known. */
  width: number | undefined;
  readonly #delimiter: Delimiter;
  readonly #delimiterCode: number;
  #text = '';
  #at = 0;
  #line: number;
  #ended = false;
  #nextLf = -1;
  #nextCr = -1;
  /** How far the row at hand was searched for its end without success, so that the same is not searched again. */
  #searched = 0;
  /** Whether the row at hand waits for a quote. */
  #quoteIsOpen = false;
  /** Whether the line at hand is too long, and its end still to come. */
  #dropsLine = false;

  /** `line` is the number of the text's first line. */
  constructor(delimiter: Delimiter, line = 1) {
    this.#delimiter = delimiter;
    this.#delimiterCode = delimiter.charCodeAt(0);
    this.#line = line;
  }

  /** The rows that one more piece of the text completes. A piece must not end between a CR and its LF; `ended`: it is the last. */
  *read(piece: string, ended: boolean): Generator<CsvRecord, void, undefined> {
    this.#text = this.#text.slice(this.#at) + piece;
    this.#at = 0;
    this.#ended = ended;
    this.#nextLf = this.#nextCr = -1;
    if (this.#dropsLine && !this.#dropLine()) return;
    // What does not complete the row at hand is only put behind it: to search the whole again for each piece takes time that grows with its square.
    const completes = this.#quoteIsOpen ? piece.includes('"') : this.#searched === 0 || /[\r\n]/u.test(piece);
    if (!completes && !ended && this.#text.length <= MAX_ROW_LENGTH) return;
    for (let record = this.#next(); record !== undefined; record = this.#next()) yield record;
  }

  #next(): CsvRecord | undefined {
    const start = this.#at;
    const text = this.#text;
    if (start >= text.length) return undefined;
    let end = this.#lineEnd(start + this.#searched);
    if (end === -1 && !this.#ended && text.length - start <= MAX_ROW_LENGTH) {
      this.#searched = text.length - start;
      return undefined;
    }
    this.#searched = 0;
    this.#dropsLine = end === -1 && !this.#ended;
    if (end === -1) end = text.length;
    if (end - start > MAX_ROW_LENGTH) {
      const raw = text.slice(start, start + 1000);
      return { ...this.#take([], raw, end, 1), problem: `the line is longer than ${ROW_LIMIT}` };
    }
    const plain = text.slice(start, end);
    if (!plain.includes('"')) return this.#take(plain.split(this.#delimiter), plain, end, 1);
    const quoted = this.#quotedFields(start);
    this.#quoteIsOpen = quoted === 'open';
    if (quoted === 'open' || quoted === 'unfinished') return undefined;
    // A quote that swallows whole lines, and leaves too few fields, was not meant to.
    if (quoted === undefined || (quoted.end > end && quoted.fields.length < (this.width ?? 0))) {
      const fields = lenientFields(plain, this.#delimiter, this.width);
      if (fields !== undefined) return this.#take(fields, plain, end, 1);
      const problem = leavesQuoteOpen(plain) ? NEVER_CLOSED : 'a quoted field goes on behind its closing quote';
      return { ...this.#take(plain.split(this.#delimiter), plain, end, 1), problem };
    }
    const raw = text.slice(start, quoted.end);
    return this.#take(quoted.fields, raw, quoted.end, quoted.end <= end ? 1 : raw.split(/\r\n|\n|\r/u).length);
  }

  #take(fields: string[], raw: string, end: number, lines: number): CsvRecord {
    const record = { fields, raw, line: this.#line };
    this.#at = end + (this.#text.startsWith('\r\n', end) ? 2 : 1);
    this.#line += lines;
    return record;
  }

  /** Drops what is left of a line that was too long; false where it has not ended yet. */
  #dropLine(): boolean {
    const end = this.#lineEnd(0);
    this.#at = end === -1 ? this.#text.length : end + (this.#text.startsWith('\r\n', end) ? 2 : 1);
    this.#dropsLine = end === -1;
    return !this.#dropsLine;
  }

  /**
   * The fields of the row from `start` on, whose end may be lines further; `open` where a closing quote, `unfinished` where the end of its last
   * field has to come yet; undefined where its quotes are wrong.
   */
  #quotedFields(start: number): { fields: string[]; end: number } | 'open' | 'unfinished' | undefined {
    const text = this.#text;
    const fields: string[] = [];
    for (let at = start; ; at++) {
      let open = at;
      while (text[open] === ' ') open++;
      if (text[open] === '=') open++;
      if (text[open] === '"') {
        const close = this.#closingQuote(open + 1, start);
        if (close === -1) {
          return this.#ended || text.length - start > MAX_ROW_LENGTH ? undefined : 'open';
        }
        at = close + 1;
        while (text[at] === ' ') at++;
        if (!this.#endsField(at)) return undefined;
        fields.push(text.slice(open + 1, close).replaceAll('""', '"'));
      } else {
        const from = at;
        while (!this.#endsField(at)) at++;
        fields.push(text.slice(from, at));
      }
      if (text.charCodeAt(at) !== this.#delimiterCode) {
        // What is still to come may be more of the field, also where that has just been closed: by the first of two quotes.
        return at >= text.length && !this.#ended ? 'unfinished' : { fields, end: at };
      }
    }
  }

  #closingQuote(from: number, start: number): number {
    for (let at = from; ; at += 2) {
      at = this.#text.indexOf('"', at);
      if (at === -1 || at - start > MAX_ROW_LENGTH) return -1;
      if (this.#text[at + 1] !== '"') return at;
    }
  }

  #endsField(at: number): boolean {
    if (at >= this.#text.length) return true;
    const code = this.#text.charCodeAt(at);
    return code === this.#delimiterCode || code === LF || code === CR;
  }

  /** Where the line ends; -1 where that is still to come. Each kind of line end is looked for once, and not again for every line. */
  #lineEnd(from: number): number {
    if (this.#nextLf < from) this.#nextLf = positionOf(this.#text, '\n', from);
    if (this.#nextCr < from) this.#nextCr = positionOf(this.#text, '\r', from);
    const end = Math.min(this.#nextLf, this.#nextCr);
    return end === Number.POSITIVE_INFINITY ? -1 : end;
  }
}

const NEVER_CLOSED = 'a quote is opened and never closed';

const LF = 0x0a;
const CR = 0x0d;

function positionOf(text: string, character: string, from: number): number {
  const at = text.indexOf(character, from);
  return at === -1 ? Number.POSITIVE_INFINITY : at;
}
