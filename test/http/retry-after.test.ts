import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { parseRetryAfter } from '../../src/http/retry-after.ts';

const now = Date.UTC(2026, 10, 6, 8, 49, 30);

describe('parseRetryAfter', () => {
  test.each([
    ['0', 0],
    ['120', 120_000],
    [' 5 ', 5000],
    ['1.5', 1500],
    ['0.0001', 1],
    ['Fri, 06 Nov 2026 08:49:37 GMT', 7000],
    ['Friday, 06-Nov-26 08:49:37 GMT', 7000],
    ['Fri Nov  6 08:49:37 2026', 7000],
    ['Fri, 06 Nov 2026 08:49:60 GMT', 30_000],
    ['fri, 06 nov 2026 08:49:37 gmt', 7000],
  ])('reads %j', (value, expected) => {
    expect(parseRetryAfter(value, now)).toBe(expected);
  });

  test('is never negative: a date gone by asks for no wait', () => {
    expect(parseRetryAfter('Sun, 06 Nov 1994 08:49:37 GMT', now)).toBe(0);
    expect(parseRetryAfter('Sunday, 06-Nov-94 08:49:37 GMT', now)).toBe(0);
  });

  test('takes a two-digit year up to 50 years ahead for a coming one', () => {
    expect(parseRetryAfter('Friday, 06-Nov-76 08:49:30 GMT', now)).toBe(Date.UTC(2076, 10, 6, 8, 49, 30) - now);
    expect(parseRetryAfter('Sunday, 06-Nov-77 08:49:30 GMT', now)).toBe(0);
  });

  test('stays finite for a number of any length', () => {
    expect(parseRetryAfter('9'.repeat(400), now)).toBe(Number.MAX_SAFE_INTEGER);
  });

  test.each([
    undefined,
    '',
    '-5',
    '1e3',
    '0x10',
    '5, 5',
    'soon',
    '2026-11-06T08:49:37Z',
    'Fri, 06 Nov 2026 08:49:37 +0100',
    'Fri, 31 Feb 2026 08:49:37 GMT',
    'Fri, 00 Nov 2026 08:49:37 GMT',
    'Fri, 06 Xyz 2026 08:49:37 GMT',
    'Fri, 06 Nov 2026 24:00:00 GMT',
    'Fri, 06 Nov 2026 08:60:00 GMT',
    'Fri, 06 Nov 2026 08:49:61 GMT',
  ])('does not tell for %j', (value) => {
    expect(parseRetryAfter(value, now)).toBeUndefined();
  });

  test('reads every moment back from the date that the platform writes', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 4_102_444_800 }), (seconds) => {
        expect(parseRetryAfter(new Date(seconds * 1000).toUTCString(), 0)).toBe(seconds * 1000);
      }),
    );
  });
});
