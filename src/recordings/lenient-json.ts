/** How deep lists and objects may lie in each other in a text that is not JSON; what lies deeper makes it unreadable. */
const MAX_DEPTH = 64;

const BLANKS = /\s*/y;
const NUMBER = /-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?/y;
const WORD = /true|false|null/y;
const WORDS: Readonly<Record<string, boolean | null>> = { true: true, false: false, null: null };
const ESCAPE = /\\(u[0-9a-fA-F]{4}|[\s\S])/g;
const ESCAPES: Readonly<Record<string, string>> = { '"': '"', '\\': '\\', '/': '/', b: '\b', f: '\f', n: '\n', r: '\r', t: '\t' };

/**
 * Reads JSON, and what nearly is JSON. The service's documentation prints its failures with `key : value` pairs inside a list, so they
 * may well be sent like that.
 *
 * JSON gives what `JSON.parse` gives. Beyond that: a byte order mark; commas too many before a closing bracket; pairs in a list, which
 * is then read as an object (values without a key take their place in the list as one, as PHP does); raw line breaks in strings; escapes
 * that JSON does not know, which stay as they are. A repeated key takes its last value; `__proto__` is a key like any other.
 *
 * Never throws, and takes time in proportion to the text. Undefined where the text cannot be read from its start to its end.
 */
export function readLenientJson(text: string): unknown {
  const json = text.startsWith('\uFEFF') ? text.slice(1) : text;
  try {
    return JSON.parse(json);
  } catch {
    // Not JSON: the lenient reader has a try.
  }
  try {
    return new LenientReader(json).document();
  } catch {
    return undefined;
  }
}

/** A recursive descent over the text; any method throws where the text cannot be read. */
class LenientReader {
  readonly #text: string;
  #at = 0;
  #depth = 0;

  constructor(text: string) {
    this.#text = text;
  }

  document(): unknown {
    const value = this.#value();
    this.#skipBlanks();
    if (this.#at < this.#text.length) throw new SyntaxError('text after the value');
    return value;
  }

  #value(): unknown {
    this.#skipBlanks();
    switch (this.#text[this.#at]) {
      case '{':
        return this.#collection('}');
      case '[':
        return this.#collection(']');
      case '"':
        return this.#string();
    }
    const number = this.#match(NUMBER);
    if (number) return Number(number);
    const word = this.#match(WORD);
    if (word) return WORDS[word];
    throw new SyntaxError('no value');
  }

  /** An object or a list, whose opening bracket is next. Objects hold pairs alone, lists both pairs and values. */
  #collection(closing: '}' | ']'): unknown {
    if (++this.#depth > MAX_DEPTH) throw new RangeError('too deep');
    this.#at++;
    const members: [key: string, value: unknown][] = [];
    let hasPairs = closing === '}';
    while (!this.#take(closing)) {
      const first = this.#value();
      if (this.#take(':')) {
        if (typeof first !== 'string') throw new SyntaxError('a key that is not a string');
        members.push([first, this.#value()]);
        hasPairs = true;
      } else {
        if (closing === '}') throw new SyntaxError('a value without a key in an object');
        members.push([String(members.length), first]);
      }
      if (!this.#take(',')) {
        if (!this.#take(closing)) throw new SyntaxError('no comma or closing bracket');
        break;
      }
      while (this.#take(','));
    }
    this.#depth--;
    // fromEntries defines properties and assigns none, so that a `__proto__` key sets no prototype.
    return hasPairs ? Object.fromEntries(members) : members.map(([, value]) => value);
  }

  #string(): string {
    const start = ++this.#at;
    let escaped = false;
    for (; ; this.#at++) {
      const character = this.#text[this.#at];
      if (character === undefined) throw new SyntaxError('a string without end');
      if (character === '"') break;
      if (character === '\\') {
        escaped = true;
        this.#at++;
      }
    }
    const raw = this.#text.slice(start, this.#at++);
    if (!escaped) return raw;
    return raw.replace(ESCAPE, (whole, code: string) =>
      code.length === 5 ? String.fromCharCode(Number.parseInt(code.slice(1), 16)) : (ESCAPES[code] ?? whole),
    );
  }

  #skipBlanks(): void {
    this.#match(BLANKS);
  }

  /** Steps over the character if it is next, blanks before it apart. */
  #take(character: string): boolean {
    this.#skipBlanks();
    if (this.#text[this.#at] !== character) return false;
    this.#at++;
    return true;
  }

  #match(sticky: RegExp): string | undefined {
    sticky.lastIndex = this.#at;
    const found = sticky.exec(this.#text)?.[0];
    this.#at += found?.length ?? 0;
    return found;
  }
}
