import type { Clock } from '../system.ts';

/** The gap that the first "too many requests" puts between two requests, in milliseconds; it doubles with each further one. */
const FIRST_GAP_MS = 50;
const LONGEST_GAP_MS = 2000;
/** What an answer leaves of the gap: some ten answers halve it three times over, so that the pace recovers within seconds. */
const RECOVERY = 0.8;
const SHORTEST_GAP_MS = 5;

/**
 * The gate that every request of a run passes. It spaces requests where a rate is set; and when either side says "too many" it holds
 * all of them back, then lets them through more slowly until answers come again.
 */
export interface Pace {
  /**
   * Resolves when a request may be sent. Rejects with the signal's reason. The rate and the lowered pace space those to the service, of which
   * every recording has at least one; those to the store (`to`) wait only while all are held back.
   */
  enter(signal: AbortSignal, to?: 'service' | 'store'): Promise<void>;
  /** Somebody was told to slow down: nobody enters for so many milliseconds, and the pace is lowered. */
  holdBack(ms: number): void;
  /** An answer came: the pace recovers a little. */
  answered(): void;
}

/** A {@link Pace} of at most `perSecond` requests a second; unbounded where it is left out. */
export function createPace(clock: Clock, perSecond?: number): Pace {
  const rateGap = perSecond === undefined ? 0 : 1000 / perSecond;
  let slowGap = 0;
  let lastEntered = Number.NEGATIVE_INFINITY;
  let heldUntil = 0;
  /** The last in the queue of those to the service: whoever stands in it has no slot of its own yet, which a hold could make void. */
  let queue: Promise<void> = Promise.resolve();

  /** Waits until a moment that can be put off meanwhile, and gives it; the present where it is over. */
  async function untilDue(due: () => number, signal: AbortSignal): Promise<number> {
    const from = clock.elapsed();
    for (;;) {
      signal.throwIfAborted();
      const wait = due() - clock.elapsed();
      // What sums of fractions leave over is no time to sleep for.
      if (wait < 0.001) return Math.max(from, due());
      await clock.sleep(wait, signal);
    }
  }

  return {
    async enter(signal, to = 'service') {
      if (to === 'store') return void (await untilDue(() => heldUntil, signal));
      const turn = queue.then(async () => {
        lastEntered = await untilDue(() => Math.max(heldUntil, lastEntered + Math.max(rateGap, slowGap)), signal);
      });
      queue = turn.catch(() => {});
      return turn;
    },
    holdBack(ms) {
      heldUntil = Math.max(heldUntil, clock.elapsed() + ms);
      slowGap = Math.min(LONGEST_GAP_MS, Math.max(FIRST_GAP_MS, slowGap * 2));
    },
    answered() {
      slowGap = slowGap * RECOVERY < SHORTEST_GAP_MS ? 0 : slowGap * RECOVERY;
    },
  };
}
