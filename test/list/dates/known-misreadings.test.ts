import { describe, expect, it } from 'vitest';
import { ColumnSurvey } from '../../../src/list/dates/column-survey.ts';
import { formatReportDate } from '../../../src/list/dates/report-date.ts';

function daysOf(values: readonly string[]) {
  const survey = new ColumnSurvey(Date.parse('2026-11-25T12:00:00Z'));
  for (const [index, value] of values.entries()) survey.add(value, [value], index + 2);
  const { reader } = survey.finish(() => undefined);
  return values.map((value) => {
    const date = reader.date(value);
    return date && formatReportDate(date, 'yyyy-MM-dd');
  });
}

/** Columns that other tools are publicly known to have misread, row by row, and what they mean. */
describe('a column that others misread', () => {
  it.each([
    ['each date by itself', ['12.01.2017 17:18', '01.02.2017 11:12', '15.04.2017 02:40'], ['2017-01-12', '2017-02-01', '2017-04-15']],
    ['before the proof', ['10/9/2016', '30/9/2016'], ['2016-09-10', '2016-09-30']],
    ['behind the proof', ['29.01.1945', '1.3.1945', '02.03.1945'], ['1945-01-29', '1945-03-01', '1945-03-02']],
    ['with two digits for the year', ['01-05-25', '02-15-25', '11-10-25'], ['2025-01-05', '2025-02-15', '2025-11-10']],
    ['padded and not', ['07/04/2021', '7/14/2021'], ['2021-07-04', '2021-07-14']],
    ['because of two blanks', ['2018-04-11 10:30:00', '2018-04-11  10:30:00'], ['2018-04-11', '2018-04-11']],
    ['as one that has both', ['01-13-2012', '13-01-2012', '14-14-2012'], ['2012-01-13', '2012-01-13', undefined]],
    ['without a proof, in India', ['12/7/2025'], ['2025-07-12']],
    ['as a number', ['45383', '45581'], ['2024-04-01', '2024-10-16']],
    ['that has lost its day', ['2022-08-17:51:10.022', '2022-08-18:09:49.000'], [undefined, undefined]],
  ] as const)('%s is read as it is meant', (_, values, days) => {
    expect(daysOf(values)).toEqual(days);
  });
});
