import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ColumnSurvey } from '../../../src/list/dates/column-survey.ts';
import { formatReportDate } from '../../../src/list/dates/report-date.ts';

const NOW = Date.parse('2026-11-25T12:00:00Z');
const DAY_MS = 24 * 60 * 60 * 1000;

type Write = (time: number) => string;

const LOCALES = ['en-US', 'en-GB', 'en-IN', 'en-AU', 'it', 'es', 'es-MX', 'fr', 'fr-CA', 'de', 'de-AT', 'pt', 'pt-PT'];
const STYLES = ['full', 'long', 'medium', 'short'] as const;

const intl = fc
  .record({
    locale: fc.constantFrom(...LOCALES),
    dateStyle: fc.constantFrom(...STYLES),
    timeStyle: fc.constantFrom('long', 'medium', 'short', undefined),
    hourCycle: fc.constantFrom('h12', 'h23'),
  })
  .map(({ locale, ...styles }): Write => {
    const { format } = new Intl.DateTimeFormat(locale, { ...styles, timeZone: 'UTC' });
    return (time) => format(time);
  });

const two = (number: number) => String(number).padStart(2, '0');
const parts = (time: number) => {
  const date = new Date(time);
  const [year, month, day] = [date.getUTCFullYear(), date.getUTCMonth() + 1, date.getUTCDate()];
  return {
    year,
    month,
    day,
    y: two(year % 100),
    m: two(month),
    d: two(day),
    time: date.toISOString().slice(11, 19),
    name: date.toUTCString().slice(8, 11),
  };
};

const FORMS: readonly Write[] = [
  (time) => new Date(time).toISOString(),
  (time) => new Date(time).toUTCString(),
  (time) => new Date(time).toISOString().replace(/\D/g, '').slice(0, 14),
  (time) => new Date(time).toISOString().replace(/[-:]|\.\d+/g, ''),
  (time) => String(Math.floor(time / 1000)),
  (time) => String(time),
  (time) => String(time / DAY_MS + 25_569),
  (time) => ((p) => `${p.d}-${p.name}-${p.y}`)(parts(time)),
  (time) => ((p) => `${p.d}-${p.name.toUpperCase()}-${p.y} ${p.time.replaceAll(':', '.')}`)(parts(time)),
  (time) => ((p) => `${p.d}/${p.name}/${p.year}:${p.time} +0000`)(parts(time)),
  (time) => ((p) => `${p.y}-${p.m}-${p.d} ${p.time}`)(parts(time)),
  (time) => ((p) => `${p.d}.${p.m}.${p.y}`)(parts(time)),
  (time) => ((p) => `${p.month}/${p.day}/${p.y} ${p.time}`)(parts(time)),
  (time) => ((p) => `${p.month}/${p.day}/${p.year} ${p.time.slice(0, 5)}`)(parts(time)),
  (time) => ((p) => `${p.day}/${p.month}/${p.year} ${p.time.slice(0, 5).replace(':', 'h')}`)(parts(time)),
  (time) => ((p) => `${p.year}-${p.m}-${p.d}-${p.time.replaceAll(':', '.')}.000123`)(parts(time)),
  (time) => ((p) => `${p.time}, ${p.day} ${p.name} ${p.year}`)(parts(time)),
];

/** Calls of the last six months, one of them on a day that cannot be a month, so that the column has evidence. */
const calls = fc
  .array(fc.integer({ min: NOW - 180 * DAY_MS, max: NOW - DAY_MS }), { minLength: 1, maxLength: 20 })
  .map((times) => [...times, Date.parse('2026-10-28T23:59:59Z')].map((time) => Math.floor(time / 1000) * 1000));

describe('a date in any form and locale', () => {
  it('is read back as it was meant', () => {
    fc.assert(
      fc.property(calls, fc.oneof(intl, fc.constantFrom(...FORMS)), (times, write) => {
        const values = times.map(write);
        const survey = new ColumnSurvey(NOW);
        for (const value of values) survey.add(value, [value], 2);
        const { reader } = survey.finish(() => undefined);
        for (const [index, value] of values.entries()) {
          const date = reader.date(value);
          const iso = new Date(times[index] ?? 0).toISOString();
          expect([value, date && formatReportDate(date, 'yyyy-MM-dd')]).toEqual([value, iso.slice(0, 10)]);
          if (date === undefined || date.precision === 'day') continue;
          const pattern = date.precision === 'minute' ? 'HH:mm' : 'HH:mm:ss';
          expect([value, formatReportDate(date, pattern)]).toEqual([value, iso.slice(11, 11 + pattern.length)]);
        }
      }),
      { numRuns: 500 },
    );
  });
});
