import { describe, expect, test } from 'vitest';
import type { ColumnFinding, Tally } from '../../../src/list/dates/column-survey.ts';
import {
  type DateUse,
  headingOf,
  isReadable,
  noDatesNotices,
  orderName,
  partlyNotices,
  quoted,
  readingNotices,
  retentionNotices,
  undatedNotices,
} from '../../../src/list/dates/notices.ts';
import type { OrderVerdict } from '../../../src/list/dates/order-evidence.ts';
import type { SurveyFindings } from '../../../src/list/dates/report-survey.ts';

const use: DateUse = {
  header: {
    headers: ['Recording ID', 'Date', 'End'],
    fields: ['Recording ID', 'Date', 'End'],
    raw: '',
    delimiter: ',',
    idColumn: 0,
  } as unknown as DateUse['header'],
  matters: true,
  named: new Map(),
  undated: undefined,
};

function finding(parts: Partial<ColumnFinding> & { dated?: number; partly?: number } = {}): ColumnFinding {
  const { dated = 10, partly = 0, ...rest } = parts;
  const tally: Tally = { dated, past: 0, leaving: 0, kept: dated, partly };
  return {
    verdicts: [],
    blank: 0,
    unreadable: 0,
    times: 0,
    example: undefined,
    zone: undefined,
    tally,
    ...rest,
  } as unknown as ColumnFinding;
}

const found = (date: number | undefined, columns: [number, ColumnFinding][]) =>
  ({ date, columns: new Map(columns) }) as unknown as SurveyFindings;

const verdict = (parts: Partial<OrderVerdict> = {}): OrderVerdict => ({
  order: 'day-first',
  reason: 'assumed',
  contradicted: 0,
  contradiction: undefined,
  example: '1/2/2026',
  ...parts,
});

describe('how dates are read', () => {
  test.each<[Partial<OrderVerdict>, string]>([
    [
      { reason: 'values', example: '20/1/2026' },
      'Dates such as "20/1/2026" in column "Date" are read as day, month, year: "20/1/2026" cannot be read otherwise.',
    ],
    [
      { reason: 'future', order: 'month-first' },
      'Dates such as "1/2/2026" in column "Date" are read as month, day, year: otherwise some of these calls would lie in the future.',
    ],
    [
      { reason: 'column', contradicted: 1, contradiction: '1/20/2026' },
      'Dates such as "1/2/2026" in column "Date" are read as day, month, year: as another column of the report has them. But one value, such as "1/20/2026", can only be read in another order: check them.',
    ],
    [
      { reason: 'sequence', contradicted: 3, contradiction: '1/20/2026' },
      'Dates such as "1/2/2026" in column "Date" are read as day, month, year: only then do the rows follow one another in time. But 3 values, such as "1/20/2026", can only be read in another order: check them.',
    ],
    [
      { reason: 'age', contradicted: 3 },
      'Dates such as "1/2/2026" in column "Date" are read as day, month, year: otherwise these calls would be years old.',
    ],
  ])('is told with the reason: %j', (parts, notice) => {
    expect(readingNotices(found(1, [[1, finding({ verdicts: [verdict(parts)] })]]), use)).toEqual([notice]);
  });

  test('is told with the zone that letters are taken for', () => {
    const zone = { text: 'IST', meaning: 'Indian Standard Time (+05:30)' };
    expect(readingNotices(found(1, [[1, finding({ zone })]]), use)).toEqual([
      '"IST" in column "Date" is taken for Indian Standard Time (+05:30).',
    ]);
    expect(readingNotices(found(1, [[1, finding()]]), use)).toEqual([]);
  });

  test('is told of the columns that are used alone', () => {
    const both = found(1, [
      [1, finding({ verdicts: [verdict()] })],
      [2, finding({ verdicts: [verdict()] })],
    ]);
    const columnsOf = (how: Partial<DateUse>) =>
      readingNotices(both, { ...use, ...how }).map((notice) => /column "(\w+)"/.exec(notice)?.[1]);
    expect(columnsOf({})).toEqual(['Date']);
    expect(columnsOf({ matters: false })).toEqual([]);
    expect(columnsOf({ matters: false, named: new Map([[2, 'day']]) })).toEqual(['End']);
    expect(columnsOf({ named: new Map([[2, 'day']]) })).toEqual(['Date', 'End']);
  });
});

