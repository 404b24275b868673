import { describe, expect, it } from 'vitest';
import { ColumnReader } from '../../../src/list/dates/column-reader.ts';
import type { DateColumns } from '../../../src/list/dates/find-columns.ts';
import { formatReportDate } from '../../../src/list/dates/report-date.ts';
import { ReportDates } from '../../../src/list/dates/report-dates.ts';
import { namedTimeZone, UTC } from '../../../src/list/time-zone.ts';

/** The columns: id, date, time, and when the call ended. */
const COLUMNS = { date: 1, time: 2 };
const ROW = ['a', '20/11/2026', '09:15', '2026-11-21'];

const datesOf = (columns: DateColumns = COLUMNS, zone = UTC) => {
  const monthFirst = new ColumnReader({ orders: new Map([['/', 'month-first']]), serials: false });
  return new ReportDates(new Map([[1, monthFirst]]), columns, zone);
};

function written(row: readonly string[], column: number, columns?: DateColumns) {
  const date = datesOf(columns).date(row, column);
  return date && `${formatReportDate(date, 'yyyy-MM-dd HH:mm')} ${date.precision}`;
}

describe("a report's date", () => {
  it.each([
    ['has the time of the column beside it', ROW, 1, '2026-11-20 09:15 minute'],
    ['keeps a time of its own', ROW.with(1, '20/11/2026 08:00'), 1, '2026-11-20 08:00 minute'],
    ['has no time where that is blank', ROW.with(2, ''), 1, '2026-11-20 00:00 day'],
    ['has no time where the row ends before it', ROW.slice(0, 2), 1, '2026-11-20 00:00 day'],
    ['has the time of another column only if it is that of the call', ROW, 3, '2026-11-21 00:00 day'],
    ['is read as its column is written', ROW.with(1, '03/04/2026'), 1, '2026-03-04 09:15 minute'],
    ['is none where it can be read in two ways, and nobody has looked', ROW.with(3, '03/04/2026'), 3, undefined],
    ['is none where the row has none', ROW.with(1, 'soon'), 1, undefined],
    ['is none where the row ends before it', ['a'], 1, undefined],
  ] as const)('%s', (_, row, column, expected) => {
    expect(written(row, column)).toBe(expected);
  });

  it('is a day alone where no column has the time', () => {
    expect(written(ROW, 1, { date: 1, time: undefined })).toBe('2026-11-20 00:00 day');
  });
});

describe("a report's time of day", () => {
  it.each([
    ['stands alone', ROW, 2, '09:15'],
    ['stands behind a day', ROW.with(3, '2026-11-21 10:30'), 3, '10:30'],
    ['stands beside the day of the call', ROW, 1, '09:15'],
    ['is none of a day alone', ROW, 3, undefined],
    ['is none of a day with a blank beside it', ROW.with(2, ''), 1, undefined],
    ['is none of anything else', ROW.with(3, 'soon'), 3, undefined],
    ['is none where the row ends before it', ['a'], 3, undefined],
  ] as const)('%s', (_, row, column, expected) => {
    const time = datesOf().time(row, column);
    expect(time && formatReportDate({ year: 1, month: 1, day: 1, ...time }, 'HH:mm')).toBe(expected);
  });
});

describe('when a call can have begun', () => {
  const rowOf = (columns?: readonly string[]) => ({ id: 'a', line: 2, raw: '', ...(columns && { columns: [...columns] }) });
  const spanOf = (columns?: readonly string[], where: DateColumns = COLUMNS, zone = UTC) => datesOf(where, zone).spanOf(rowOf(columns));

  it('is told by its date and the time beside it, in the zone of the report', () => {
    const kolkata = namedTimeZone('Asia/Kolkata');
    const from = Date.parse('2026-11-20T09:15Z');
    expect(spanOf(ROW)).toEqual({ from, to: from + 60_000 });
    expect(spanOf(ROW, COLUMNS, kolkata)?.from).toBe(Date.parse('2026-11-20T03:45Z'));
    expect(spanOf(ROW.with(2, '09:15 +01:00'), COLUMNS, kolkata)?.from).toBe(Date.parse('2026-11-20T08:15Z'));
  });

  it('is told by nothing where there is no date, no column of dates, or no column at all', () => {
    expect(spanOf(ROW.with(1, 'soon'))).toBeUndefined();
    expect(spanOf(ROW, { date: undefined, time: undefined })).toBeUndefined();
    expect(spanOf()).toBeUndefined();
  });
});

it('a value speaks against what its column was found to be, where anything was found', () => {
  const dates = datesOf();
  expect(dates.isContradictedBy('25/04/2026', 1)).toBe(true);
  expect(dates.isContradictedBy('04/25/2026', 1)).toBe(false);
  expect(dates.isContradictedBy('25/04/2026', 3)).toBe(false);
});
