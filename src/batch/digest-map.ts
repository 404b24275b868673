import { createHash } from 'node:crypto';

const WORDS = 4;
const FIRST_SLOTS = 1024;
const FULLEST = 0.7;

/**
 * A map from texts to numbers that holds no text: each key is 128 bits of a SHA-256, in one flat table. A million entries take some
 * 50 MB and are no work for the garbage collector, where a `Map` of strings takes three times as much. Two texts meet with a chance
 * of 1 in 10^26 for a million of them.
 */
export class DigestMap {
  #keys = new Uint32Array(FIRST_SLOTS * WORDS);
  /** NaN marks a slot that is free. */
  #values = new Float64Array(FIRST_SLOTS).fill(Number.NaN);
  #size = 0;

  get size(): number {
    return this.#size;
  }

  get(text: string): number | undefined {
    const value = this.#values[this.#slotOf(digest(text))] as number;
    return Number.isNaN(value) ? undefined : value;
  }

  has(text: string): boolean {
    return this.get(text) !== undefined;
  }

  /** Sets the number of a text; `value` is no NaN. Returns whether the text is new. */
  set(text: string, value: number): boolean {
    const key = digest(text);
    const slot = this.#slotOf(key);
    const isNew = Number.isNaN(this.#values[slot]);
    this.#values[slot] = value;
    if (isNew) {
      this.#keys.set(key, slot * WORDS);
      this.#size += 1;
      if (this.#size > this.#values.length * FULLEST) this.#grow();
    }
    return isNew;
  }

  /** Open addressing: the key's slot, or the free one where it belongs. */
  #slotOf(key: Uint32Array): number {
    const last = this.#values.length - 1;
    let slot = (key[0] as number) & last;
    while (!Number.isNaN(this.#values[slot]) && !this.#holds(slot, key)) slot = (slot + 1) & last;
    return slot;
  }

  #holds(slot: number, key: Uint32Array): boolean {
    const at = slot * WORDS;
    for (let word = 0; word < WORDS; word += 1) if (this.#keys[at + word] !== key[word]) return false;
    return true;
  }

  #grow(): void {
    const keys = this.#keys;
    const values = this.#values;
    this.#keys = new Uint32Array(keys.length * 2);
    this.#values = new Float64Array(values.length * 2).fill(Number.NaN);
    for (let slot = 0; slot < values.length; slot += 1) {
      const value = values[slot] as number;
      if (Number.isNaN(value)) continue;
      const key = keys.subarray(slot * WORDS, slot * WORDS + WORDS);
      const target = this.#slotOf(key);
      this.#keys.set(key, target * WORDS);
      this.#values[target] = value;
    }
  }
}

/** A number that stands for a text, from 52 bits of its SHA-256: to tell whether two are the same where a mistake does no harm. */
export function shortDigest(text: string): number {
  const words = digest(text);
  return (words[0] as number) * 2 ** 20 + ((words[1] as number) >>> 12);
}

function digest(text: string): Uint32Array {
  const bytes = createHash('sha256').update(text).digest();
  return new Uint32Array(bytes.buffer, bytes.byteOffset, WORDS);
}
