import { usageError } from '../errors.ts';
import { normaliseHeader } from './id-column.ts';
import type { ListRow, ReportHeader } from './list-row.ts';
import { type DayOrder, dayOrderOf, type ReportDate, readReportDate, timeOf } from './report-dates.ts';

/** How long the service keeps a recording (its documentation), in calendar months. */
export const RETENTION_MONTHS = 6;

/** A recording that leaves within so many days is worth a warning. */
export const WARNING_DAYS = 14;

const DAY_MS = 24 * 60 * 60 * 1000;

/** What a call's date is called in a report, the likelier first; normalised. */
const DATE_HEADERS = [
  'starttime',
  'callstarttime',
  'startdatetime',
  'startdate',
  'startedat',
  'calldate',
  'calltime',
  'calldatetime',
  'datetime',
  'date',
  'recordingdate',
  'recordedat',
  'createdat',
  'createdon',
  'created',
  'timestamp',
  'time',
];

/**
 * The index of the column that says when a call was: the one that `column` names, else the likeliest by its header; undefined where there is
 * none. Throws `USAGE`, naming `--date-column`, where the named one is not there.
 */
export function findDateColumn(header: ReportHeader | undefined, column: string | undefined): number | undefined {
  const names = (header?.headers ?? []).map(normaliseHeader);
  if (column !== undefined) {
    const index = names.indexOf(normaliseHeader(column));
    if (index >= 0) return index;
    const known =
      header === undefined ? 'it is a list of ids alone' : `its columns: ${header.headers.map((name) => JSON.stringify(name)).join(', ')}`;
    throw usageError(`The list has no column ${JSON.stringify(column)}; ${known}.`, 'Name one of its columns with --date-column.');
  }
  return DATE_HEADERS.map((name) => names.indexOf(name)).find((index) => index >= 0);
}

/** How a row stands to the service's retention. */
export type Retention = 'past' | 'leaving' | 'kept';

/** Whether a recording of this time is past its 6 months at `now`, or will be within {@link WARNING_DAYS}; both in milliseconds since 1970 UTC. */
export function retentionOf(time: number, now: number): Retention {
  const end = endOfRetention(time);
  if (end <= now) return 'past';
  return end <= now + WARNING_DAYS * DAY_MS ? 'leaving' : 'kept';
}

/** The end of each day's retention, by day: a report's million calls are of few days, and to count months takes ten times as long. */
const endsOfDays = new Map<number, number>();
const MOST_DAYS = 10_000;

function endOfRetention(time: number): number {
  const day = Math.floor(time / DAY_MS);
  let end = endsOfDays.get(day);
  if (end === undefined) {
    end = addMonths(day * DAY_MS, RETENTION_MONTHS);
    if (endsOfDays.size < MOST_DAYS) endsOfDays.set(day, end);
  }
  return end + (time - day * DAY_MS);
}

/** What the dates of a whole list come to. Rows that name no recording count for nothing but {@link DateSurvey.order}. */
export interface DateSurvey {
  /** Rows whose date could be read, and rows that have one which could not. */
  dated: number;
  undated: number;
  past: number;
  leaving: number;
  /** Which of `03/04/2026` is the day. */
  order: DayOrder;
  /** Whether {@link order} was only assumed, though rows depend on it. */
  assumed: boolean;
}

/** Looks at the dates of a list, row by row, before it is worked through. */
export class DateSurveyor {
  readonly #column: number;
  readonly #now: number;
  readonly #evidence = { 'day-first': 0, 'month-first': 0 };
  /** For both readings, as it shows only at the end which is right. */
  readonly #counts = { 'day-first': emptyCounts(), 'month-first': emptyCounts() };
  #ambiguous = 0;

  constructor(column: number, now: number) {
    this.#column = column;
    this.#now = now;
  }

  add(row: ListRow): void {
    const text = row.columns?.[this.#column] ?? '';
    if (text.trim() === '') return;
    const evidence = dayOrderOf(text);
    if (evidence !== undefined) this.#evidence[evidence] += 1;
    if (row.id === '') return;
    const isAmbiguous = evidence === undefined && isNumericYearLast(text);
    if (isAmbiguous) this.#ambiguous += 1;
    const dayFirst = readReportDate(text, 'day-first');
    this.#count('day-first', dayFirst);
    this.#count('month-first', isAmbiguous ? readReportDate(text, 'month-first') : dayFirst);
  }

  #count(order: DayOrder, date: ReportDate | undefined): void {
    const counts = this.#counts[order];
    if (date === undefined) {
      counts.undated += 1;
      return;
    }
    counts.dated += 1;
    const retention = retentionOf(timeOf(date), this.#now);
    if (retention !== 'kept') counts[retention] += 1;
  }

  survey(): DateSurvey {
    const order = this.#evidence['month-first'] > this.#evidence['day-first'] ? 'month-first' : 'day-first';
    const contradictory = this.#evidence['day-first'] > 0 && this.#evidence['month-first'] > 0;
    const unproven = this.#evidence['day-first'] + this.#evidence['month-first'] === 0;
    return { ...this.#counts[order], order, assumed: this.#ambiguous > 0 && (unproven || contradictory) };
  }
}

/** A row's time in milliseconds since 1970 UTC; undefined where it has none that can be read. */
export function timeOfRow(row: ListRow, column: number, order: DayOrder): number | undefined {
  const date = readReportDate(row.columns?.[column] ?? '', order);
  return date === undefined ? undefined : timeOf(date);
}

function emptyCounts() {
  return { dated: 0, undated: 0, past: 0, leaving: 0 };
}

function isNumericYearLast(text: string): boolean {
  return /^\s*\d{1,2}[-/.]\d{1,2}[-/.]\d{4}\b/u.test(text);
}

/** So many calendar months later; the 31st becomes the last day of a shorter month. */
function addMonths(time: number, months: number): number {
  const date = new Date(time);
  const day = date.getUTCDate();
  date.setUTCDate(1);
  date.setUTCMonth(date.getUTCMonth() + months);
  const lastDay = new Date(Date.UTC(date.getUTCFullYear(), date.getUTCMonth() + 1, 0)).getUTCDate();
  return date.setUTCDate(Math.min(day, lastDay));
}
