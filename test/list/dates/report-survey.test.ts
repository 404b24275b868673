import { describe, expect, it } from 'vitest';
import { HEAD, ReportSurvey, type SurveyOptions } from '../../../src/list/dates/report-survey.ts';
import type { ListRow, ReportHeader } from '../../../src/list/list-row.ts';
import { UTC } from '../../../src/list/time-zone.ts';

const NOW = Date.parse('2026-11-25T12:00:00Z');
const at = (text: string) => Date.parse(`${text}Z`);

type Row = readonly string[] | Partial<ListRow>;

function surveyOf(headers: readonly string[], rows: readonly Row[], options: Partial<SurveyOptions> = {}) {
  const header: ReportHeader = { headers, raw: headers.join(','), delimiter: ',', idColumn: 0 };
  const survey = new ReportSurvey({ header, dateColumn: undefined, columns: [], now: NOW, zone: UTC, ...options });
  for (const [index, row] of rows.entries()) {
    const { columns, ...more }: Partial<ListRow> = Array.isArray(row) ? { columns: row } : (row as Partial<ListRow>);
    survey.add({ id: columns?.[0] ?? '', line: index + 2, raw: columns?.join(',') ?? '', ...(columns && { columns }), ...more });
  }
  return survey;
}

/** What is found in the column of the calls' dates. */
function found(headers: readonly string[], rows: readonly Row[], options: Partial<SurveyOptions> = {}) {
  const findings = surveyOf(headers, rows, options).findings();
  return findings.columns.get(findings.date ?? expect.fail('no dates')) ?? expect.fail();
}

describe('the order of ambiguous dates', () => {
  const HEADERS = ['ID', 'Start', 'End', 'Changed'];
  const NAMED = { dateColumn: 1 };
  const verdictOf = (rows: readonly Row[], options: Partial<SurveyOptions> = {}) =>
    found(HEADERS, rows, { ...NAMED, ...options }).verdicts[0];

  it('is that which another column proves', () => {
    expect(verdictOf([['a', '03/04/2026', '04/25/2026', 'x']])).toMatchObject({ order: 'month-first', reason: 'column' });
  });

  it('is that which a column proves beyond the first rows, if its dates are used', () => {
    const rows = [...Array.from({ length: HEAD.rows }, () => ['a', '03/04/2026', '03/04/2026']), ['b', '03/04/2026', '04/25/2026']];
    expect(verdictOf(rows, { columns: [2] })).toMatchObject({ order: 'month-first', reason: 'column' });
    expect(verdictOf(rows)).toMatchObject({ order: 'day-first', reason: 'assumed' });
  });

  it('is assumed where no other column proves any, or two prove different ones', () => {
    expect(verdictOf([['a', '03/04/2026', '03/05/2026', 'x']])).toMatchObject({ reason: 'assumed' });
    expect(verdictOf([['a', '03/04/2026', '04/25/2026', '25/04/2026']])).toMatchObject({ reason: 'assumed' });
    expect(verdictOf([['a', '03/04/2026', '04/25/2026', '04/26/2026']])).toMatchObject({ reason: 'column' });
  });

  it('is not told by rows that are passed over', () => {
    const rows: Row[] = [['a', '03/04/2026', '03/04/2026'], { columns: ['', '04/25/2026', '04/25/2026'], leftOut: 'passedOver' }];
    expect(verdictOf(rows)).toMatchObject({ reason: 'assumed' });
  });

  it('is told by rows without an id, too, and not by those without columns', () => {
    expect(verdictOf([['a', '03/04/2026'], { columns: ['', '04/25/2026'] }, {}])).toMatchObject({ order: 'month-first', reason: 'values' });
  });
});

