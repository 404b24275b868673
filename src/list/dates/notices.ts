import type { ReportHeader } from '../list-row.ts';
import { RETENTION_MONTHS, WARNING_DAYS } from '../retention.ts';
import type { ColumnFinding } from './column-survey.ts';
import type { OrderReason, OrderVerdict } from './order-evidence.ts';
import type { SurveyFindings } from './report-survey.ts';
import type { DayOrder } from './written-date.ts';

const ORDERS: Readonly<Record<DayOrder, string>> = {
  'day-first': 'day, month, year',
  'month-first': 'month, day, year',
  'year-first': 'year, month, day',
};

const REASONS: Readonly<Record<Exclude<OrderReason, 'values'>, string>> = {
  column: 'as another column of the report has them',
  future: 'otherwise some of these calls would lie in the future',
  age: 'otherwise these calls would be years old',
  sequence: 'only then do the rows follow one another in time',
  month: 'otherwise each call would be on the same day of another month',
  now: 'otherwise these calls would lie further in the future',
  assumed: 'the report does not show which, so this is a guess. If it is wrong, export the dates with the year first',
};

/** No value is told at greater length. */
const MOST_TOLD = 40;

/** What the dates of a report are used for. */
export interface DateUse {
  header: ReportHeader;
  /** Whether the call's date decides anything: which rows are wanted, their order, or whether the service still keeps them. */
  matters: boolean;
  /** The columns that names take dates from, and whether they take a day or a time alone. */
  named: ReadonlyMap<number, 'day' | 'time'>;
  /** What becomes of rows without a date where rows are chosen by it; undefined where they are not. */
  undated: 'kept' | 'left out' | undefined;
}

/** How the dates of the columns that are used are read, and why, a sentence or two each. */
export function readingNotices(found: SurveyFindings, use: DateUse): string[] {
  return usedColumns(found, use).flatMap(([column, { verdicts, zone }]) => {
    const heading = headingOf(use.header, column);
    const zones = zone === undefined ? [] : [`${quoted(zone.text)} in column ${heading} is taken for ${zone.meaning}.`];
    return [...verdicts.map((verdict) => orderNotice(heading, verdict)), ...zones];
  });
}

/** How many rows have no date, for each column that is used; nothing of those where all have one. */
export function undatedNotices(found: SurveyFindings, use: DateUse): string[] {
  return usedColumns(found, use).flatMap(([column, finding]) => {
    const isCalls = column === found.date && use.matters;
    const notice = undatedNotice(headingOf(use.header, column), finding, !isCalls && use.named.get(column) === 'time');
    if (notice === undefined) return [];
    if (!isCalls || use.undated === undefined) return [notice];
    return [`${notice} ${use.undated === 'kept' ? 'They are kept.' : 'They are left out; --undated keeps them.'}`];
  });
}

/** What is not done for want of dates, if anything is. `ordered` says whether the oldest call was to come first. */
export function noDatesNotices(found: SurveyFindings, { header }: DateUse, ordered: boolean): string[] {
  const finding = callDates(found);
  const lost = `${ordered ? "the report's own order is kept, and " : ''}recordings that the service is about to delete are not pointed out`;
  if (finding === undefined) return [`No column of dates was found, so ${lost}. If there is one, name it with --date-column.`];
  if (isReadable(finding) || finding.unreadable === 0) return [];
  return [`Most values in column ${headingOf(header, found.date)} cannot be read as dates, so ${lost}.`];
}

/** How many rows are kept though nothing tells whether they should be. */
export function partlyNotices(found: SurveyFindings, { header }: DateUse): string[] {
  const partly = callDates(found)?.tally.partly ?? 0;
  if (partly === 0) return [];
  const are = partly === 1 ? 'is' : 'are';
  return [
    `${rows(partly)} ${are} of the day on which --since or --until falls, without a time in column ${headingOf(header, found.date)}, and ${are} kept.`,
  ];
}

/** How many rows the service will not keep for long, or has not kept. */
export function retentionNotices({ leaving, past }: { leaving: number; past: number }): string[] {
  return [
    ...(leaving === 0
      ? []
      : [
          `${calls(leaving)} will be more than ${RETENTION_MONTHS} months old within ${WARNING_DAYS} days. After that, the service no longer has the recording.`,
        ]),
    ...(past === 0
      ? []
      : [
          `${calls(past)} ${past === 1 ? 'is' : 'are'} more than ${RETENTION_MONTHS} months old, so the service may no longer have the recording.`,
        ]),
  ];
}

/** What was found in the column that says when a call was; undefined where there is none. */
export function callDates(found: SurveyFindings): ColumnFinding | undefined {
  return found.date === undefined ? undefined : found.columns.get(found.date);
}

/** Whether a column's dates are worth going by: more of its values can be read than not. */
export function isReadable(finding: ColumnFinding): boolean {
  return finding.tally.dated > finding.unreadable;
}

/** A value of a report for a message. */
export function quoted(text: string): string {
  const trimmed = text.slice(0, 10 * MOST_TOLD).trim();
  return JSON.stringify(trimmed.length > MOST_TOLD ? `${trimmed.slice(0, MOST_TOLD - 1)}…` : trimmed);
}

/** A column's header for a message. */
export function headingOf({ headers }: ReportHeader, column: number | undefined): string {
  return JSON.stringify(headers[column ?? -1] ?? '');
}

/** An order as messages call it. */
export function orderName(order: DayOrder): string {
  return ORDERS[order];
}

function usedColumns(found: SurveyFindings, { matters, named }: DateUse): [number, ColumnFinding][] {
  return [...found.columns].filter(([column]) => named.has(column) || (matters && column === found.date));
}

function undatedNotice(heading: string, finding: ColumnFinding, timesWillDo: boolean): string | undefined {
  const { blank, unreadable, times, tally, example } = finding;
  const wrong = timesWillDo ? unreadable - times : unreadable;
  const bad = blank + wrong;
  if (bad === 0) return undefined;
  const what = timesWillDo ? 'time' : 'date';
  const most = `${bad} of ${rows(blank + unreadable + tally.dated)} ${bad === 1 ? 'has' : 'have'} no ${what} in column ${heading}`;
  if (wrong === 0 || example === undefined) return `${most}.`;
  const shares =
    blank === 0 ? ',' : `: ${blank} ${blank === 1 ? 'is' : 'are'} blank, ${wrong} ${wrong === 1 ? 'is' : 'are'} something else,`;
  return `${most} that can be read${shares} for example ${quoted(example.text)} on line ${example.line}.`;
}

function orderNotice(heading: string, { order, reason, example, contradicted, contradiction }: OrderVerdict): string {
  const why = reason === 'values' ? `${quoted(example)} cannot be read otherwise` : REASONS[reason];
  const but =
    contradiction === undefined
      ? ''
      : ` But ${contradicted === 1 ? 'one value' : `${contradicted} values`}, such as ${quoted(contradiction)}, can only be read in another order: check them.`;
  return `Dates such as ${quoted(example)} in column ${heading} are read as ${ORDERS[order]}: ${why}.${but}`;
}

function calls(count: number): string {
  return count === 1 ? '1 call' : `${count} calls`;
}

function rows(count: number): string {
  return count === 1 ? '1 row' : `${count} rows`;
}
