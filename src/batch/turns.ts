import type { Turn } from '../download/download.ts';
import type { Clock } from '../system.ts';

/** For how long a link that was asked for ahead may have to wait for its turn, in milliseconds: it is to be used within seconds. */
const AHEAD_MS = 2000;
/** What the last recording's time counts for in the mean of them. */
const NEWEST = 0.2;

/** The way of one recording through a batch. */
export interface Place extends Turn {
  /** It has ended, however: gives back whatever it still holds. */
  leave(): void;
}

/**
 * Lets so many recordings be fetched at once. While they are, the links of the next ones are asked for, and what was fetched is flushed,
 * named and recorded, so that no slot waits for the service or for the disk.
 *
 * As many links are asked for ahead as will be used within {@link AHEAD_MS}, going by how long the recordings before took: never more than
 * there are slots, none before the first recording was fetched, and none where there is one slot, as one at a time is to mean that.
 */
export class Turns {
  readonly #most: number;
  readonly #clock: Pick<Clock, 'elapsed'>;
  /** Recordings whose bytes are fetched, that wait for their turn, and that are brought to their end. */
  #taken = 0;
  #ahead = 0;
  #ending = 0;
  #meanMs: number | undefined;
  readonly #waiting: (() => void)[] = [];
  readonly #coming: ((place: Place) => void)[] = [];
  readonly #emptied: (() => void)[] = [];

  /** `most` is how many recordings are fetched at once. */
  constructor(most: number, clock: Pick<Clock, 'elapsed'>) {
    this.#most = most;
    this.#clock = clock;
  }

  /** Resolves when another recording may be begun, in the order of the calls. */
  begin(): Promise<Place> {
    return new Promise((resolve) => {
      this.#coming.push(resolve);
      this.#admit();
    });
  }

  /** Resolves when all that was begun has left. */
  async empty(): Promise<void> {
    if (this.#taken + this.#ahead + this.#ending > 0) await new Promise<void>((resolve) => this.#emptied.push(resolve));
  }

  #admit(): void {
    for (let resolve = this.#coming[0]; resolve !== undefined; resolve = this.#coming[0]) {
      const inTurn = this.#nextBegins();
      if (inTurn === undefined) return;
      this.#coming.shift();
      resolve(this.#place(inTurn));
    }
  }

  /** Whether the next one may begin, ahead of its turn or with it. */
  #nextBegins(): 'ahead' | 'in turn' | undefined {
    // A disk that is slower than the network must not be left ever more to do.
    if (this.#ending >= this.#most) return undefined;
    const ahead = this.#aheadAtMost();
    if (this.#ahead < ahead) return 'ahead';
    return ahead < this.#most && this.#taken < this.#most && this.#waiting.length === 0 ? 'in turn' : undefined;
  }

  #aheadAtMost(): number {
    if (this.#meanMs === undefined || this.#most === 1) return 0;
    return Math.min(this.#most, Math.floor((this.#most * AHEAD_MS) / Math.max(1, this.#meanMs)));
  }

  #place(begins: 'ahead' | 'in turn'): Place {
    let state: 'ahead' | 'taken' | 'ending' | 'left' = 'ahead';
    let takenAt = 0;
    const taken = () => {
      state = 'taken';
      takenAt = this.#clock.elapsed();
    };
    if (begins === 'in turn') {
      this.#taken += 1;
      taken();
    } else this.#ahead += 1;

    const end = () => {
      if (state !== 'taken') return;
      state = 'ending';
      this.#ending += 1;
      const ms = this.#clock.elapsed() - takenAt;
      this.#meanMs = this.#meanMs === undefined ? ms : this.#meanMs + (ms - this.#meanMs) * NEWEST;
      this.#free();
    };
    return {
      take: async () => {
        if (state !== 'ahead') return;
        if (this.#taken < this.#most) this.#taken += 1;
        else await new Promise<void>((resolve) => this.#waiting.push(resolve));
        this.#ahead -= 1;
        taken();
        this.#admit();
      },
      end,
      leave: () => {
        end();
        if (state === 'ahead') this.#ahead -= 1;
        else if (state === 'ending') this.#ending -= 1;
        state = 'left';
        this.#admit();
        if (this.#taken + this.#ahead + this.#ending === 0) for (const resolve of this.#emptied.splice(0)) resolve();
      },
    };
  }

  /** Gives a slot back: to the one who has waited longest. */
  #free(): void {
    const next = this.#waiting.shift();
    if (next !== undefined) next();
    else this.#taken -= 1;
    this.#admit();
  }
}