describe('the columns of a report', () => {
  it('are found by the rows that name a recording', () => {
    const rows = [['a', '2026-11-20'], ...Array.from({ length: 9 }, () => ['', 'missed'])];
    expect(surveyOf(['ID', 'Quando'], rows).findings().date).toBe(1);
  });

  it('are blank where a row ends before them', () => {
    const rows = [['a', '2026-11-20'], ...Array.from({ length: 9 }, () => ['b'])];
    expect(found(['ID', 'Quando'], rows)).toMatchObject({ blank: 9, unreadable: 0, tally: { dated: 1 } });
  });

  it('are looked at up to the hundredth, and found beyond it by their headers alone', () => {
    const wide = (header: string) => Array.from({ length: 120 }, (_, index) => (index === 110 ? header : `H${index}`));
    const row = wide('2026-11-20');
    expect(surveyOf(wide('Quando'), [row]).findings().date).toBeUndefined();
    expect(surveyOf(wide('Start Time'), [row]).findings().date).toBe(110);
    expect(surveyOf(['ID', 'Quando'], [['a', '2026-11-20']]).findings().date).toBe(1);
  });

  it('are settled once enough rows, or characters, were seen', () => {
    const rows = (count: number) => Array.from({ length: count }, () => ['a', '2026-11-20']);
    expect(surveyOf(['ID', 'Date'], rows(HEAD.rows - 1)).hasHead).toBe(false);
    expect(surveyOf(['ID', 'Date'], rows(HEAD.rows)).hasHead).toBe(true);
    const long = (length: number) => surveyOf(['ID', 'Date'], [{ raw: 'x'.repeat(length) }, { raw: 'x' }]).hasHead;
    expect(long(HEAD.characters - 2)).toBe(false);
    expect(long(HEAD.characters - 1)).toBe(true);
  });
});

describe('the rows of a report', () => {
  it('are counted, the first ones and those that follow', () => {
    const rows = Array.from({ length: HEAD.rows + 5 }, (_, index) => [`r${index}`, index % 2 === 0 ? '2026-11-20' : 'soon']);
    const survey = surveyOf(['ID', 'Date'], rows);
    const { rows: count, columns } = survey.findings();
    expect(count).toBe(HEAD.rows + 5);
    expect(columns.get(1)).toMatchObject({ tally: { dated: HEAD.rows / 2 + 3 }, unreadable: HEAD.rows / 2 + 2 });
    survey.add({ id: 'z', line: 2000, raw: '', columns: ['z', '2026-11-20'] });
    expect(survey.findings().rows).toBe(HEAD.rows + 6);
  });

  it('are those that name a recording and meet the condition', () => {
    const rows: Row[] = [['a', '2026-11-20'], ['b', '2026-11-21'], ['', '2026-11-20'], { columns: ['x', ''], leftOut: 'passedOver' }, {}];
    const condition = (columns: readonly string[]) => columns[0] !== 'b';
    expect(surveyOf(['ID', 'Date'], rows).findings().rows).toBe(2);
    expect(surveyOf(['ID', 'Date'], rows, { condition }).findings().rows).toBe(1);
    expect(found(['ID', 'Date'], rows, { condition }).tally.dated).toBe(1);
  });

  it.each([
    [['2026-11-20', '09:15'], { kept: 1, partly: 0 }],
    [['2026-11-20', '08:15'], { kept: 0, partly: 0 }],
    [['2026-11-20', ''], { kept: 1, partly: 1 }],
    // A time of its own comes before that of the column beside it.
    [['2026-11-20 08:15', '09:15'], { kept: 0, partly: 0 }],
    [['2026-11-20 09:15', '08:15'], { kept: 1, partly: 0 }],
  ])('are counted by day and time: %j since nine', ([day = '', time = ''], expected) => {
    const bounds = { from: at('2026-11-20T09:00'), to: Number.POSITIVE_INFINITY };
    // That these have a time beside them is told by two more, on an earlier day.
    const rows = [...Array.from({ length: 2 }, () => ['x', '2026-11-01', '09:00']), ['a', day, time]];
    expect(found(['ID', 'Date', 'Time'], rows, { bounds }).tally).toMatchObject({ dated: 3, ...expected });
  });

  it('are past what the service keeps, or about to be, by day and time', () => {
    const now = at('2026-07-01T12:00');
    const times = ['12:00', '12:01'].map((time) => ['a', '2026-01-01', time]);
    expect(found(['ID', 'Date', 'Time'], times, { now }).tally).toMatchObject({ past: 1, leaving: 1, kept: 2, partly: 0 });
    expect(found(['ID', 'Date'], times, { now }).tally).toMatchObject({ past: 2, leaving: 0 });
  });
});
