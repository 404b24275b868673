import { asRecordingError, type RecordingError } from '../errors.ts';
import type { Clock } from '../system.ts';
import type { Pace } from './pace.ts';
import { type RetryPolicy, retryDelay } from './policy.ts';

/** What {@link startTries} needs. */
export interface RetryOptions {
  policy: RetryPolicy;
  clock: Clock;
  pace: Pace;
  signal: AbortSignal;
  /** Told before each wait. `attempt` is the number of the attempt that comes next, from 2 on. */
  onRetry?: (attempt: number, delayMs: number, error: RecordingError) => void;
}

/** The attempts at one piece of work. */
export interface Tries {
  /** How many attempts were begun, the one under way included. */
  readonly attempts: number;
  /** To be called when an attempt failed: waits as the policy says, or throws the error as a {@link RecordingError} when it is enough. */
  again(error: unknown): Promise<void>;
  /** To be called when an attempt failed in a way that the caller answers with another one at once, outside the policy. */
  atOnce(error: RecordingError): void;
  /** The last attempt got further than those before it: failures in a row are counted from nothing. */
  progressed(): void;
}

/** Begins the attempts at one piece of work. */
export function startTries(options: RetryOptions): Tries {
  const { policy, clock, pace, signal, onRetry } = options;
  let attempts = 1;
  let failures = 0;
  return {
    get attempts() {
      return attempts;
    },
    async again(thrown) {
      signal.throwIfAborted();
      const error = asRecordingError(thrown);
      failures += 1;
      const delayMs = retryDelay(error, failures, policy, clock.random);
      if (error.code === 'RATE_LIMITED') pace.holdBack(delayMs ?? Math.min(error.retryAfterMs ?? 0, policy.maxRetryAfterMs));
      if (delayMs === undefined) throw error;
      attempts += 1;
      onRetry?.(attempts, delayMs, error);
      await clock.sleep(delayMs, signal);
    },
    atOnce(error) {
      attempts += 1;
      onRetry?.(attempts, 0, error);
    },
    progressed() {
      failures = 0;
    },
  };
}
