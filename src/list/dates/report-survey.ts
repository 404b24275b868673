import type { Condition } from '../filters.ts';
import type { ListRow, ReportHeader } from '../list-row.ts';
import { retentionOf } from '../retention.ts';
import { type Span, spanOf, standing } from '../span.ts';
import type { TimeZone } from '../time-zone.ts';
import { ColumnReader, type OpenForm } from './column-reader.ts';
import { type ColumnFinding, ColumnSurvey, type Tally } from './column-survey.ts';
import { type DateColumns, findDateColumns } from './find-columns.ts';
import { type ReportDate, withTime } from './report-date.ts';
import { ReportDates } from './report-dates.ts';
import type { DayOrder } from './written-date.ts';

/** How many rows are looked at, in all of their columns, before it is settled which of them are dates; and how many characters at most. */
export const HEAD = { rows: 1000, characters: 1024 * 1024 };
/** So many columns are looked at beside those that are used. */
const MOST_COLUMNS = 100;

/** What is to be found out of a report's dates. */
export interface SurveyOptions {
  header: ReportHeader;
  /** The index of the column that `--date-column` names. */
  dateColumn: number | undefined;
  /** The indexes of further columns whose dates are used. */
  columns: readonly number[];
  /** The wall clock, in milliseconds since 1970 UTC. */
  now: number;
  /** That of dates which name none. */
  zone: TimeZone;
  /** The rows that count; all that name a recording where left out. */
  condition?: Condition | undefined;
  bounds?: Span | undefined;
}

/** What a report's dates come to. */
export interface SurveyFindings extends DateColumns {
  dates: ReportDates;
  /** What was found in each column that is used, by index. */
  columns: ReadonlyMap<number, ColumnFinding>;
  /** The rows that name a recording and meet the condition. */
  rows: number;
}

/** Looks at the dates of a report, row by row, before it is worked through. */
export class ReportSurvey {
  readonly #options: SurveyOptions;
  readonly #all: ColumnSurvey[];
  readonly #used = new Map<number, ColumnSurvey>();
  #columns: DateColumns | undefined;
  #head: ListRow[] = [];
  #characters = 0;
  #rows = 0;

  constructor(options: SurveyOptions) {
    this.#options = options;
    this.#all = options.header.headers.slice(0, MOST_COLUMNS).map(() => new ColumnSurvey(options.now));
  }

  /** Whether so many rows were seen that it is settled which columns are used; what comes next is looked at in those alone. */
  get hasHead(): boolean {
    return this.#columns !== undefined;
  }

  add(row: ListRow): void {
    if (this.#columns !== undefined) {
      this.#survey(row);
      return;
    }
    this.#head.push(row);
    this.#characters += row.raw.length;
    if (this.#head.length >= HEAD.rows || this.#characters >= HEAD.characters) this.#settle();
  }

  /** What the rows so far come to. More can follow. */
  findings(): SurveyFindings {
    const { date, time } = this.#columns ?? this.#settle();
    const columns = new Map([...this.#used].map(([index, survey]) => [index, survey.finish((form) => this.#proven(form))]));
    const readers = new Map([...columns].map(([index, { reader }]) => [index, reader]));
    return { date, time, columns, rows: this.#rows, dates: new ReportDates(readers, { date, time }, this.#options.zone) };
  }

  #settle(): DateColumns {
    const { header, dateColumn, columns, now } = this.#options;
    for (const row of this.#head) {
      for (const [index, survey] of this.#all.entries()) {
        if (row.leftOut !== 'passedOver') survey.add(row.columns?.[index] ?? '', row.columns ?? [], row.line, row.id !== '');
      }
    }
    this.#columns = findDateColumns(header, this.#all, dateColumn);
    const { date, time } = this.#columns;
    for (const column of columns) this.#used.set(column, new ColumnSurvey(now));
    if (date !== undefined) this.#used.set(date, new ColumnSurvey(now, (found, row, into) => this.#count(found, time, row, into)));
    for (const row of this.#head) this.#survey(row);
    this.#head = [];
    return this.#columns;
  }

  #survey(row: ListRow): void {
    const { columns = [], line } = row;
    if (row.leftOut === 'passedOver') return;
    const counts = row.id !== '' && this.#options.condition?.(columns) !== false;
    if (counts) this.#rows += 1;
    for (const [index, survey] of this.#used) survey.add(columns[index] ?? '', columns, line, counts);
  }

  #count(day: ReportDate, time: number | undefined, columns: readonly string[], into: Tally): void {
    const { now, zone, bounds } = this.#options;
    const date = time === undefined || day.precision !== 'day' ? day : withTime(day, TIMES.time(columns[time] ?? ''));
    const span = spanOf(date, zone);
    const stands = bounds === undefined ? 'within' : standing(span, bounds);
    if (stands === 'outside') return;
    into.kept += 1;
    if (stands === 'perhaps') into.partly += 1;
    const retention = retentionOf(span.from, now);
    if (retention !== 'kept') into[retention] += 1;
  }

  /** What the values of the columns prove for a form, where they agree; a column's own count before that. */
  #proven(form: OpenForm): DayOrder | undefined {
    const orders = new Set<DayOrder>();
    for (const [index, survey] of this.#all.entries()) {
      const proven = (this.#used.get(index) ?? survey).proven(form);
      if (proven !== undefined) orders.add(proven);
    }
    return orders.size === 1 ? [...orders][0] : undefined;
  }
}

const TIMES = new ColumnReader();
