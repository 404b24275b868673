import { describe, expect, it } from 'vitest';
import { ColumnSurvey } from '../../../src/list/dates/column-survey.ts';
import { dateColumnByHeader, findDateColumns, namedDateColumn } from '../../../src/list/dates/find-columns.ts';
import type { ReportHeader } from '../../../src/list/list-row.ts';

const headed = (headers: readonly string[]): ReportHeader => ({ headers, raw: headers.join(','), delimiter: ',', idColumn: 0 });

/** The columns that are found in a report whose rows are given below its headers. */
function found([headers = [], ...rows]: readonly (readonly string[])[], named?: number) {
  const surveys = headers.map(() => new ColumnSurvey(Date.parse('2026-11-25T12:00:00Z')));
  for (const row of rows) for (const [index, survey] of surveys.entries()) survey.add(row[index] ?? '', row, 2);
  const { date, time } = findDateColumns(headed(headers), surveys, named);
  return [date === undefined ? undefined : headers[date], time === undefined ? undefined : headers[time]];
}

describe('the column of dates, by its header', () => {
  it.each([
    [['Recording ID', 'Start Time'], 1],
    [['Recording ID', 'start_time', 'Date'], 1],
    [['Date', 'Recording ID', 'Call-Start-Time'], 2],
    [['Recording ID', 'Created At', 'Call Date'], 2],
    [['Recording ID', 'TIMESTAMP'], 1],
    [['Date', 'Recording ID'], 0],
    [['Recording ID', 'End Time', 'Duration'], undefined],
    [['Recording ID'], undefined],
  ])('of %j is %s', (headers, expected) => {
    expect(dateColumnByHeader(headed(headers))).toBe(expected);
  });
});

describe('the column of the time of day', () => {
  it.each([
    ['Ora chiamata', 'Ora fine'],
    ['Time (UTC)', 'Ring Time'],
    ['Start', 'Talk time'],
    ['Hora de llamada', 'Hora de fin'],
    ['Startzeit (lokal)', 'Wartezeit (min)'],
  ])('headed %j is found beside %j', (header, other) => {
    const row = ['a', '20/11/2026', '00:01:00', '09:15:00'];
    expect(found([['ID', 'Date', other, header], row])).toEqual(['Date', header]);
  });

  it('has the name of the date, rather than any other', () => {
    const row = ['a', '20/11/2026', '00:01:00', '09:15:00'];
    expect(found([['ID', 'Pickup Date', 'Time', 'Pickup Time'], row])).toEqual(['Pickup Date', 'Pickup Time']);
  });

  it('is none where half of it are no times', () => {
    const rows = [
      ['a', '20/11/2026', '09:15'],
      ['b', '20/11/2026', 'soon'],
    ];
    expect(found([['ID', 'Date', 'Time'], ...rows])).toEqual(['Date', undefined]);
    expect(found([['ID', 'Date', 'Time'], ...rows, ['c', '20/11/2026', '10:15']])).toEqual(['Date', 'Time']);
  });

  it('is none where two could be it', () => {
    const row = ['a', '20/11/2026', '00:01:00', '09:15:00'];
    expect(found([['ID', 'Date', 'Local time', 'Agent time'], row])).toEqual(['Date', undefined]);
  });
});

