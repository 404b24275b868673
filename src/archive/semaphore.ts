/** So many things may be under way at once. */
export class Semaphore {
  readonly #most: number;
  #taken = 0;
  #waiting: (() => void)[] = [];
  #drained: (() => void)[] = [];

  constructor(most: number) {
    this.#most = most;
  }

  /** Resolves when a slot is the caller's, in the order of the calls. */
  async take(): Promise<void> {
    if (this.#taken < this.#most) {
      this.#taken += 1;
      return;
    }
    await new Promise<void>((resolve) => this.#waiting.push(resolve));
  }

  /** Gives a slot back: to the one who has waited longest. */
  free(): void {
    const next = this.#waiting.shift();
    if (next !== undefined) next();
    else this.#taken -= 1;
    if (this.#taken === 0) for (const resolve of this.#drained.splice(0)) resolve();
  }

  /** Resolves when no slot is taken. */
  async allFree(): Promise<void> {
    if (this.#taken > 0) await new Promise<void>((resolve) => this.#drained.push(resolve));
  }
}