describe('rows without a date', () => {
  const example = { text: 'soon', line: 7 };

  test.each<[Partial<ColumnFinding> & { dated?: number }, string[]]>([
    [{}, []],
    [{ blank: 1 }, ['1 of 11 rows has no date in column "Date".']],
    [{ blank: 2 }, ['2 of 12 rows have no date in column "Date".']],
    [{ blank: 1, dated: 0 }, ['1 of 1 row has no date in column "Date".']],
    [{ unreadable: 1 }, ['1 of 11 rows has no date in column "Date".']],
    [{ unreadable: 1, example }, ['1 of 11 rows has no date in column "Date" that can be read, for example "soon" on line 7.']],
    [
      { unreadable: 2, blank: 1, example },
      ['3 of 13 rows have no date in column "Date" that can be read: 1 is blank, 2 are something else, for example "soon" on line 7.'],
    ],
    [
      { unreadable: 1, blank: 2, example },
      ['3 of 13 rows have no date in column "Date" that can be read: 2 are blank, 1 is something else, for example "soon" on line 7.'],
    ],
  ])('are told: %j', (parts, notices) => {
    expect(undatedNotices(found(1, [[1, finding(parts)]]), use)).toEqual(notices);
  });

  test('are told with what becomes of them where rows are chosen by it', () => {
    const some = found(1, [
      [1, finding({ blank: 1 })],
      [2, finding({ blank: 1 })],
    ]);
    const named = new Map([[2, 'day']] as const);
    expect(undatedNotices(some, { ...use, named, undated: 'kept' })).toEqual([
      '1 of 11 rows has no date in column "Date". They are kept.',
      '1 of 11 rows has no date in column "End".',
    ]);
    expect(undatedNotices(some, { ...use, undated: 'left out' })).toEqual([
      '1 of 11 rows has no date in column "Date". They are left out; --undated keeps them.',
    ]);
  });

  test('are not those with a time, where a time will do', () => {
    const times = found(1, [[2, finding({ unreadable: 3, times: 2, example })]]);
    expect(undatedNotices(times, { ...use, named: new Map([[2, 'time']]) })).toEqual([
      '1 of 13 rows has no time in column "End" that can be read, for example "soon" on line 7.',
    ]);
    const blank = found(1, [[2, finding({ blank: 1, unreadable: 2, times: 2, example })]]);
    expect(undatedNotices(blank, { ...use, named: new Map([[2, 'time']]) })).toEqual(['1 of 13 rows has no time in column "End".']);
    expect(undatedNotices(times, { ...use, named: new Map([[2, 'day']]) })).toEqual([
      '3 of 13 rows have no date in column "End" that can be read, for example "soon" on line 7.',
    ]);
  });
});

describe('what is not done for want of dates', () => {
  const lost = 'recordings that the service is about to delete are not pointed out';

  test('is told where there is no column of them', () => {
    const hint = 'If there is one, name it with --date-column.';
    expect(noDatesNotices(found(undefined, []), use, true)).toEqual([
      `No column of dates was found, so the report's own order is kept, and ${lost}. ${hint}`,
    ]);
    expect(noDatesNotices(found(undefined, []), use, false)).toEqual([`No column of dates was found, so ${lost}. ${hint}`]);
  });

  test('is told where most of them cannot be read', () => {
    const of = (dated: number, unreadable: number) => noDatesNotices(found(1, [[1, finding({ dated, unreadable })]]), use, false);
    expect(of(3, 3)).toEqual([`Most values in column "Date" cannot be read as dates, so ${lost}.`]);
    expect(of(4, 3)).toEqual([]);
    expect(of(0, 0)).toEqual([]);
    expect([isReadable(finding({ dated: 4, unreadable: 3 })), isReadable(finding({ dated: 3, unreadable: 3 }))]).toEqual([true, false]);
  });
});

describe('rows that nothing tells of whether they should be kept', () => {
  test.each<[number, string[]]>([
    [0, []],
    [1, ['1 row is of the day on which --since or --until falls, without a time in column "Date", and is kept.']],
    [2, ['2 rows are of the day on which --since or --until falls, without a time in column "Date", and are kept.']],
  ])('are told: %i', (partly, notices) => {
    expect(partlyNotices(found(1, [[1, finding({ partly })]]), use)).toEqual(notices);
    expect(partlyNotices(found(undefined, []), use)).toEqual([]);
  });
});

describe('calls that the service will not keep', () => {
  test.each<[leaving: number, past: number, string[]]>([
    [0, 0, []],
    [1, 0, ['1 call will be more than 6 months old within 14 days. After that, the service no longer has the recording.']],
    [0, 1, ['1 call is more than 6 months old, so the service may no longer have the recording.']],
    [
      2,
      3,
      [
        '2 calls will be more than 6 months old within 14 days. After that, the service no longer has the recording.',
        '3 calls are more than 6 months old, so the service may no longer have the recording.',
      ],
    ],
  ])('are told: %i soon, %i already', (leaving, past, notices) => {
    expect(retentionNotices({ leaving, past })).toEqual(notices);
  });
});

test('a value and a header are shown in quotes, and a long value cut', () => {
  expect(quoted(' a"b ')).toBe('"a\\"b"');
  expect(quoted('x'.repeat(40))).toBe(`"${'x'.repeat(40)}"`);
  expect(quoted('x'.repeat(41))).toBe(`"${'x'.repeat(39)}…"`);
  expect(quoted(`${' '.repeat(399)}xy`)).toBe('"x"');
  expect(headingOf(use.header, 2)).toBe('"End"');
  expect([headingOf(use.header, undefined), headingOf(use.header, 9)]).toEqual(['""', '""']);
  expect(orderName('year-first')).toBe('year, month, day');
});
