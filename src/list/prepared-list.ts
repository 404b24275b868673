import { dateColumnByHeader, namedDateColumn } from './dates/find-columns.ts';
import {
  callDates,
  type DateUse,
  isReadable,
  noDatesNotices,
  partlyNotices,
  readingNotices,
  retentionNotices,
  undatedNotices,
} from './dates/notices.ts';
import { surveyPipe } from './dates/pipe-survey.ts';
import type { ReportDates } from './dates/report-dates.ts';
import { ReportSurvey } from './dates/report-survey.ts';
import type { FilterOptions } from './filters.ts';
import { type ListNotice, type ListScan, type OnBadRow, openList, type RecordingList, scanList } from './id-list.ts';
import type { ListRow, ReportHeader } from './list-row.ts';
import { oldestFirst, SORT_LIMIT } from './oldest-first.ts';
import type { TextSource } from './text-source.ts';
import { namedTimeZone, type TimeZone, UTC } from './time-zone.ts';
import { WantedRows } from './wanted-rows.ts';

/** How a list is to be worked through. */
export interface PreparationOptions extends FilterOptions {
  /** The report's column that holds the id (`--column`). */
  column?: string | undefined;
  /** The workbook's sheet (`--sheet`). */
  sheet?: string | undefined;
  /** Takes the rows that cannot be read, once each; where left out, they end the reading (`--skip-bad-rows`). */
  onBadRow?: OnBadRow | undefined;
  /** The report's column that says when the call was (`--date-column`); else it is found by its header, or by its values. */
  dateColumn?: string | undefined;
  /** Keep rows without a date where rows are chosen by it (`--undated`). */
  undated?: boolean | undefined;
  /** The zone of dates that name none (`--time-zone`); UTC where left out. */
  timeZone?: string | undefined;
  /** The columns that names take dates from, by index, and whether they take a day or a time alone; asked once the headers are known. May throw. */
  namedDates?: ((headers: readonly string[] | undefined) => ReadonlyMap<number, 'day' | 'time'>) | undefined;
  /** Oldest first, or as the list stands (`--order`). */
  order: 'oldest' | 'report';
  /** The wall clock, in milliseconds since 1970 UTC. */
  now: number;
  signal?: AbortSignal | undefined;
}

/** What the dates of the calls come to: rows with one, rows whose date cannot be read, and how they stand to the service's retention. */
export interface DateSurvey {
  dated: number;
  undated: number;
  past: number;
  leaving: number;
}

/** A list that was read once to its end, where that can be, and is ready to be worked through. */
export interface PreparedList {
  readonly header: ReportHeader | undefined;
  /** The rows that are wanted and name a recording, repeated ones included; undefined where they could not be counted beforehand. */
  readonly total: number | undefined;
  /** Reads the report's dates, for names; undefined for a list of ids. */
  readonly reportDates: ReportDates | undefined;
  /** What the dates come to; undefined where there are none, or they could not be looked at beforehand. */
  readonly dates: DateSurvey | undefined;
  /** What a person should know before the work begins. */
  readonly notices: readonly ListNotice[];
  /** The same for what shows only when all rows were given. */
  lateNotices(): readonly ListNotice[];
  /** When a row's call was, in milliseconds since 1970 UTC; undefined where that cannot be read. */
  timeOf(row: ListRow): number | undefined;
  /** The rows, in the order to work through, those that the filters leave out marked as `filtered`. To be asked for once. */
  rows(): AsyncIterable<ListRow[]>;
  /** Closes the source. */
  close(): Promise<void>;
}

/**
 * Opens a list. What can be read twice is read to its end first: a row that cannot be read is told before anything is fetched, the rows are
 * counted, and the dates of a report looked at, so that they are read right and what leaves the service next can come first. Of a pipe the
 * first rows are looked at, where dates matter. Throws as `openList` does, and `USAGE` for a column, date, zone or condition that cannot be used.
 */
export async function prepareList(source: TextSource, options: PreparationOptions): Promise<PreparedList> {
  const zone = options.timeZone === undefined ? UTC : namedTimeZone(options.timeZone);
  const { column, sheet, signal, onBadRow } = options;
  let plan: Plan | undefined;
  // The rows that cannot be read are handed over when the list is worked through.
  const scan = await scanList(source, { column, sheet, signal, onBadRow: onBadRow && (() => {}) }, (header) => {
    plan = planFor(header, options, zone);
    const { survey } = plan;
    return survey && ((row) => survey.add(row));
  });
  // Of a list that was read once, all was told by then.
  const late: ListNotice[] = [];
  const onNotice = scan === undefined ? (notice: ListNotice) => late.push(notice) : undefined;
  const list = await openList(source, { column, sheet, signal, onBadRow, onNotice });
  try {
    plan ??= planFor(list.header, options, zone);
    const { survey } = plan;
    const readied = await prepared(list, scan, plan, survey, options);
    const early = scan?.notices ?? late.splice(0);
    return { ...readied, notices: [...early, ...readied.notices], lateNotices: () => [...late.splice(0), ...readied.lateNotices()] };
  } catch (error) {
    await list.close();
    throw error;
  }
}

