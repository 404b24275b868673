import crypto from 'node:crypto';

const FIRST_SLOTS = 1024;
const FULLEST = 0.7;
const DIGEST_WORDS = 4;

/**
 * Digests of texts in one flat table, by open addressing: no text is held, and there is nothing for the garbage collector to walk. A slot
 * whose words are all 0 is free; a digest that is all 0 is stored as 1.
 */
class DigestTable {
  readonly #words: number;
  #keys: Uint32Array;
  #size = 0;

  /** `words` of 32 bits are kept of each digest. */
  constructor(words: number) {
    this.#words = words;
    this.#keys = new Uint32Array(FIRST_SLOTS * words);
  }

  get size(): number {
    return this.#size;
  }

  get slots(): number {
    return this.#keys.length / this.#words;
  }

  /** The slot of a text's digest, or the free one where it belongs. */
  slotOf(key: Uint32Array): number {
    const last = this.slots - 1;
    let slot = (key[0] as number) & last;
    while (!this.isFree(slot) && !this.#holds(slot, key)) slot = (slot + 1) & last;
    return slot;
  }

  isFree(slot: number): boolean {
    const at = slot * this.#words;
    for (let word = 0; word < this.#words; word += 1) if (this.#keys[at + word] !== 0) return false;
    return true;
  }

  take(slot: number, key: Uint32Array): void {
    for (let word = 0; word < this.#words; word += 1) this.#keys[slot * this.#words + word] = key[word] as number;
    this.#size += 1;
  }

  /** Doubles the table when it is nearly full; `onMove` is told where each digest has gone. */
  growIfFull(onMove: (from: number, to: number) => void): void {
    if (this.#size <= this.slots * FULLEST) return;
    const keys = this.#keys;
    const slots = this.slots;
    this.#keys = new Uint32Array(keys.length * 2);
    for (let slot = 0; slot < slots; slot += 1) {
      const key = keys.subarray(slot * this.#words, (slot + 1) * this.#words);
      if (key.every((word) => word === 0)) continue;
      const target = this.slotOf(key);
      this.#keys.set(key, target * this.#words);
      onMove(slot, target);
    }
  }

  #holds(slot: number, key: Uint32Array): boolean {
    const at = slot * this.#words;
    for (let word = 0; word < this.#words; word += 1) if (this.#keys[at + word] !== key[word]) return false;
    return true;
  }
}

/**
 * The texts that were seen, by 128 bits of their SHA-256: a million take 34 MB, and two of them meet with a chance of 1 in 10^26, so that a
 * text is never taken for another.
 */
export class DigestSet {
  readonly #table = new DigestTable(DIGEST_WORDS);

  /** Adds a text. Returns whether it is new. */
  add(text: string): boolean {
    const key = digest(text);
    const slot = this.#table.slotOf(key);
    if (!this.#table.isFree(slot)) return false;
    this.#table.take(slot, key);
    this.#table.growIfFull(() => {});
    return true;
  }

  has(text: string): boolean {
    return !this.#table.isFree(this.#table.slotOf(digest(text)));
  }
}

/**
 * A map from texts to numbers, by 64 bits of the texts' SHA-256: a million entries take 34 MB. Among a million texts two meet with a chance
 * of 1 in 10^7, so that what is found must be looked at again, or a mistake do no harm.
 */
export class DigestMap {
  readonly #table = new DigestTable(2);
  #values = new Float64Array(FIRST_SLOTS);

  get size(): number {
    return this.#table.size;
  }

  get(text: string): number | undefined {
    const slot = this.#table.slotOf(digest(text));
    return this.#table.isFree(slot) ? undefined : this.#values[slot];
  }

  has(text: string): boolean {
    return this.get(text) !== undefined;
  }

  /** All numbers, in no order. */
  *values(): Generator<number> {
    for (let slot = 0; slot < this.#table.slots; slot += 1) if (!this.#table.isFree(slot)) yield this.#values[slot] as number;
  }

  /** Sets the number of a text. Returns whether the text is new. */
  set(text: string, value: number): boolean {
    const key = digest(text);
    const slot = this.#table.slotOf(key);
    const isNew = this.#table.isFree(slot);
    this.#values[slot] = value;
    if (isNew) {
      this.#table.take(slot, key);
      const values = this.#values;
      this.#table.growIfFull((from, to) => {
        if (this.#values === values) this.#values = new Float64Array(this.#table.slots);
        this.#values[to] = values[from] as number;
      });
    }
    return isNew;
  }
}

/** A number that stands for a text, from 52 bits of its SHA-256: to tell whether two are the same where a mistake does no harm. */
export function shortDigest(text: string): number {
  const words = digest(text);
  return (words[0] as number) * 2 ** 20 + ((words[1] as number) >>> 12);
}

/** `crypto.hash` (from Node 20.12 on) takes 0.3 µs for a short text, where making a hash object takes 2. */
const sha256: (text: string) => Buffer =
  typeof crypto.hash === 'function'
    ? (text) => Buffer.from(crypto.hash('sha256', text, 'binary'), 'latin1')
    : (text) => crypto.createHash('sha256').update(text).digest();

/** The last text and its digest: a row's id is looked up in one table after the other. */
let lastText: string | undefined;
let lastDigest = new Uint32Array(DIGEST_WORDS);

function digest(text: string): Uint32Array {
  if (text === lastText) return lastDigest;
  const bytes = sha256(text);
  const key = new Uint32Array(DIGEST_WORDS);
  for (let word = 0; word < DIGEST_WORDS; word += 1) key[word] = bytes.readUInt32LE(word * 4);
  // The first words alone must tell a digest from a free slot.
  if (key[0] === 0 && key[1] === 0) key[0] = 1;
  lastText = text;
  lastDigest = key;
  return key;
}
