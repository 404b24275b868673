import { idColumns } from './id-column.ts';
import { type Delimiter, MAX_ROW_LENGTH } from './list-row.ts';
import { isCommentText, stripOuter, unguard } from './recording-id.ts';

/** How many lines of a list are looked at to tell what it is. */
export const HEAD_ROWS = 20;

/** What can stand between a report's fields, the likeliest first. */
export const DELIMITERS: readonly Delimiter[] = [',', ';', '\t', '|'];

/** A header as it is looked up: a spreadsheet's guards, invisible marks and outer blanks dropped. */
export function cleanHeader(header: string): string {
  return stripOuter(unguard(stripOuter(header))).replace(/^'(.*?)'?$/su, '$1');
}

/**
 * Whether a line is a comment: it begins with #, and is neither an error of a spreadsheet (`#NAME?`) nor a header whose first column is called
 * so (`#,Recording ID`).
 */
export function isComment(line: string, column: string | undefined): boolean {
  if (!isCommentText(line.trim())) return false;
  return !DELIMITERS.some((delimiter) => {
    if (line[1] !== delimiter) return false;
    return idColumns(line.split(delimiter).map(cleanHeader), column).length > 0;
  });
}

/** The beginning of a text, from its first line that is neither blank nor a comment. */
export interface Head {
  text: string;
  /** The line that it begins on, from 1. */
  line: number;
  /** The lines before it. */
  comments: number;
  blanks: number;
}

/** Behind so many characters no further line is looked at, however few they were. */
const ENOUGH = 64 * 1024;

/** Collects a list's first lines, in time that grows with their length alone; what stands before the first that tells something is dropped. */
export class HeadReader {
  readonly #column: string | undefined;
  #text = '';
  #line = 1;
  #at = 0;
  #searched = 0;
  #telling = 0;
  #comments = 0;
  #blanks = 0;

  /** `column` is what `--column` names. */
  constructor(column: string | undefined) {
    this.#column = column;
  }

  /** Whether a whole line has come that tells something. */
  get tells(): boolean {
    return this.#telling > 0;
  }

  /** All that has come, and is not dropped. */
  get head(): Head {
    return { text: this.#text, line: this.#line, comments: this.#comments, blanks: this.#blanks };
  }

  /** Takes one more piece; true when enough has come, or all (`ended`). */
  add(piece: string, ended: boolean): boolean {
    this.#text += piece;
    // A line that goes on is not searched again for each piece.
    if (!ended && this.#searched > 0 && !/[\r\n]/u.test(piece)) return this.#isTooLong();
    while (this.#telling < HEAD_ROWS && this.#at < ENOUGH) {
      const end = this.#lineEnd(ended);
      if (end === undefined) return ended || this.#isTooLong();
      this.#take(this.#text.slice(this.#at, end.from), end.to);
    }
    return true;
  }

  /** Whether the line at hand is longer than any may be, which tells enough. */
  #isTooLong(): boolean {
    if (this.#text.length - this.#at <= MAX_ROW_LENGTH) return false;
    this.#telling++;
    return true;
  }

  /** Where the next line's end begins and ends; undefined where it has to come yet. */
  #lineEnd(ended: boolean): { from: number; to: number } | undefined {
    LINE_END.lastIndex = this.#at + this.#searched;
    const found = LINE_END.exec(this.#text);
    this.#searched = 0;
    if (found !== null) return { from: found.index, to: found.index + found[0].length };
    if (ended && this.#at < this.#text.length) return { from: this.#text.length, to: this.#text.length };
    this.#searched = this.#text.length - this.#at;
    return undefined;
  }

  #take(line: string, end: number): void {
    const isBlank = stripOuter(line) === '';
    const skipped = isBlank || isComment(line, this.#column);
    if (!skipped) this.#telling++;
    // What comes before the first line that tells something is cut off, now and then: at each line it would copy all the rest each time.
    const cut = skipped ? end : this.#at;
    const isFirst = !skipped && this.#telling === 1;
    if (isFirst || (this.#telling === 0 && (cut >= ENOUGH || cut === this.#text.length))) {
      this.#text = this.#text.slice(cut);
      this.#at = end - cut;
    } else {
      this.#at = end;
    }
    if (this.#telling > 0) return;
    this.#line++;
    if (isBlank) this.#blanks++;
    else this.#comments++;
  }
}

const LINE_END = /\r\n|\n|\r/gu;
