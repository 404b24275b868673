import { describe, expect, it } from 'vitest';
import { type ColumnForms, ColumnReader } from '../../../src/list/dates/column-reader.ts';
import { formatReportDate } from '../../../src/list/dates/report-date.ts';

const readerOf = (orders: ColumnForms['orders']) => new ColumnReader({ orders, serials: false });

function dayOf(reader: ColumnReader, text: string) {
  const date = reader.date(text);
  return date && formatReportDate(date, 'yyyy-MM-dd');
}

describe('a column whose order is settled', () => {
  it.each([
    ['26-11-20', '2026-11-20'],
    // It is the 26th of November 2020 here, though it could be the 20th of November 2026 elsewhere.
    ['20-11-26', '2020-11-26'],
    // Two digits that cannot be the day are not taken for a year.
    ['20-11-31', undefined],
    // Dates of another form are not settled by it.
    ['03/04/2026', undefined],
  ])('with the year first reads %s as %s', (text, expected) => {
    expect(dayOf(readerOf(new Map([['-', 'year-first']])), text)).toBe(expected);
  });

  it.each([
    ['03/04/2026', false],
    ['04/25/2026', false],
    // Its day and month can only be meant the other way round.
    ['25/04/2026', true],
    // These are no dates in any order.
    ['31/02/2026', false],
    ['soon', false],
    // Here nothing depends on the order.
    ['2026-04-25', false],
    // Another form: what has several readings was not settled.
    ['03.04.2026', true],
    ['25.04.2026', false],
    ['04.04.2026', false],
    ['31.02.2026', false],
  ])('is contradicted by %s: %s', (text, expected) => {
    expect(readerOf(new Map([['/', 'month-first']])).isContradictedBy(text)).toBe(expected);
  });
});

describe('a column that nobody has looked at', () => {
  it.each([
    ['2026-04-03', '2026-04-03'],
    ['25/04/2026', '2026-04-25'],
    ['04/04/2026', '2026-04-04'],
    ['11-11-11', '2011-11-11'],
    ['03/04/2026', undefined],
    ['20-11-26', undefined],
    // A Monday in February 2009, and one in September 2002.
    ['Mon 02-09-09', undefined],
    ['31/02/2026', undefined],
    ['46346', undefined],
  ])('has no date that could be one of two: %s is %s', (text, expected) => {
    expect(dayOf(new ColumnReader(), text)).toBe(expected);
  });
});

describe('the time of day', () => {
  it.each([
    ['10:22', { hour: 10, minute: 22, precision: 'minute' }],
    ['2026-05-14 10:22:33', { hour: 10, minute: 22, second: 33, precision: 'second' }],
    ['1778754153', { hour: 10, minute: 22, second: 33, precision: 'second' }],
  ])('of %s is found', (text, expected) => {
    expect(new ColumnReader().time(text)).toMatchObject(expected);
  });

  it.each(['2026-05-14', 'soon', ''])('of %j is none', (text) => {
    expect(new ColumnReader().time(text)).toBeUndefined();
  });
});
