import { describe, expect, it } from 'vitest';
import { ambiguousZone, namedTimeZone, readTimeZone } from '../../src/list/time-zone.ts';

const wall = (text: string) => Date.parse(`${text}Z`);
const offsetOf = (zone: string, at = '2026-07-01T12:00') => readTimeZone(zone)?.offsetAt(wall(at));

describe('a time zone', () => {
  it.each([
    ['Z', 0],
    ['utc', 0],
    ['GMT', 0],
    ['+05:30', 330],
    ['+0530', 330],
    ['-8', -480],
    ['\u22123', -180],
    ['GMT+5:30', 330],
    ['UTC -03', -180],
    ['+14:00', 840],
    ['-12:00', -720],
    ['IST', 330],
    ['cest', 120],
    ['EST', -300],
    ['Asia/Kolkata', 330],
    ['asia/calcutta', 330],
    ['America/Argentina/Buenos_Aires', -180],
    ['Etc/GMT+5', -300],
    ['Europe/Rome', 120],
    ['Africa/Abidjan', 0],
  ])('%s is %i minutes ahead of UTC in July', (zone, expected) => {
    expect(offsetOf(zone)).toBe(expected);
  });

  it.each([
    '',
    'Mars',
    'Foo/Bar',
    '+15:00',
    '-12:30',
    '+05:60',
    '5:30',
    '+5:3',
    'Japan',
    'EST5EDT',
    'constructor',
    '__proto__',
    'a/'.repeat(1000),
  ])('%j is none', (zone) => {
    expect(readTimeZone(zone)).toBeUndefined();
  });

  it.each([
    ['2026-03-29T01:59', 60],
    // Clocks go from 02:00 to 03:00: what stands between is taken as it would have been.
    ['2026-03-29T02:30', 60],
    ['2026-03-29T03:00', 120],
    ['2026-03-29T12:00', 120],
    ['2026-03-30T00:00', 120],
    ['2026-10-25T01:59', 120],
    // They show this hour twice: the first is taken.
    ['2026-10-25T02:30', 120],
    ['2026-10-25T03:00', 60],
    ['2026-12-01T00:00', 60],
  ])('in which clocks change is %s at %i minutes', (at, expected) => {
    expect(offsetOf('Europe/Rome', at)).toBe(expected);
    // Again, from what is remembered of the day.
    expect(offsetOf('Europe/Rome', at)).toBe(expected);
  });

  it('counts seconds where its clock did', () => {
    // Liberia's, until 1972.
    expect(offsetOf('Africa/Monrovia', '1971-06-01T12:00')).toBe(-44.5);
  });

  it('is written with letters that mean another one elsewhere: that can be told', () => {
    expect(ambiguousZone('IST')).toBe('Indian Standard Time (+05:30)');
    expect(ambiguousZone('cet')).toBeUndefined();
    expect(ambiguousZone('constructor')).toBeUndefined();
  });

  it('that is none is a usage error of --time-zone', () => {
    expect(() => namedTimeZone('Milan')).toThrow(
      expect.objectContaining({
        code: 'USAGE',
        message: '--time-zone "Milan" is not a time zone.',
        hint: expect.stringContaining('Asia/Kolkata'),
      }),
    );
    expect(namedTimeZone(' Asia/Kolkata ').offsetAt(0)).toBe(330);
  });
});
