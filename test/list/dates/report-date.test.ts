import { describe, expect, it } from 'vitest';
import { formatReportDate, isRealDay, patternNeeds, wallClock, withTime } from '../../../src/list/dates/report-date.ts';

const date = {
  year: 2026,
  month: 5,
  day: 4,
  hour: 9,
  minute: 8,
  second: 7,
  offset: undefined,
  precision: 'second',
  zone: undefined,
} as const;

describe('a date', () => {
  it('is written in any pattern, each of its parts as often as it stands there', () => {
    expect(formatReportDate(date, "yyyyMMdd'T'HHmmss yyyy MMM ddd")).toBe("20260504'T'090807 2026 05M 04d");
    expect(formatReportDate(date, 'nothing of it')).toBe('nothing of it');
    expect(formatReportDate({ ...date, year: 987 }, 'yyyy')).toBe('0987');
  });

  it.each([
    ['yyyy-MM-dd', 'date'],
    ['HH dd', 'date'],
    ['HHmmss', 'time'],
    ['YYYY', undefined],
    ['', undefined],
  ])('in the pattern %j is a %s', (pattern, needs) => {
    expect(patternNeeds(pattern)).toBe(needs);
  });

  it('stands at the time that its own clock shows', () => {
    expect(wallClock(date)).toBe(Date.UTC(2026, 4, 4, 9, 8, 7));
  });

  it('takes a time that is written elsewhere, and its zone', () => {
    const time = { hour: 23, minute: 1, second: 0, precision: 'minute', zone: undefined } as const;
    expect(withTime({ ...date, offset: 60 }, time)).toEqual({ ...date, ...time, offset: 60 });
    expect(withTime(date, { ...time, zone: 'Europe/Rome' })).toMatchObject({ day: 4, hour: 23, offset: 120 });
    expect(withTime(date, undefined)).toBe(date);
  });
});

describe('a calendar', () => {
  it.each([
    [2026, 1, 31, true],
    [2026, 4, 30, true],
    [2026, 4, 31, false],
    [2028, 2, 29, true],
    [2026, 2, 29, false],
    [1900, 2, 29, false],
    [2000, 2, 29, true],
    [2026, 13, 1, false],
    [2026, 0, 1, false],
    [2026, 1, 0, false],
    [2026, 1, 32, false],
    [0, 1, 1, false],
    [1, 1, 1, true],
  ])('has the day %i-%i-%i: %s', (year, month, day, expected) => {
    expect(isRealDay(year, month, day)).toBe(expected);
  });
});