describe('the columns that say when a call was', () => {
  it.each([
    [
      'the likeliest header',
      [
        ['ID', 'Date', 'Start Time'],
        ['a', '2026-11-01', '2026-11-01 09:00'],
      ],
      ['Start Time', undefined],
    ],
    [
      'a likely header, blank or not',
      [
        ['ID', 'Start Time', 'Note'],
        ['a', '', '2026-11-01'],
      ],
      ['Start Time', undefined],
    ],
    [
      'no header, and values that are dates',
      [
        ['ID', 'Quando', 'Durata'],
        ['a', '20/11/2026 09:15:00', '63'],
      ],
      ['Quando', undefined],
    ],
    [
      'no header, and not the end',
      [
        ['ID', 'Call End', 'Initiated'],
        ['a', '2026-11-01 09:10', '2026-11-01 09:00'],
      ],
      ['Initiated', undefined],
    ],
    [
      'no header but that of the end',
      [
        ['ID', 'Call End'],
        ['a', '2026-11-01 09:10'],
      ],
      ['Call End', undefined],
    ],
    [
      'values before a header without any',
      [
        ['ID', 'Date', 'Initiated'],
        ['a', 'soon', '2026-11-01 09:00'],
      ],
      ['Initiated', undefined],
    ],
    [
      'values before a header that half of the values are worthy of',
      [
        ['ID', 'Date', 'Initiated'],
        ['a', 'soon', '2026-11-01 09:00'],
        ['b', '2026-11-01', '2026-11-01 09:00'],
      ],
      ['Initiated', undefined],
    ],
    [
      'values, of which one in ten may be none',
      [['ID', 'Quando'], ['a', 'soon'], ...Array.from({ length: 9 }, () => ['a', '2026-11-01 09:00'])],
      ['Quando', undefined],
    ],
    [
      'values, of which one in nine may not be none',
      [['ID', 'Quando'], ['a', 'soon'], ...Array.from({ length: 8 }, () => ['a', '2026-11-01 09:00'])],
      [undefined, undefined],
    ],
    [
      'a header, if nothing else',
      [
        ['ID', 'Date', 'Agent'],
        ['a', 'soon', 'x'],
      ],
      ['Date', undefined],
    ],
    [
      'numbers, under a header alone',
      [
        ['ID', 'Start Time', 'Agent'],
        ['a', '46346.25', '46347'],
      ],
      ['Start Time', undefined],
    ],
    [
      'numbers of any kind',
      [
        ['ID', 'Agent', 'Billing'],
        ['a', '46346', '30000'],
      ],
      [undefined, undefined],
    ],
    [
      'numbers of eight digits',
      [
        ['ID', 'Call'],
        ['a', '11202026'],
      ],
      [undefined, undefined],
    ],
    [
      'telephone numbers',
      [
        ['ID', 'Caller'],
        ['a', '2125551234'],
      ],
      [undefined, undefined],
    ],
    [
      'seconds, under a header alone',
      [
        ['ID', 'Caller', 'Timestamp'],
        ['a', '2125551234', '1778754153'],
      ],
      ['Timestamp', undefined],
    ],
    [
      'a date and a time',
      [
        ['ID', 'Date', 'Time'],
        ['a', '20/11/2026', '09:15'],
      ],
      ['Date', 'Time'],
    ],
    [
      'times where the date is elsewhere',
      [
        ['ID', 'Date', 'Start Time', 'End Time'],
        ['a', '20/11/2026', '09:15:00', '09:16:00'],
      ],
      ['Date', 'Start Time'],
    ],
    [
      'the time of the same name',
      [
        ['ID', 'Call Date', 'Call Time', 'Time'],
        ['a', '20/11/2026', '09:15', '10:00'],
      ],
      ['Call Date', 'Call Time'],
    ],
    [
      'a duration, which is no time',
      [
        ['ID', 'Date', 'Duration'],
        ['a', '20/11/2026', '00:01:33'],
      ],
      ['Date', undefined],
    ],
    [
      'a date that has its time',
      [
        ['ID', 'Date', 'Time'],
        ['a', '20/11/2026 09:15', '09:15'],
      ],
      ['Date', undefined],
    ],
    [
      'Italian headers',
      [
        ['ID', 'Data', 'Ora'],
        ['a', '20/11/2026', '09.15.00'],
      ],
      ['Data', 'Ora'],
    ],
    [
      'times with dots',
      [
        ['ID', 'Data', 'Ora'],
        ['a', '20.11.2026', '09.11.26'],
        ['a', '20.11.2026', '09.12.11'],
      ],
      ['Data', 'Ora'],
    ],
    [
      'times with dots, though most can be dates',
      [
        ['ID', 'Data', 'Start Time'],
        ['a', '20.11.2026', '09.11.26'],
        ['a', '20.11.2026', '10.11.26'],
        ['a', '20.11.2026', '09.12.11'],
      ],
      ['Data', 'Start Time'],
    ],
    [
      'dates with dots and the year first',
      [
        ['ID', 'Quando'],
        ['a', '2026.11.20'],
      ],
      ['Quando', undefined],
    ],
    [
      'dates with dots',
      [
        ['ID', 'Date'],
        ['a', '09.11.26'],
        ['a', '10.11.26'],
      ],
      ['Date', undefined],
    ],
    [
      'nothing',
      [
        ['ID', 'Agent'],
        ['a', 'x'],
      ],
      [undefined, undefined],
    ],
  ] as const)('are found by %s', (_, rows, expected) => {
    expect(found(rows)).toEqual(expected);
  });

  it('are the named one, and the time beside it', () => {
    expect(
      found(
        [
          ['ID', 'Date', 'Picked Up', 'Time'],
          ['a', '2026-11-01', '2026-11-02', '09:00'],
        ],
        2,
      ),
    ).toEqual(['Picked Up', 'Time']);
    const dotted = ['09.11.26', '10.11.26', '09.12.11'].map((value) => ['a', value]);
    expect(found([['ID', 'Time'], ...dotted], 1)).toEqual(['Time', undefined]);
  });

  it('are never the id', () => {
    expect(
      found([
        ['20261120', 'x'],
        ['2026-11-20', 'y'],
      ]),
    ).toEqual([undefined, undefined]);
  });
});

describe('--date-column', () => {
  it('names a column however it is written', () => {
    expect(namedDateColumn(headed(['Recording ID', 'Date', 'Picked Up']), 'picked_up')).toBe(2);
  });

  it('is a usage error with the columns where it names none', () => {
    expect(() => namedDateColumn(headed(['Recording ID', 'Date']), 'When')).toThrow(
      expect.objectContaining({
        code: 'USAGE',
        message: 'The report has no column "When". Its columns: "Recording ID", "Date".',
        hint: expect.stringContaining('--date-column'),
      }),
    );
    expect(() => namedDateColumn(undefined, 'When')).toThrow(/this is a list of ids, which has no columns/);
  });
});
