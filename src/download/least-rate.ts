import { RecordingError } from '../errors.ts';
import type { Clock } from '../system.ts';

/** In bytes a second, on average: a sixteenth of what the plainest call takes while it is spoken. */
export const LEAST_RATE = 512;

/** Over how many times the stall timeout the rate is taken: two minutes unless the user says otherwise. */
const STALLS = 4;
const STALL_TIMEOUT_MS = 30_000;

/** Watches that a body comes at {@link LEAST_RATE} at least. A byte now and then never stands still, and would be waited for for ever. */
export class LeastRate {
  readonly #elapsed: Clock['elapsed'];
  readonly #overMs: number;
  #since: number;
  #bytes = 0;

  /** Begins now. `stallTimeoutMs` is for how long no byte at all may come; 30 seconds where left out. */
  constructor({ elapsed }: Pick<Clock, 'elapsed'>, stallTimeoutMs = STALL_TIMEOUT_MS) {
    this.#elapsed = elapsed;
    this.#overMs = STALLS * stallTimeoutMs;
    this.#since = elapsed();
  }

  /** So many bytes have come. Throws `TIMEOUT` where they are too few for the time that they took. */
  came(bytes: number): void {
    this.#bytes += bytes;
    const ms = this.#elapsed() - this.#since;
    if (ms < this.#overMs) return;
    if ((this.#bytes * 1000) / ms < LEAST_RATE) throw tooSlow(this.#bytes, ms);
    this.#since += ms;
    this.#bytes = 0;
  }

  /** Leaves out the time that somebody takes to work on what has come: a slow disk says nothing about the store. */
  async without<T>(work: Promise<T>): Promise<T> {
    const from = this.#elapsed();
    try {
      return await work;
    } finally {
      this.#since += this.#elapsed() - from;
    }
  }
}

function tooSlow(bytes: number, ms: number): RecordingError {
  return new RecordingError('TIMEOUT', `The store sent only ${bytes} bytes in ${Math.round(ms / 1000)} s.`, {
    hint: 'Check the network, and try again: the transfer resumes where it stopped. A longer --stall-timeout allows for slower connections.',
  });
}
