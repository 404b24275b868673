import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { dayOrderOf, formatReportDate, readReportDate, timeOf } from '../../src/list/report-dates.ts';

const PATTERN = 'yyyy-MM-dd HH:mm:ss';

/** How a date reads, and its offset where it names one. */
function shown(text: string, order?: 'day-first' | 'month-first'): string | undefined {
  const date = readReportDate(text, order);
  return date && formatReportDate(date, PATTERN) + (date.offset === undefined ? '' : ` ${date.offset}`);
}

describe('a date', () => {
  it.each([
    ['2026-05-14', '2026-05-14 00:00:00'],
    ['2026-05-14 10:22:33', '2026-05-14 10:22:33'],
    ['2026-05-14T10:22:33', '2026-05-14 10:22:33'],
    ['2026-05-14T10:22:33Z', '2026-05-14 10:22:33 0'],
    ['2026-05-14T10:22:33.123456Z', '2026-05-14 10:22:33 0'],
    ['2026-05-14 10:22:33,5', '2026-05-14 10:22:33'],
    ['2026-05-14T10:22:33+05:30', '2026-05-14 10:22:33 330'],
    ['2026-05-14 10:22:33 -0800', '2026-05-14 10:22:33 -480'],
    ['2026-05-14 10:22:33 UTC', '2026-05-14 10:22:33 0'],
    ['2026-05-14 10:22', '2026-05-14 10:22:00'],
    ['2026-5-4 9:05', '2026-05-04 09:05:00'],
    ['2026/05/14 10:22:33', '2026-05-14 10:22:33'],
    ['2026.05.14', '2026-05-14 00:00:00'],
    ['  2026-05-14  ', '2026-05-14 00:00:00'],
    ['14/05/2026', '2026-05-14 00:00:00'],
    ['14.05.2026 10:22', '2026-05-14 10:22:00'],
    ['14-05-2026, 10:22:33', '2026-05-14 10:22:33'],
    ['5/14/2026 1:02 PM', '2026-05-14 13:02:00'],
    ['5/14/2026 12:00 AM', '2026-05-14 00:00:00'],
    ['5/14/2026 12:00 p.m.', '2026-05-14 12:00:00'],
    ['5/14/2026 12:59:59pm', '2026-05-14 12:59:59'],
    ['14 May 2026', '2026-05-14 00:00:00'],
    ['14-May-2026 10:22:33', '2026-05-14 10:22:33'],
    ['14 may 2026', '2026-05-14 00:00:00'],
    ['1 September 2026', '2026-09-01 00:00:00'],
    ['1 Sept. 2026', '2026-09-01 00:00:00'],
    ['May 14, 2026', '2026-05-14 00:00:00'],
    ['May 14, 2026, 10:22 PM', '2026-05-14 22:22:00'],
    ['Dec 1 2026', '2026-12-01 00:00:00'],
    ['1778754153', '2026-05-14 10:22:33 0'],
    ['1778754153000', '2026-05-14 10:22:33 0'],
    ['2024-02-29', '2024-02-29 00:00:00'],
    ['2000-02-29', '2000-02-29 00:00:00'],
    ['2016-12-31 23:59:60', '2016-12-31 23:59:60'],
    ['2026-05-14T10:22:33+14:00', '2026-05-14 10:22:33 840'],
  ])('written %j is %s', (text, expected) => {
    expect(shown(text)).toBe(expected);
  });

  it.each([
    '',
    '   ',
    'yesterday',
    '2026-02-29',
    '1900-02-29',
    '2026-02-30',
    '2026-04-31',
    '2026-13-01',
    '2026-00-10',
    '2026-01-00',
    '31/04/2026',
    '13/13/2026',
    '32/01/2026',
    '29 February 2025',
    '14 Foo 2026',
    'Foo 14, 2026',
    '2026-05-14 24:00',
    '2026-05-14 10:60',
    '2026-05-14 10:22:61',
    '2026-05-14 13:00 PM',
    '2026-05-14 0:00 AM',
    '2026-05-14T10:22:33+15:00',
    '2026-05-14T10:22:33+99:99',
    '2026-05-14 10',
    '2026-05-14 10:22:33 Mars',
    '2026-05-14 10:22:33; DROP',
    '14/05/26',
    '20260514',
    '+393471234567',
    '123456789',
    '12345678901234',
    '0000-01-01',
    '2026-05-14\n2026-05-15',
  ])('%j is none', (text) => {
    expect(readReportDate(text)).toBeUndefined();
  });

  it.each([
    ['03/04/2026', 'day-first', '2026-04-03 00:00:00'],
    ['03/04/2026', 'month-first', '2026-03-04 00:00:00'],
    // Only one of the two can be the month, whatever the order.
    ['13/04/2026', 'month-first', '2026-04-13 00:00:00'],
    ['04/13/2026', 'day-first', '2026-04-13 00:00:00'],
    // The order is for dates with the year last alone.
    ['2026/03/04', 'day-first', '2026-03-04 00:00:00'],
  ] as const)('%s is read %s as %s', (text, order, expected) => {
    expect(shown(text, order)).toBe(expected);
  });

  it.each([
    ['13/04/2026', 'day-first'],
    ['04/13/2026', 'month-first'],
    ['03/04/2026', undefined],
    [' 31.12.2026 10:00 ', 'day-first'],
    ['2026-13-04', undefined],
    ['14 May 2026', undefined],
    ['', undefined],
  ])('%j tells the order %s', (text, order) => {
    expect(dayOrderOf(text)).toBe(order);
  });

  it('whose zone is named is a moment, and is taken as UTC else', () => {
    expect(timeOf(readReportDate('2026-05-14T10:22:33+05:30') ?? expect.fail())).toBe(Date.parse('2026-05-14T10:22:33+05:30'));
    expect(timeOf(readReportDate('2026-05-14 10:22:33') ?? expect.fail())).toBe(Date.UTC(2026, 4, 14, 10, 22, 33));
    expect(timeOf(readReportDate('1778754153999') ?? expect.fail())).toBe(1778754153000);
  });

  it('is written in any pattern, each of its parts as often as it stands there', () => {
    const date = readReportDate('2026-05-04 09:08:07') ?? expect.fail();
    expect(formatReportDate(date, "yyyyMMdd'T'HHmmss yyyy MMM ddd")).toBe("20260504'T'090807 2026 05M 04d");
    expect(formatReportDate(date, 'nothing of it')).toBe('nothing of it');
  });
});

