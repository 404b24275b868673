import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  count,
  formatAge,
  formatAttempt,
  formatBytes,
  formatDuration,
  formatNumber,
  formatTimeLeft,
  formatWait,
} from '../../src/report/format.ts';

describe('formatBytes', () => {
  it.each([
    [0, '0 B'],
    [1, '1 B'],
    [999, '999 B'],
    [1000, '1.0 kB'],
    [1234, '1.2 kB'],
    [99_449, '99.4 kB'],
    [99_500, '100 kB'],
    [999_499, '999 kB'],
    [999_500, '1.0 MB'],
    [1_234_567, '1.2 MB'],
    [100_000_000, '100 MB'],
    [2_500_000_000, '2.5 GB'],
    [7e12, '7.0 TB'],
    [5e15, '5000 TB'],
  ])('shows %i as %s', (bytes, text) => {
    expect(formatBytes(bytes)).toBe(text);
  });

  it('shows a rate that is no whole number without more digits', () => {
    expect(formatBytes(12.345)).toBe('12 B');
    expect(formatBytes(1234.5678)).toBe('1.2 kB');
  });

  it('never shows a thousand of anything that has a larger unit', () => {
    fc.assert(
      fc.property(fc.double({ min: 0, max: 9e14, noNaN: true }), (bytes) => {
        expect(formatBytes(bytes)).toMatch(/^\d{1,3}(\.\d)? [kMGT]?B$/);
      }),
    );
  });
});

describe('formatNumber', () => {
  it.each([
    [0, '0'],
    [999, '999'],
    [1000, '1,000'],
    [1234567, '1,234,567'],
  ])('shows %i as %s', (number, text) => {
    expect(formatNumber(number)).toBe(text);
    expect(count(number, 'row')).toBe(`${text} rows`);
  });
});

describe('formatAge', () => {
  it.each([
    [-5, 'just now'],
    [12_900, '12 s ago'],
    [60_000, '1 min ago'],
    [7_200_000, '2 h ago'],
    [172_800_000, '2 days ago'],
  ])('shows %i ms as %s', (ms, text) => {
    expect(formatAge(ms)).toBe(text);
  });
});

describe('formatDuration', () => {
  it.each([
    [0, '0 ms'],
    [49.4, '49 ms'],
    [999, '999 ms'],
    [1000, '1.0 s'],
    [9949, '9.9 s'],
    [9950, '10 s'],
    [12_400, '12 s'],
    [59_499, '59 s'],
    [59_500, '1m 00s'],
    [185_000, '3m 05s'],
    [3_599_400, '59m 59s'],
    [3_599_500, '1h 00m'],
    [7_620_000, '2h 07m'],
    [360_000_000, '100h 00m'],
  ])('shows %i ms as %s', (ms, text) => {
    expect(formatDuration(ms)).toBe(text);
  });
});

describe('count', () => {
  it.each([
    [0, '0 rows'],
    [1, '1 row'],
    [2, '2 rows'],
  ])('counts %i as %s', (number, text) => {
    expect(count(number, 'row')).toBe(text);
  });
});

describe('formatAttempt', () => {
  it.each([
    [2, 0, 'Attempt 2 at once.'],
    [2, 49, 'Attempt 2 at once.'],
    [3, 1500, 'Attempt 3 in 1.5 s.'],
    [4, 90_000, 'Attempt 4 in 1m 30s.'],
  ])('says of attempt %i in %i ms: %s', (attempt, delayMs, text) => {
    expect(formatAttempt(attempt, delayMs)).toBe(text);
  });
});

describe('formatTimeLeft', () => {
  it.each([
    [0, '1 s left'],
    [400, '1 s left'],
    [9001, '10 s left'],
    [10_001, '15 s left'],
    [56_000, '1m 00s left'],
    [61_000, '1m 10s left'],
    [599_000, '10m 00s left'],
    [601_000, '11m 00s left'],
    [7_000_000, '1h 57m left'],
  ])('tells of %i ms: %s', (ms, text) => {
    expect(formatTimeLeft(ms)).toBe(text);
  });
});

describe('formatWait', () => {
  it.each([
    [1, 'waiting 1 s'],
    [11_001, 'waiting 12 s'],
    [600_000, 'waiting 600 s'],
  ])('tells of %i ms: %s', (ms, text) => {
    expect(formatWait(ms)).toBe(text);
  });
});
