/** A value of a JSON text. */
export interface JsonText {
  text: string;
  /** The line that it begins on, from 1. */
  line: number;
  /** What it is, where it was parsed in passing. */
  parsed?: unknown;
}

/** A value that is longer than this is not read, in characters: an answer with everything inside is parsed at once, in memory. */
export const MAX_JSON_VALUE = 32 * 1024 * 1024;

/**
 * Cuts a JSON text into its values as it comes, in memory for one of them: the elements of an array, where it is one (or several, one behind the
 * other); else the objects that stand in it one behind the other, an object a line or over several lines.
 */
export class JsonValues {
  /** What is wrong with the text, where nothing more can be read of it. */
  failure: string | undefined;
  readonly #base: 0 | 1;
  #text = '';
  /** Up to here it was looked at. */
  #at = 0;
  /** Where the value at hand begins; -1 between two. */
  #start = -1;
  #startLine = 1;
  #depth = 0;
  #withinString = false;
  #line: number;

  constructor(isArray: boolean, line: number) {
    this.#base = isArray ? 1 : 0;
    this.#line = line;
  }

  /** The values that one more piece completes. `ended`: it is the last. */
  *read(piece: string, ended: boolean): Generator<JsonText, void, undefined> {
    const keep = this.#start === -1 ? this.#at : this.#start;
    this.#text = this.#text.slice(keep) + piece;
    this.#at -= keep;
    if (this.#start !== -1) this.#start = 0;
    while (this.failure === undefined) {
      const line = this.#wholeLine();
      const value = line ?? this.#next();
      if (value === undefined) break;
      if (value !== 'none') yield value;
    }
    if (this.failure !== undefined) return;
    if (ended && this.#isLoose) yield this.#end(this.#text.length);
    if (this.#text.length - Math.max(this.#start, 0) > MAX_JSON_VALUE && this.#start !== -1) {
      this.failure = `a value that begins in line ${this.#startLine} is larger than ${MAX_JSON_VALUE / 1024 / 1024} MB`;
    } else if (ended && (this.#depth > 0 || this.#withinString || this.#start !== -1)) {
      this.failure =
        this.#start === -1 ? 'it breaks off before its end' : `what begins in line ${this.#startLine} breaks off before its end`;
    }
  }

  /** An object that is a line by itself, as most are where there are many: it is told by its first and last character. */
  #wholeLine(): JsonText | undefined {
    if (this.#base === 1 || this.#start !== -1 || this.#text[this.#at] !== '{') return undefined;
    const end = this.#text.indexOf('\n', this.#at);
    if (end === -1) return undefined;
    const text = this.#text.slice(this.#at, end).trimEnd();
    const parsed = text.endsWith('}') ? parsedJson(text) : undefined;
    if (parsed === undefined) return undefined;
    const value = { text, line: this.#line, parsed };
    this.#at = end + 1;
    this.#line++;
    return value;
  }

  /** The next value; `none` where something else was stepped over, undefined where more has to come. */
  #next(): JsonText | 'none' | undefined {
    const text = this.#text;
    const token = this.#withinString ? STRING_TOKEN : TOKEN;
    token.lastIndex = this.#at;
    const found = token.exec(text);
    if (found === null || (found[0] === '\\' && found.index + 1 >= text.length)) {
      this.#at = found?.index ?? text.length;
      return undefined;
    }
    this.#at = found.index + 1;
    const character = found[0];
    if (this.#withinString) {
      if (character === '\\') this.#at++;
      else this.#withinString = false;
      return 'none';
    }
    return this.#step(character, found.index);
  }

  #step(character: string, at: number): JsonText | 'none' {
    if (character === '\n') {
      this.#line++;
      // What is no object ends with its line, and so spoils none of those behind it.
      return this.#isLoose ? this.#end(at) : 'none';
    }
    const closes = character === '}' || character === ']';
    if (this.#depth === this.#base && (closes || character === ',')) {
      const value = this.#base === 1 && this.#start !== -1 ? this.#end(at) : 'none';
      if (character === ',' && this.#base === 1) return value;
      if (character === ']' && this.#base === 1) this.#depth = 0;
      else if (character !== ',') this.failure = `an unexpected ${character} stands in line ${this.#line}`;
      return value;
    }
    if (this.#depth === 0 && this.#base === 1) {
      // Between arrays.
      if (character === '[') this.#depth = 1;
      else if (character !== ',') this.failure = `line ${this.#line} goes on behind the end of the array`;
      return 'none';
    }
    if (this.#start === -1) {
      this.#start = at;
      this.#startLine = this.#line;
    }
    if (character === '"') this.#withinString = true;
    else if (character === '{' || character === '[') this.#depth++;
    else if (closes && --this.#depth === 0 && this.#base === 0) return this.#end(at + 1);
    return 'none';
  }

  /** Whether something is at hand that is no object, where there are objects one behind the other. */
  get #isLoose(): boolean {
    return this.#base === 0 && this.#start !== -1 && this.#depth === 0 && !this.#withinString;
  }

  #end(at: number): JsonText {
    const value = { text: this.#text.slice(this.#start, at), line: this.#startLine };
    this.#start = -1;
    return value;
  }
}

const TOKEN = /[^ \t\r]/gu;
const STRING_TOKEN = /["\\]/gu;

function parsedJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