describe('every moment', () => {
  const moment = fc.date({ min: new Date('1000-01-01T00:00:00Z'), max: new Date('9999-12-31T23:59:59Z'), noInvalidDate: true });
  const seconds = (date: Date) => Math.floor(date.getTime() / 1000) * 1000;

  it('comes back from how it is written', () => {
    fc.assert(
      fc.property(moment, (date) => {
        const iso = date.toISOString();
        const read = readReportDate(iso) ?? expect.fail(iso);
        expect(timeOf(read)).toBe(seconds(date));
        const [year, month, day] = formatReportDate(read, 'yyyy-MM-dd').split('-');
        for (const [text, order] of [
          [`${day}/${month}/${year}`, 'day-first'],
          [`${month}/${day}/${year}`, 'month-first'],
        ] as const) {
          expect(formatReportDate(readReportDate(text, order) ?? expect.fail(text), 'yyyy-MM-dd')).toBe(iso.slice(0, 10));
        }
      }),
    );
  });

  it('is none where the text is anything at all, or is a real one', () => {
    fc.assert(
      fc.property(fc.oneof(fc.string(), fc.stringMatching(/^\d{1,4}[-/. ]\d{1,2}[-/. ]\d{1,4}( \d\d:\d\d)?$/)), (text) => {
        const date = readReportDate(text);
        if (date === undefined) return;
        const { year, month, day } = date;
        expect(new Date(Date.UTC(year, month - 1, day)).toISOString().slice(0, 10)).toBe(formatReportDate(date, 'yyyy-MM-dd'));
      }),
    );
  });
});
