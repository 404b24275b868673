/** How far back the rate looks, in milliseconds: long enough to be steady, short enough to tell of a change. */
const WINDOW_MS = 5000;
const STEP_MS = 250;

/** The rate at which something grows, over the last five seconds or another window. */
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
    this.#forget(at);
  }

  /** So much a second; 0 before anything can be said. */
  perSecond(): number {
    const now = this.#elapsed();
    this.#forget(now);
    const first = this.#samples[0];
    if (first === undefined) return 0;
    const ms = now - first.at;
    return ms < STEP_MS ? 0 : ((this.#amount - first.amount) / ms) * 1000;
  }

  /** What lies further back than the window, but for the last sample there, from which the growth within it is counted. */
  #forget(now: number): void {
    while (this.#samples.length > 1 && now - (this.#samples[1]?.at ?? now) >= this.#windowMs) this.#samples.shift();
  }
}
