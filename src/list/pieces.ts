import { setTimeout as pause } from 'node:timers/promises';

/** So long may a pipe stay silent before it is judged by what has come, in milliseconds. */
const PATIENCE_MS = 250;

/** The pieces of a text, taken one by one at first, and then as a stream. */
export class Pieces {
  readonly #pieces: AsyncGenerator<string, void, undefined>;
  /** A piece that was asked for, and had not come when the patience ended. */
  #pending: Promise<IteratorResult<string, void>> | undefined;

  constructor(pieces: AsyncGenerator<string, void, undefined>) {
    this.#pieces = pieces;
  }

  /** The next piece, undefined after the last; `pause` where it does not come soon, unless `patient`. Throws what the source throws. */
  async next({ patient }: { patient: boolean }): Promise<string | undefined | 'pause'> {
    this.#pending ??= this.#pieces.next();
    if (!patient) {
      const over = new AbortController();
      const silence = pause(PATIENCE_MS, 'pause' as const, { signal: over.signal }).catch(() => 'pause' as const);
      const first = await Promise.race([this.#pending, silence]).finally(() => over.abort());
      if (first === 'pause') {
        // Where nobody asks for it any more, what it fails with is of no use to anyone.
        this.#pending.catch(() => undefined);
        return 'pause';
      }
    }
    const { value } = await this.#pending;
    this.#pending = undefined;
    return value ?? undefined;
  }

  /** The pieces that were not taken yet, behind a text that was. */
  async *after(text: string): AsyncGenerator<string, void, undefined> {
    if (text !== '') yield text;
    const pending = await this.#pending;
    if (pending?.value !== undefined) yield pending.value;
    if (pending?.done !== true) yield* this.#pieces;
  }
}
