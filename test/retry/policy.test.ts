import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { type ErrorCode, EXIT_CODES, RecordingError } from '../../src/errors.ts';
import { retryDelay, retryPolicy } from '../../src/retry/policy.ts';

const policy = { retries: 8, baseMs: 500, capMs: 20_000, maxRetryAfterMs: 120_000 };

function failure(code: ErrorCode, details: { retryAfterMs?: number; retryable?: boolean } = {}): RecordingError {
  return new RecordingError(code, 'It failed.', { hint: 'Wait.', ...details });
}

describe('retryDelay', () => {
  test.each([
    // failures in a row, and the wait with chance at 0, 0.5 and 0.999
    [1, 0, 250, 499.5],
    [2, 0, 500, 999],
    [3, 0, 1000, 1998],
    [4, 0, 2000, 3996],
    [6, 0, 8000, 15_984],
    [7, 0, 10_000, 19_980],
    [8, 0, 10_000, 19_980],
    [9, undefined, undefined, undefined],
  ])('after %i failures in a row waits %s, %s or %s ms', (failures, least, middle, most) => {
    const error = failure('NETWORK');
    const waits = [0, 0.5, 0.999].map((chance) => retryDelay(error, failures, policy, () => chance));
    expect(waits).toEqual([least, middle, most]);
  });

  test.each([
    ['nothing', undefined, 0.5, 250],
    ['no wait', 0, 0.5, 250],
    ['less than chance has it', 100, 0.999, 499.5],
    ['more than chance has it', 7000, 0.999, 7000],
    ['the longest wait that is honoured', 120_000, 0, 120_000],
    ['longer', 120_001, 0, 120_000],
    ['for ever', Number.MAX_SAFE_INTEGER, 0.999, 120_000],
  ])('where the other side asks for %s (%s ms)', (_, retryAfterMs, chance, expected) => {
    const error = failure('RATE_LIMITED', retryAfterMs === undefined ? {} : { retryAfterMs });
    expect(retryDelay(error, 1, policy, () => chance)).toBe(expected);
  });

  const transient: ErrorCode[] = ['NETWORK', 'TIMEOUT', 'RATE_LIMITED', 'SERVICE_UNAVAILABLE'];
  test.each(Object.keys(EXIT_CODES) as ErrorCode[])('%s: tries again only where it can pass by itself', (code) => {
    const wait = retryDelay(failure(code), 1, policy, () => 0.5);
    expect(wait).toBe(transient.includes(code) ? 250 : undefined);
    // A Retry-After makes no error transient, and neither does an error that calls itself worth another run.
    const asked = retryDelay(failure(code, { retryAfterMs: 1000, retryable: true }), 1, policy, () => 0.5);
    expect(asked).toBe(transient.includes(code) ? 1000 : undefined);
  });

  test('stops at an error that says it will not pass, such as a certificate that is not trusted', () => {
    expect(retryDelay(failure('NETWORK', { retryable: false }), 1, policy, () => 0)).toBeUndefined();
  });

  test('never tries again with 0 retries', () => {
    expect(retryDelay(failure('NETWORK'), 1, retryPolicy(0), () => 0)).toBeUndefined();
  });

  test('stays within its bounds, whatever comes', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 3000 }),
        fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true }),
        fc.option(fc.nat({ max: Number.MAX_SAFE_INTEGER }), { nil: undefined }),
        (failures, chance, retryAfterMs) => {
          const error = failure('SERVICE_UNAVAILABLE', retryAfterMs === undefined ? {} : { retryAfterMs });
          const wait = retryDelay(error, failures, { ...policy, retries: 3000 }, () => chance) ?? Number.NaN;
          expect(wait).toBeGreaterThanOrEqual(Math.min(retryAfterMs ?? 0, policy.maxRetryAfterMs));
          expect(wait).toBeLessThanOrEqual(Math.max(policy.capMs, Math.min(retryAfterMs ?? 0, policy.maxRetryAfterMs)));
        },
      ),
    );
  });
});

describe('retryPolicy', () => {
  test('tries five times more unless told otherwise, and honours two minutes of a Retry-After', () => {
    expect(retryPolicy()).toEqual({ retries: 5, baseMs: 500, capMs: 20_000, maxRetryAfterMs: 120_000 });
    expect(retryPolicy(2).retries).toBe(2);
  });
});
