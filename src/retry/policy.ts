import type { ErrorCode, RecordingError } from '../errors.ts';

/** How often and how patiently is tried again. */
export interface RetryPolicy {
  /** How many times after the first one; 0 for never. */
  retries: number;
  /** The longest wait before the first retry, in milliseconds; it doubles with each further one. */
  baseMs: number;
  /** The longest wait before any retry, in milliseconds, unless the other side asked for a longer one. */
  capMs: number;
  /** How much of a Retry-After is honoured, in milliseconds. */
  maxRetryAfterMs: number;
}

/** The policy of the command line, with `--retries` as given. */
export function retryPolicy(retries = 5): RetryPolicy {
  return { retries, baseMs: 500, capMs: 20_000, maxRetryAfterMs: 120_000 };
}

/** The errors that can pass by themselves within seconds. The others need a person, a new link, or another day. */
const TRANSIENT: ReadonlySet<ErrorCode> = new Set<ErrorCode>(['NETWORK', 'TIMEOUT', 'RATE_LIMITED', 'SERVICE_UNAVAILABLE']);

/**
 * Whether to try again after a failure, and when.
 *
 * `failures` counts the failures in a row, this one included (1 after the first). `random` gives a number from 0 up to 1. Returns how many
 * milliseconds to wait, or undefined to stop.
 *
 * The wait is exponential with full jitter (M. Brooker, "Exponential Backoff and Jitter", AWS Architecture Blog, 2015), so that many
 * clients that failed together do not come back together. A Retry-After (RFC 9110, 10.2.3) is waited out first, up to the bound.
 */
export function retryDelay(error: RecordingError, failures: number, policy: RetryPolicy, random: () => number): number | undefined {
  if (!error.retryable || !TRANSIENT.has(error.code) || failures > policy.retries) return undefined;
  const backoff = random() * Math.min(policy.capMs, policy.baseMs * 2 ** (failures - 1));
  if (error.retryAfterMs === undefined) return backoff;
  return Math.max(backoff, Math.min(error.retryAfterMs, policy.maxRetryAfterMs));
}
