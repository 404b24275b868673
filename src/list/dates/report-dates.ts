import type { ListRow } from '../list-row.ts';
import { type Span, spanOf } from '../span.ts';
import type { TimeZone } from '../time-zone.ts';
import { ColumnReader } from './column-reader.ts';
import type { DateColumns } from './find-columns.ts';
import { type ReportDate, type ReportTime, withTime } from './report-date.ts';

const UNSURVEYED = new ColumnReader();

/** The dates of a report, read as a survey has found its columns to be written. */
export class ReportDates {
  readonly #readers: ReadonlyMap<number, ColumnReader>;
  readonly #columns: DateColumns;
  readonly #zone: TimeZone;

  /** `columns` say when a call was; `zone` is that of dates which name none. */
  constructor(readers: ReadonlyMap<number, ColumnReader>, columns: DateColumns, zone: TimeZone) {
    this.#readers = readers;
    this.#columns = columns;
    this.#zone = zone;
  }

  /** The date in a column, as the report writes it, with the time of the column beside it where that has the time; undefined where there is none. */
  date(columns: readonly string[], column: number): ReportDate | undefined {
    const date = this.#reader(column).date(columns[column] ?? '');
    if (date?.precision !== 'day' || column !== this.#columns.date || this.#columns.time === undefined) return date;
    return withTime(date, this.#reader(this.#columns.time).time(columns[this.#columns.time] ?? ''));
  }

  /** The time of day in a column, alone or behind a day; undefined where there is none. */
  time(columns: readonly string[], column: number): ReportTime | undefined {
    const alone = this.#reader(column).time(columns[column] ?? '');
    if (alone !== undefined) return alone;
    const date = this.date(columns, column);
    return date?.precision === 'day' ? undefined : date;
  }

  /** The span of time that a row's call can have begun in; undefined where nothing tells. */
  spanOf(row: ListRow): Span | undefined {
    if (row.columns === undefined || this.#columns.date === undefined) return undefined;
    const date = this.date(row.columns, this.#columns.date);
    return date && spanOf(date, this.#zone);
  }

  /** Whether a value speaks against what its column was found to be. */
  isContradictedBy(text: string, column: number): boolean {
    return this.#readers.get(column)?.isContradictedBy(text) ?? false;
  }

  #reader(column: number): ColumnReader {
    return this.#readers.get(column) ?? UNSURVEYED;
  }
}
