import { describe, expect, test } from 'vitest';
import { type ErrorCode, interruptedError, RecordingError } from '../../src/errors.ts';
import { createPace } from '../../src/retry/pace.ts';
import { retryPolicy } from '../../src/retry/policy.ts';
import { startTries } from '../../src/retry/retry.ts';
import { testSystem } from '../helpers/test-system.ts';

function failure(code: ErrorCode, retryAfterMs?: number): RecordingError {
  return new RecordingError(code, `It failed: ${code}.`, { hint: 'Wait.', ...(retryAfterMs === undefined ? {} : { retryAfterMs }) });
}

/** Tries with chance at one half, whose waits pass at once; `told` is what `onRetry` was given. */
function tries(retries = 5) {
  const clock = testSystem();
  const stop = new AbortController();
  const pace = createPace(clock);
  const held: number[] = [];
  const told: [attempt: number, delayMs: number, code: ErrorCode][] = [];
  const started = startTries({
    policy: retryPolicy(retries),
    clock,
    pace: { ...pace, holdBack: (ms) => void held.push(ms) },
    signal: stop.signal,
    onRetry: (attempt, delayMs, error) => told.push([attempt, delayMs, error.code]),
  });
  return { tries: started, clock, held, told, stop };
}

describe('startTries', () => {
  test('counts the first attempt from the start', () => {
    expect(tries().tries.attempts).toBe(1);
  });

  test('waits as the policy says, told before each wait, and throws the last error when it is enough', async () => {
    const { tries: started, clock, told } = tries(2);
    await started.again(failure('NETWORK'));
    await started.again(failure('TIMEOUT'));
    const last = failure('SERVICE_UNAVAILABLE');
    await expect(started.again(last)).rejects.toBe(last);
    expect(told).toEqual([
      [2, 250, 'NETWORK'],
      [3, 500, 'TIMEOUT'],
    ]);
    expect(clock.sleeps).toEqual([250, 500]);
    expect(started.attempts).toBe(3);
  });

  test('counts failures in a row: getting further starts the count again', async () => {
    const { tries: started, clock } = tries(2);
    for (let round = 0; round < 4; round += 1) {
      await started.again(failure('NETWORK'));
      await started.again(failure('NETWORK'));
      started.progressed();
    }
    expect(clock.sleeps).toEqual([250, 500, 250, 500, 250, 500, 250, 500]);
    expect(started.attempts).toBe(9);
  });

  test('throws at once what does not pass by itself, and holds nobody back', async () => {
    const { tries: started, clock, held, told } = tries();
    const gone = failure('RECORDING_NOT_FOUND');
    await expect(started.again(gone)).rejects.toBe(gone);
    expect([clock.sleeps, held, told]).toEqual([[], [], []]);
  });

  test('throws what is no error of ours as a fault of this tool', async () => {
    const { tries: started } = tries();
    await expect(started.again(new TypeError('x is not a function'))).rejects.toMatchObject({ code: 'UNEXPECTED' });
  });

  test('holds everybody back as long as this one waits, when it was told to slow down', async () => {
    const { tries: started, held, clock } = tries();
    await started.again(failure('RATE_LIMITED', 7000));
    await started.again(failure('RATE_LIMITED'));
    await started.again(failure('SERVICE_UNAVAILABLE', 9000));
    expect(held).toEqual([7000, 500]);
    expect(clock.sleeps).toEqual([7000, 500, 9000]);
  });

  test.each([
    [undefined, 0],
    [7000, 7000],
    [86_400_000, 120_000],
    [Number.MAX_SAFE_INTEGER, 120_000],
  ])('holds the others back, within bounds, also when it gives up itself (Retry-After %s ms)', async (retryAfterMs, ms) => {
    const { tries: started, held } = tries(0);
    await expect(started.again(failure('RATE_LIMITED', retryAfterMs))).rejects.toMatchObject({ code: 'RATE_LIMITED' });
    expect(held).toEqual([ms]);
  });

  test('counts and tells an attempt that follows at once', async () => {
    const { tries: started, told, clock } = tries(1);
    started.atOnce(failure('CONTENT_MISMATCH'));
    expect(told).toEqual([[2, 0, 'CONTENT_MISMATCH']]);
    expect(clock.sleeps).toEqual([]);
    // It is no failure in a row.
    await started.again(failure('NETWORK'));
    expect(started.attempts).toBe(3);
  });

  test('ends with the reason of the signal, whatever had failed', async () => {
    const { tries: started, stop, told } = tries();
    const reason = interruptedError('SIGTERM');
    stop.abort(reason);
    await expect(started.again(failure('NETWORK'))).rejects.toBe(reason);
    expect(told).toEqual([]);
  });

  test('ends within a wait when the signal is aborted', async () => {
    const clock = testSystem({ manualClock: true });
    const stop = new AbortController();
    const started = startTries({ policy: retryPolicy(), clock, pace: createPace(clock), signal: stop.signal });
    const waiting = started.again(failure('NETWORK'));
    const reason = interruptedError('SIGINT');
    stop.abort(reason);
    await expect(waiting).rejects.toBe(reason);
  });
});
