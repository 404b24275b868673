import { describe, expect, it } from 'vitest';
import { monthOf, weekdayOf } from '../../../src/list/dates/calendar-words.ts';

const LOCALES = ['en', 'en-IN', 'en-AU', 'it', 'es', 'es-MX', 'fr', 'fr-CA', 'de', 'de-AT', 'pt', 'pt-PT'];

const plain = (word: string) =>
  word
    .normalize('NFD')
    .replace(/[\p{M}.]/gu, '')
    .toLowerCase();

describe.each(LOCALES)('the calendar of %s', (locale) => {
  it.each(['long', 'short'] as const)('has months that are known by their %s names', (month) => {
    const { format } = new Intl.DateTimeFormat(locale, { month, timeZone: 'UTC' });
    for (let index = 0; index < 12; index++) {
      const name = format(Date.UTC(2026, index, 3));
      expect([name, monthOf(plain(name))]).toEqual([name, index + 1]);
    }
  });

  it.each(['long', 'short'] as const)('has weekdays that are known by their %s names', (weekday) => {
    const { format } = new Intl.DateTimeFormat(locale, { weekday, timeZone: 'UTC' });
    for (let day = 0; day < 7; day++) {
      const name = format(Date.UTC(2026, 10, 15 + day));
      expect([name, weekdayOf(plain(name))]).toEqual([name, day]);
    }
  });
});

describe('a word', () => {
  it.each(['jui', 'ma', 'foo', '', 'januaryx', 'constructor', 'ab'])('%j names no month', (word) => {
    expect(monthOf(word)).toBeUndefined();
  });

  it.each(['se', 'foo', '', 'noon', 'x', 'constructor'])('%j names no weekday', (word) => {
    expect(weekdayOf(word)).toBeUndefined();
  });
});
