import { openList, scanList } from './id-list.ts';
import type { ListRow, ReportHeader } from './list-row.ts';
import { oldestFirst, SORT_LIMIT } from './oldest-first.ts';
import type { DayOrder } from './report-dates.ts';
import { type DateSurvey, DateSurveyor, findDateColumn, RETENTION_MONTHS, timeOfRow, WARNING_DAYS } from './retention.ts';
import type { TextSource } from './text-source.ts';

/** How a list is to be worked through. */
export interface PreparationOptions {
  /** The report's column that holds the id (`--column`). */
  column?: string | undefined;
  /** The report's column that says when the call was (`--date-column`); else it is found by its header. */
  dateColumn?: string | undefined;
  /** Oldest first, or as the list stands (`--order`). */
  order: 'oldest' | 'report';
  /** The wall clock, in milliseconds since 1970 UTC. */
  now: number;
  signal?: AbortSignal | undefined;
}

/** A list that was read once to its end, where that can be, and is ready to be worked through. */
export interface PreparedList {
  readonly header: ReportHeader | undefined;
  /** The rows that name a recording, repeated ones included; undefined where they could not be counted beforehand. */
  readonly total: number | undefined;
  /** Which of `03/04/2026` is the day. */
  readonly dayOrder: DayOrder;
  /** What the dates come to; undefined where there are none, or they could not be looked at beforehand. */
  readonly dates: DateSurvey | undefined;
  /** What a person should know before the work begins, a sentence each. */
  readonly notices: readonly string[];
  /** When a row's call was, in milliseconds since 1970 UTC; undefined where that cannot be read. */
  timeOf(row: ListRow): number | undefined;
  /** The rows, in the order to work through. To be asked for once. */
  rows(): AsyncIterable<ListRow[]>;
  /** Closes the source. */
  close(): Promise<void>;
}

/**
 * Opens a list. What can be read twice is read to its end first: a row that cannot be read is told before anything is fetched, the rows are
 * counted, and the dates of a report looked at, so that what leaves the service next can come first. Throws as `openList` does, and `USAGE` for
 * a `dateColumn` that is not there.
 */
export async function prepareList(source: TextSource, options: PreparationOptions): Promise<PreparedList> {
  const listOptions = { column: options.column, signal: options.signal };
  let surveyor: DateSurveyor | undefined;
  const scan = await scanList(source, listOptions, (header) => {
    const column = findDateColumn(header, options.dateColumn);
    surveyor = column === undefined ? undefined : new DateSurveyor(column, options.now);
    return surveyor && ((row) => surveyor?.add(row));
  });
  const list = await openList(source, listOptions);
  let column: number | undefined;
  try {
    column = findDateColumn(list.header, options.dateColumn);
  } catch (error) {
    await list.close();
    throw error;
  }
  const dates = surveyor?.survey();
  const heading = column === undefined ? '' : JSON.stringify(list.header?.headers[column]);
  const readable = dates !== undefined && dates.dated > dates.undated;
  const fits = scan !== undefined && scan.rows + scan.blank <= SORT_LIMIT.rows && scan.characters <= SORT_LIMIT.characters;
  const oldestBy = options.order === 'oldest' && readable && fits ? column : undefined;
  return {
    header: list.header,
    total: scan?.rows,
    dayOrder: dates?.order ?? 'day-first',
    dates: readable ? dates : undefined,
    notices:
      column === undefined
        ? []
        : noticesOf({
            heading,
            dates,
            readable,
            sorted: oldestBy !== undefined,
            wanted: options.order === 'oldest',
            scanned: scan !== undefined,
          }),
    timeOf: (row) => (column === undefined || !readable ? undefined : timeOfRow(row, column, dates.order)),
    rows: () => (oldestBy === undefined || dates === undefined ? list.batches() : oldestFirst(list.batches(), oldestBy, dates.order)),
    close: () => list.close(),
  };
}

function noticesOf(found: {
  heading: string;
  dates: DateSurvey | undefined;
  readable: boolean;
  sorted: boolean;
  wanted: boolean;
  scanned: boolean;
}): string[] {
  const { heading, dates, readable, sorted, wanted, scanned } = found;
  if (!scanned) return wanted ? ['What comes through a pipe is worked through in its own order, not oldest first.'] : [];
  if (dates === undefined || dates.dated + dates.undated === 0) return [];
  if (!readable) return [`The dates in column ${heading} cannot be read, so the report's own order is kept.`];
  const notices: string[] = [];
  if (dates.assumed) {
    notices.push(`Dates like 03/04/2026 in column ${heading} are read as ${dates.order === 'day-first' ? 'day/month' : 'month/day'}/year.`);
  }
  if (wanted && !sorted) notices.push('The report is too long to be sorted in memory, so its own order is kept.');
  if (dates.leaving > 0) {
    notices.push(`${rows(dates.leaving)} will be past the service's ${RETENTION_MONTHS} months within ${WARNING_DAYS} days.`);
  }
  if (dates.past > 0)
    notices.push(`${rows(dates.past)} ${dates.past === 1 ? 'is' : 'are'} past the service's ${RETENTION_MONTHS} months already.`);
  return notices;
}

function rows(count: number): string {
  return count === 1 ? '1 row' : `${count} rows`;
}
