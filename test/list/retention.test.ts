import { describe, expect, it } from 'vitest';
import type { ReportHeader } from '../../src/list/list-row.ts';
import { DateSurveyor, findDateColumn, retentionOf, timeOfRow } from '../../src/list/retention.ts';

const at = (iso: string) => Date.parse(`${iso}Z`);
const headed = (...headers: string[]): ReportHeader => ({ headers, raw: headers.join(','), delimiter: ',', idColumn: 0 });
const rowOf = (date: string | undefined, id = 'a') => ({ id, line: 2, raw: '', ...(date !== undefined && { columns: ['a', date] }) });

const NOW = at('2026-07-01T12:00:00');

function surveyed(...dates: (string | undefined)[]) {
  const surveyor = new DateSurveyor(1, NOW);
  for (const date of dates) surveyor.add(rowOf(date));
  return surveyor.survey();
}

describe('a recording', () => {
  it.each([
    ['2026-01-01T12:00:00', '2026-07-01T11:59:59', 'leaving'],
    ['2026-01-01T12:00:00', '2026-07-01T12:00:00', 'past'],
    ['2026-01-01T12:00:01', '2026-07-01T12:00:00', 'leaving'],
    ['2026-01-15T12:00:00', '2026-07-01T12:00:00', 'leaving'],
    ['2026-01-15T12:00:01', '2026-07-01T12:00:00', 'kept'],
    ['2026-07-01T00:00:00', '2026-07-01T12:00:00', 'kept'],
    ['2027-07-01T00:00:00', '2026-07-01T12:00:00', 'kept'],
    ['2020-01-01T00:00:00', '2026-07-01T12:00:00', 'past'],
    // A month without that day ends on its last one.
    ['2026-08-31T00:00:00', '2027-02-27T23:59:59', 'leaving'],
    ['2026-08-31T00:00:00', '2027-02-28T00:00:00', 'past'],
    ['2026-08-29T00:00:00', '2027-02-28T00:00:00', 'past'],
    ['2026-08-28T00:00:00', '2027-02-27T23:59:59', 'leaving'],
    // 2028 is a leap year.
    ['2027-08-31T00:00:00', '2028-02-28T23:59:59', 'leaving'],
    ['2027-08-31T00:00:00', '2028-02-29T00:00:00', 'past'],
    ['2028-02-29T00:00:00', '2028-08-28T23:59:59', 'leaving'],
    ['2028-02-29T00:00:00', '2028-08-29T00:00:00', 'past'],
    ['2026-03-31T00:00:00', '2026-09-30T00:00:00', 'past'],
    ['2026-10-31T00:00:00', '2027-04-29T23:59:59', 'leaving'],
    ['2026-12-31T23:59:59', '2027-06-30T23:59:59', 'past'],
  ])('of %s is at %s: %s', (time, now, expected) => {
    expect(retentionOf(at(time), at(now))).toBe(expected);
  });
});

describe('the column of dates', () => {
  it.each([
    [['Recording ID', 'Start Time'], 1],
    [['Recording ID', 'start_time', 'Date'], 1],
    [['Date', 'Recording ID', 'Call-Start-Time'], 2],
    [['Recording ID', 'Created At', 'Call Date'], 2],
    [['Recording ID', 'TIMESTAMP'], 1],
    [['Recording ID', 'End Time', 'Duration'], undefined],
    [['Recording ID'], undefined],
  ])('of %j is found: %s', (headers, expected) => {
    expect(findDateColumn(headed(...headers), undefined)).toBe(expected);
  });

  it('is the one that is named, however it is written', () => {
    expect(findDateColumn(headed('Recording ID', 'Date', 'Picked Up'), 'picked_up')).toBe(2);
  });

  it('that is named and not there is a usage error with the columns', () => {
    expect(() => findDateColumn(headed('Recording ID', 'Date'), 'When')).toThrow(
      expect.objectContaining({
        code: 'USAGE',
        message: 'The list has no column "When"; its columns: "Recording ID", "Date".',
        hint: expect.stringContaining('--date-column'),
      }),
    );
    expect(() => findDateColumn(undefined, 'When')).toThrow(/"When"; it is a list of ids alone/);
    expect(findDateColumn(undefined, undefined)).toBeUndefined();
  });
});

describe('the dates of a list', () => {
  it('are counted by how they stand to the retention', () => {
    expect(surveyed('2025-12-01', '2026-01-05', '2026-01-14', '2026-06-01', 'soon', '2026-02-30')).toEqual({
      ...{ dated: 4, undated: 2, past: 1, leaving: 2 },
      ...{ order: 'day-first', assumed: false },
    });
  });

  it('are none where the rows have none', () => {
    expect(surveyed('', '  ', undefined)).toMatchObject({ dated: 0, undated: 0, assumed: false });
    expect(surveyed()).toMatchObject({ dated: 0, undated: 0 });
  });

  it.each([
    [['03/04/2026', '25/04/2026'], 'day-first', false],
    [['25/04/2026', '03/04/2026'], 'day-first', false],
    [['03/04/2026', '04/25/2026'], 'month-first', false],
    [['03/04/2026', '05/06/2026'], 'day-first', true],
    // One that contradicts the rest is outvoted, and told.
    [['03/04/2026', '04/25/2026', '04/26/2026', '25/04/2026'], 'month-first', true],
    [['03/04/2026', '04/25/2026', '25/04/2026'], 'day-first', true],
    // Nothing depends on it.
    [['25/04/2026', '04/25/2026'], 'day-first', false],
    [['2026-04-03', '3 April 2026'], 'day-first', false],
  ] as const)('settle together which number is the day: %j is %s, assumed: %s', (dates, order, assumed) => {
    expect(surveyed(...dates)).toMatchObject({ order, assumed });
  });

  it('are judged by the order that the last row may settle', () => {
    // 1 December 2025 or 12 January 2026.
    expect(surveyed('01/12/2025', '25/06/2026')).toMatchObject({ past: 1, leaving: 0 });
    expect(surveyed('12/01/2025', '06/25/2026')).toMatchObject({ past: 1, leaving: 0 });
    expect(surveyed('01/12/2026', '06/25/2026')).toMatchObject({ past: 0, leaving: 1 });
    expect(surveyed('01/12/2026', '25/06/2026')).toMatchObject({ past: 0, leaving: 0 });
  });

  it('of calls that were not recorded tell the order, and count for nothing else', () => {
    const surveyor = new DateSurveyor(1, NOW);
    surveyor.add(rowOf('01/12/2026'));
    surveyor.add(rowOf('06/25/2020', ''));
    surveyor.add(rowOf('nonsense', ''));
    expect(surveyor.survey()).toEqual({ dated: 1, undated: 0, past: 0, leaving: 1, order: 'month-first', assumed: false });
  });

  it('are had row by row', () => {
    expect(timeOfRow(rowOf('03/04/2026'), 1, 'month-first')).toBe(at('2026-03-04T00:00:00'));
    expect(timeOfRow(rowOf('x'), 1, 'day-first')).toBeUndefined();
    expect(timeOfRow(rowOf(undefined), 1, 'day-first')).toBeUndefined();
  });
});
