import { describe, expect, it } from 'vitest';
import { ColumnSurvey } from '../../../src/list/dates/column-survey.ts';
import { formatReportDate } from '../../../src/list/dates/report-date.ts';

const NOW = Date.parse('2026-11-25T12:00:00Z');

function found(values: readonly string[], shared?: 'day-first' | 'month-first') {
  const survey = new ColumnSurvey(NOW);
  for (const [index, value] of values.entries()) survey.add(value, [value], index + 2);
  const finding = survey.finish(() => shared);
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
    [['46346', '46347.5', '', '46348'], ['2026-11-20', '2026-11-21', undefined, '2026-11-22'], 3],
    // A number among dates is none, and one date among numbers leaves them what they are.
    [['2026-11-20', '46346'], ['2026-11-20', undefined], 1],
    [['46346', '46347', 'x'], ['2026-11-20', '2026-11-21', undefined], 2],
    [['46346', 'x', 'y'], [undefined, undefined, undefined], 0],
    [['46346', '99999'], [undefined, undefined], 0],
  ])('of numbers is one of serial numbers where most are: %j', (values, days, dated) => {
    expect(found(values)).toMatchObject({ days, dated });
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
    expect(found(['2026-11-20 09:15 CET']).zone).toBeUndefined();
  });

  it('has nothing to tell of an order that makes no difference', () => {
    expect(found(['25/04/2026', '26/04/2026']).verdicts).toEqual([]);
  });
});
