/** How far back the rate looks, in milliseconds: long enough to be steady, short enough to tell of a change. */
const WINDOW_MS = 10_000;
const STEP_MS = 250;

/** The rate at which something grows, over the last ten seconds or another window. */
export class Speed {
  readonly #elapsed: () => number;
  readonly #windowMs: number;
  readonly #samples: { at: number; amount: number }[] = [];
  #amount = 0;

  /** `elapsed` is a clock in milliseconds that never goes back. It is measured from now on. */
  constructor(elapsed: () => number, windowMs = WINDOW_MS) {
    this.#elapsed = elapsed;
    this.#windowMs = windowMs;
    this.#samples.push({ at: elapsed(), amount: 0 });
  }

  /** So much has been done since the last call. */
  add(amount: number): void {
    this.#amount += amount;
    const at = this.#elapsed();
    const last = this.#samples.at(-1);
    if (last !== undefined && at - last.at < STEP_MS) return;
    this.#samples.push({ at, amount: this.#amount });
    while (this.#samples.length > 2 && at - (this.#samples[1]?.at ?? at) > this.#windowMs) this.#samples.shift();
  }

  /** So much a second; 0 before anything can be said. */
  perSecond(): number {
    const first = this.#samples[0];
    if (first === undefined) return 0;
    const ms = this.#elapsed() - first.at;
    return ms < STEP_MS ? 0 : ((this.#amount - first.amount) / ms) * 1000;
  }
}
