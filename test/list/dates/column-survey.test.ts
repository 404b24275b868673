import { describe, expect, it } from 'vitest';
import { ColumnSurvey } from '../../../src/list/dates/column-survey.ts';
import { formatReportDate } from '../../../src/list/dates/report-date.ts';

const NOW = Date.parse('2026-11-25T12:00:00Z');

function surveyOf(values: readonly string[]) {
  const survey = new ColumnSurvey(NOW);
  for (const [index, value] of values.entries()) survey.add(value, [value], index + 2);
  return survey;
}

function found(values: readonly string[], shared?: 'day-first' | 'month-first') {
  const finding = surveyOf(values).finish(() => shared);
  const days = values.map((value) => {
    const date = finding.reader.date(value);
    return date && formatReportDate(date, 'yyyy-MM-dd');
  });
  return { ...finding, dated: finding.tally.dated, days };
}

describe('a column', () => {
  it('is counted: dates, blanks, and what is neither, of which the first is known', () => {
    expect(found(['2026-11-20', '', '  ', 'soon', '31/02/2026', '20/11/2026', '09:15', '46346'])).toMatchObject({
      ...{ dated: 2, blank: 2, unreadable: 4, times: 1 },
      example: { text: 'soon', line: 5 },
    });
  });

  it.each([
    ['soon', '31/02/2026'],
    ['31/02/2026', 'soon'],
    // It was a Friday.
    ['Mon, 20 Nov 2026', 'soon'],
    ['46346', '31/02/2026'],
  ])('has %j as its first value that is no date, before %j', (first, second) => {
    const numbers = ['2026-11-20', first, ...(first === '46346' ? [] : [second])];
    expect(found(numbers).example).toEqual({ text: first, line: 3 });
  });

  it.each([
    [['2026-11-20', '20/11/2026', '31/02/2026', 'Mon, 20 Nov 2026', 'soon', '09:15', '', ' '.repeat(2000)], 2 / 6, 1 / 6],
    [['46346', '46347.5'], 1, 0],
    [['09:15', '10:15', ''], 0, 1],
    [['', ''], undefined, 0],
  ])('has shares of dates and of times among its values: %j', (values, share, timeShare) => {
    expect(surveyOf(values)).toMatchObject({ share, timeShare });
  });

  it.each([
    [['09:15'], true],
    [['09:15', 'soon'], true],
    [['09:15', '14/05/2026'], false],
    [['09:15', '14.05.2026'], false],
    // These, and not the same with hyphens, can be either.
    [['09:15', '09.11.26'], true],
    [['09:15', '09-11-26'], false],
    [['09.11.26'], false],
    [['soon'], false],
    [[''], false],
  ])('is rather one of times: %j is %s', (values, expected) => {
    expect(surveyOf(values).isOfTimes).toBe(expected);
  });

  it.each([
    [['2026-11-20', '2026-11-21', '2026-11-22 09:15'], true],
    [['2026-11-20', '2026-11-22 09:15'], false],
    [['20/11/2026'], true],
    [['46346'], true],
    [['46346.5'], false],
    [['soon'], false],
  ])('has mostly days without a time: %j is %s', (values, expected) => {
    expect(surveyOf(values).hasDaysAlone).toBe(expected);
  });

  it.each([
    [['2026-11-20'], true],
    [['2026.11.20'], true],
    [['20261120 0915'], true],
    [['20261120'], false],
    [['11202026', '11212026'], false],
    [['1778754153', '1778754153'], false],
    [['1778754153.25'], false],
    [['1778754153,25'], false],
    [[' 1778754153 '], false],
    [['46346'], false],
  ])('is plainly one of dates where they are no mere numbers: %j is %s', (values, expected) => {
    expect(surveyOf(values).isPlain).toBe(expected);
  });

  it.each([
    [['03/04/2026', '25/04/2026'], 'day-first'],
    [['03/04/2026', '04/25/2026'], 'month-first'],
    [['03/04/2026'], undefined],
    [['25/04/2026', '26/04/2026', '04/27/2026'], undefined],
    [['25.04.2026'], undefined],
  ])('proves the order of a form, or does not: %j prove %s', (values, expected) => {
    expect(surveyOf(values).proven('/')).toBe(expected);
  });

  it('takes what does not count for evidence, and for nothing else', () => {
    const survey = new ColumnSurvey(NOW);
    survey.add('03/04/2026', [], 2);
    for (const value of ['04/25/2026', '25-04-2026', '2026-04-25', '31/02/2026', 'Mon, 20 Nov 2026', 'soon', '', '09:15', '46346'])
      survey.add(value, [], 3, false);
    expect(survey).toMatchObject({ share: 1, timeShare: 0 });
    const { reader, ...finding } = survey.finish(() => undefined);
    expect(finding).toMatchObject({ tally: { dated: 1 }, blank: 0, unreadable: 0, times: 0, example: undefined });
    expect(reader.date('03/04/2026')).toMatchObject({ month: 3, day: 4 });
  });

  it.each([
    [['46346', '46347.5', '', '46348'], ['2026-11-20', '2026-11-21', undefined, '2026-11-22'], 3],
    // A number among dates is none, and one date among numbers leaves them what they are.
    [['2026-11-20', '46346'], ['2026-11-20', undefined], 1],
    [['46346', '46347', 'x'], ['2026-11-20', '2026-11-21', undefined], 2],
    [['46346', 'x', 'y'], [undefined, undefined, undefined], 0],
    [['46346', '99999'], [undefined, undefined], 0],
    [['2026-11-20', '46346', '46347'], ['2026-11-20', undefined, undefined], 1],
  ])('of numbers is one of serial numbers where most are: %j', (values, days, dated) => {
    expect(found(values)).toMatchObject({ days, dated });
  });

  it('without values is none of numbers', () => {
    expect(found(['']).reader.date('46346')).toBeUndefined();
  });

  it('settles the order of each form by itself', () => {
    expect(found(['25/04/2026', '03/04/2026', '04-25-2026', '03-04-2026']).days).toEqual([
      '2026-04-25',
      '2026-04-03',
      '2026-04-25',
      '2026-03-04',
    ]);
  });

  it('reads what can only be meant the other way round so, and nothing else', () => {
    const { days, verdicts, unreadable } = found(['04/25/2026', '04/26/2026', '03/04/2026', '27/04/2026', '31/04/2026']);
    expect(days).toEqual(['2026-04-25', '2026-04-26', '2026-03-04', '2026-04-27', undefined]);
    expect(verdicts).toMatchObject([{ order: 'month-first', contradicted: 1, contradiction: '27/04/2026' }]);
    expect(unreadable).toBe(1);
    // The 31st of April is no day of 2031.
    expect(found(['20-Apr-26', '21-Apr-26', '31-Apr-26']).days).toEqual(['2026-04-20', '2026-04-21', undefined]);
    expect(found(['20/04/26', '21/04/26', '31/04/26']).days).toEqual(['2026-04-20', '2026-04-21', undefined]);
  });

  it('takes the order that other columns prove, where it proves none', () => {
    expect(found(['03/04/2026'], 'month-first')).toMatchObject({ days: ['2026-03-04'], verdicts: [{ reason: 'column' }] });
  });

  it('knows a zone that could be another', () => {
    expect(found(['2026-11-20 09:15 CET', '2026-11-20 09:15 IST']).zone).toEqual({ text: 'IST', meaning: 'Indian Standard Time (+05:30)' });
    expect(found(['2026-11-20 09:15 BST', '2026-11-20 09:15 IST']).zone?.text).toBe('BST');
    expect(found(['2026-11-20 09:15 CET', '2026-11-20']).zone).toBeUndefined();
  });

  it('has nothing to tell of an order that makes no difference', () => {
    expect(found(['25/04/2026', '26/04/2026']).verdicts).toEqual([]);
  });
});
