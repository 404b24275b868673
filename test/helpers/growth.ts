import { expect } from 'vitest';

const SMALL = 16_000;
const TIMES = 16;
/** Linear work takes 16 times as long, quadratic work 256 times. */
const MOST = 64;
/** Below so many milliseconds a measurement is of the machine and not of the work. */
const FLOOR_MS = 1;

/**
 * Expects work on a text of a quarter of a megabyte to take no more than its share of processor time, held against a sixteenth of it: no seconds are
 * asserted, and time in which the machine does other things does not count.
 */
export function expectLinear(textOf: (length: number) => string, work: (text: string) => unknown): void {
  const small = Math.max(FLOOR_MS, processorMs(textOf(SMALL), work));
  const large = processorMs(textOf(SMALL * TIMES), work);
  if (large / small > MOST) {
    // Once more: the collector or the compiler may have come between.
    expect(processorMs(textOf(SMALL * TIMES), work) / Math.max(FLOOR_MS, processorMs(textOf(SMALL), work))).toBeLessThan(MOST);
  }
}

function processorMs(text: string, work: (text: string) => unknown): number {
  const before = process.cpuUsage();
  work(text);
  const { user, system } = process.cpuUsage(before);
  return (user + system) / 1000;
}