async function prepared(
  list: RecordingList,
  scan: ListScan | undefined,
  plan: Plan,
  survey: ReportSurvey | undefined,
  options: PreparationOptions,
): Promise<PreparedList> {
  if (survey === undefined) return undatedList(list, scan);
  return scan === undefined ? preparedPipe(list, plan, survey, options) : preparedReport(list, scan, plan, survey, options);
}

/** Sentences that need not be said with `--quiet`. */
function told(messages: readonly string[]): ListNotice[] {
  return messages.map((message) => ({ message, always: false }));
}

/** What is to be done with a list, as its header settles it. */
interface Plan {
  wanted: WantedRows;
  named: ReadonlyMap<number, 'day' | 'time'>;
  survey: ReportSurvey | undefined;
}

function planFor(header: ReportHeader | undefined, options: PreparationOptions, zone: TimeZone): Plan {
  const { now } = options;
  const dateColumn = options.dateColumn === undefined ? undefined : namedDateColumn(header, options.dateColumn);
  const wanted = new WantedRows(options, header, now, zone);
  const named = options.namedDates?.(header?.headers) ?? new Map();
  const { condition, bounds } = wanted;
  const survey = header && new ReportSurvey({ header, dateColumn, columns: [...named.keys()], now, zone, condition, bounds });
  return { wanted, named, survey };
}

/** A list of ids. */
function undatedList(list: RecordingList, scan: ListScan | undefined): PreparedList {
  return {
    ...{ header: list.header, total: scan?.rows, reportDates: undefined, dates: undefined, notices: [] },
    lateNotices: () => [],
    timeOf: () => undefined,
    rows: () => list.batches(),
    close: () => list.close(),
  };
}

function preparedReport(list: RecordingList, scan: ListScan, plan: Plan, survey: ReportSurvey, options: PreparationOptions): PreparedList {
  const header = list.header as ReportHeader;
  const { wanted, named } = plan;
  const found = survey.findings();
  wanted.refuseUndated(found, header);
  const finding = callDates(found);
  const readable = finding !== undefined && isReadable(finding) ? finding : undefined;
  const fits = scan.rows + scan.blank + scan.passedOver <= SORT_LIMIT.rows && scan.characters <= SORT_LIMIT.characters;
  const ordered = options.order === 'oldest';
  const use: DateUse = { header, matters: true, named, undated: wanted.undated };
  const timeOf = readable ? (row: ListRow) => found.dates.spanOf(row)?.from : () => undefined;
  const notices = [
    ...noDatesNotices(found, use, ordered),
    ...readingNotices(found, use),
    ...undatedNotices(found, use),
    ...partlyNotices(found, use),
    ...(ordered && readable && !fits ? ['The report is too long to be sorted in memory, so its own order is kept.'] : []),
    ...(readable ? retentionNotices(readable.tally) : []),
  ];
  return {
    header,
    total: wanted.isAll ? scan.rows : wanted.count(found),
    reportDates: found.dates,
    dates: readable && { ...readable.tally, undated: readable.unreadable },
    notices: told(found.rows === 0 ? [] : notices),
    lateNotices: () => [],
    timeOf,
    rows: () => {
      const batches = wanted.isAll ? list.batches() : wanted.mark(list.batches(), found);
      return ordered && readable && fits ? oldestFirst(batches, timeOf) : batches;
    },
    close: () => list.close(),
  };
}

/** A report that can be read only once keeps its own order, and is counted by nobody. Its first rows are looked at where dates matter. */
async function preparedPipe(list: RecordingList, plan: Plan, survey: ReportSurvey, options: PreparationOptions): Promise<PreparedList> {
  const header = list.header as ReportHeader;
  const { wanted, named } = plan;
  const use: DateUse = { header, matters: wanted.bounds !== undefined, named, undated: wanted.undated };
  const hasDates = options.dateColumn !== undefined || dateColumnByHeader(header) !== undefined;
  const notices =
    options.order === 'oldest' && hasDates ? ['What comes through a pipe is worked through in its own order, not oldest first.'] : [];
  const piped = { header, total: undefined, dates: undefined, close: () => list.close() };
  if (!use.matters && named.size === 0) {
    const rows = () => (wanted.isAll ? list.batches() : wanted.mark(list.batches(), survey.findings()));
    return { ...piped, reportDates: undefined, notices: told(notices), lateNotices: () => [], timeOf: () => undefined, rows };
  }
  const { found, batches } = await surveyPipe(list, header, survey, ({ date }) => [
    ...new Set([...named.keys(), ...(use.matters && date !== undefined ? [date] : [])]),
  ]);
  wanted.refuseUndated(found, header);
  return {
    ...piped,
    reportDates: found.dates,
    notices: told([...notices, ...readingNotices(found, use)]),
    lateNotices: () => {
      const all = survey.findings();
      return told([...undatedNotices(all, use), ...partlyNotices(all, use)]);
    },
    timeOf: (row) => found.dates.spanOf(row)?.from,
    rows: () => (wanted.isAll ? batches : wanted.mark(batches, found)),
  };
}
