import { describe, expect, test } from 'vitest';
import { LEAST_RATE, LeastRate } from '../../src/download/least-rate.ts';
import { testSystem } from '../helpers/test-system.ts';

const STALL_MS = 30_000;

/** Lets so many bytes come every second, for so many seconds. */
async function drip(bytes: number, seconds: number, clock = testSystem(), rate = new LeastRate(clock, STALL_MS)): Promise<void> {
  for (let second = 0; second < seconds; second += 1) {
    await clock.sleep(1000);
    rate.came(bytes);
  }
}

describe('LeastRate', () => {
  test.each([1, LEAST_RATE - 1])('gives up on %i bytes a second, after four times the stall timeout', async (bytes) => {
    await drip(bytes, 119);
    await expect(drip(bytes, 120)).rejects.toMatchObject({
      code: 'TIMEOUT',
      message: `The store sent only ${120 * bytes} bytes in 120 s.`,
      hint: expect.stringContaining('--stall-timeout'),
    });
  });

  test('bears the least rate for as long as it lasts', async () => {
    await drip(LEAST_RATE, 10_000);
  });

  test('bears a pause within one that is fast on the whole, and counts nothing of an earlier rush for later', async () => {
    const clock = testSystem();
    const rate = new LeastRate(clock, STALL_MS);
    rate.came(LEAST_RATE * 120);
    await drip(1, 120, clock, rate);
    await expect(drip(1, 120, clock, rate)).rejects.toMatchObject({ code: 'TIMEOUT' });
  });

  test('leaves out the time that a slow reader takes', async () => {
    const clock = testSystem();
    const rate = new LeastRate(clock, STALL_MS);
    for (let piece = 0; piece < 100; piece += 1) {
      rate.came(1000);
      await rate.without(Promise.resolve().then(() => clock.sleep(60_000)));
    }
    expect(await rate.without(Promise.resolve('what it gives'))).toBe('what it gives');
    await expect(rate.without(Promise.reject(new Error('the disk')))).rejects.toThrow('the disk');
  });
});
