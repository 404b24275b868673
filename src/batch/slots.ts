import type { Clock } from '../system.ts';

/** For how long a link that was asked for ahead may have to wait for its slot, in milliseconds: it is to be used within seconds. */
const AHEAD_MS = 2000;
/** What the last recording's time counts for in the mean of them. */
const NEWEST = 0.2;

/** The way of one recording: its link, then its bytes, then its name and its line. None of the steps needs to catch anything but {@link Way.end}. */
export interface Way<Got> {
  /** Asks for the link. Holds no slot. */
  ask(): Promise<void>;
  /** Fetches the bytes, in a slot. */
  fetch(): Promise<Got>;
  /** Brings the recording to its end, whatever came of the two steps before. Holds no slot; it must not throw. */
  end(outcome: Outcome<Got>): Promise<void>;
}

/** What came of fetching a recording. */
export type Outcome<Got> = { got: Got } | { error: unknown };

/**
 * Lets so many recordings be fetched at once. While they are, the links of the next ones are asked for, and what was fetched is flushed,
 * named and recorded, so that no slot waits for the service or for the disk.
 *
 * As many links are asked for ahead as will be used within {@link AHEAD_MS}, going by how long the recordings before took: never more than
 * there are slots, none before the first recording was fetched, and none where there is one slot, as one at a time is to mean that.
 */
export class Slots {
  readonly #most: number;
  readonly #clock: Pick<Clock, 'elapsed'>;
  /** Recordings whose bytes are not there yet, those in a slot, and those that are brought to their end. */
  #coming = 0;
  #fetching = 0;
  #ending = 0;
  #meanMs: number | undefined;
  readonly #waiting: (() => void)[] = [];
  #wake = () => {};

  /** `most` is how many recordings are fetched at once. */
  constructor(most: number, clock: Pick<Clock, 'elapsed'>) {
    this.#most = most;
    this.#clock = clock;
  }

  /** Resolves when another recording may be begun. To be waited for by one caller at a time, as is {@link empty}. */
  room(): Promise<void> {
    // A disk that is slower than the network must not be left ever more to do.
    return this.#until(() => this.#coming < this.#most + this.#ahead() && this.#ending < this.#most);
  }

  /** Resolves when all that was begun has ended. */
  empty(): Promise<void> {
    return this.#until(() => this.#coming + this.#ending === 0);
  }

  /** Brings one recording to its end. Rejects with what its last step throws. */
  async through<Got>(way: Way<Got>): Promise<void> {
    this.#coming += 1;
    let outcome: Outcome<Got>;
    try {
      await way.ask();
      outcome = { got: await this.#inSlot(() => way.fetch()) };
    } catch (error) {
      outcome = { error };
    }
    this.#coming -= 1;
    this.#ending += 1;
    this.#wake();
    try {
      await way.end(outcome);
    } finally {
      this.#ending -= 1;
      this.#wake();
    }
  }

  async #inSlot<Got>(fetch: () => Promise<Got>): Promise<Got> {
    if (this.#fetching < this.#most) this.#fetching += 1;
    else await new Promise<void>((resolve) => this.#waiting.push(resolve));
    const since = this.#clock.elapsed();
    try {
      return await fetch();
    } finally {
      const ms = this.#clock.elapsed() - since;
      this.#meanMs = this.#meanMs === undefined ? ms : this.#meanMs + (ms - this.#meanMs) * NEWEST;
      // To the one who has waited longest.
      const next = this.#waiting.shift();
      if (next !== undefined) next();
      else this.#fetching -= 1;
    }
  }

  #ahead(): number {
    if (this.#meanMs === undefined || this.#most === 1) return 0;
    return Math.min(this.#most, Math.floor((this.#most * AHEAD_MS) / Math.max(1, this.#meanMs)));
  }

  async #until(isTrue: () => boolean): Promise<void> {
    while (!isTrue()) {
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
    }
  }
}
