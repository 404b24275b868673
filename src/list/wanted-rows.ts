import { usageError } from '../errors.ts';
import { listHeaders } from './columns.ts';
import { callDates, headingOf } from './dates/notices.ts';
import type { SurveyFindings } from './dates/report-survey.ts';
import { type Condition, type FilterOptions, readBounds, readConditions } from './filters.ts';
import type { ListRow, ReportHeader } from './list-row.ts';
import { type Span, standing } from './span.ts';
import type { TimeZone } from './time-zone.ts';

/** Which rows of a report are wanted: what `--since`, `--until`, `--where` and `--undated` come to. */
export class WantedRows {
  /** What a row's values must meet; undefined where there is nothing. */
  readonly condition: Condition | undefined;
  /** When its call must have been; undefined where that makes no difference. */
  readonly bounds: Span | undefined;
  readonly #undated: boolean;
  readonly #flag: string;

  /**
   * `header` is undefined for a list of ids, `now` the wall clock in milliseconds since 1970 UTC, `zone` that of dates which name none. Throws
   * `USAGE`, naming the flag, for what is no date or no condition, for a column that is not there, and for dates of a list of ids.
   */
  constructor(options: FilterOptions & { undated?: boolean | undefined }, header: ReportHeader | undefined, now: number, zone: TimeZone) {
    this.#undated = options.undated === true;
    this.#flag = options.since === undefined ? '--until' : '--since';
    this.bounds = readBounds(options, now, zone);
    this.condition = readConditions(options.where, header?.headers);
    if (this.bounds !== undefined && header === undefined) {
      throw usageError(
        `${this.#flag} needs dates, but this is a list of ids, which has none.`,
        `Leave ${this.#flag} out, or give the report with its header row.`,
      );
    }
  }

  /** Whether all rows are wanted. */
  get isAll(): boolean {
    return this.bounds === undefined && this.condition === undefined;
  }

  /** What becomes of rows without a date; undefined where dates make no difference. */
  get undated(): 'kept' | 'left out' | undefined {
    return this.bounds === undefined ? undefined : this.#undated ? 'kept' : 'left out';
  }

  /** Throws `USAGE` where rows are to be chosen by their dates, and there is no column of dates. */
  refuseUndated(found: SurveyFindings, header: ReportHeader): void {
    if (this.bounds === undefined) return;
    const finding = callDates(found);
    if (finding !== undefined && (finding.tally.dated > 0 || finding.unreadable === 0)) return;
    const problem =
      finding === undefined
        ? 'the report has no column of dates'
        : `no value in column ${headingOf(header, found.date)} can be read as a date`;
    throw usageError(
      `${this.#flag} needs dates, but ${problem}. Its columns: ${listHeaders(header.headers)}.`,
      'Name the column that says when each call was with --date-column.',
    );
  }

  /** How many of the rows are wanted that name a recording. */
  count(found: SurveyFindings): number {
    const finding = callDates(found);
    if (this.bounds === undefined || finding === undefined) return found.rows;
    return finding.tally.kept + (this.#undated ? finding.blank + finding.unreadable : 0);
  }

  /** The rows, those that are not wanted marked as `filtered`. */
  async *mark(batches: AsyncIterable<ListRow[]>, { dates }: SurveyFindings): AsyncGenerator<ListRow[], void, undefined> {
    for await (const batch of batches) {
      yield batch.map((row) => {
        if (row.leftOut !== undefined || row.id === '' || this.#wants(row, dates.spanOf(row))) return row;
        return { ...row, leftOut: 'filtered' };
      });
    }
  }

  #wants({ columns = [] }: ListRow, call: Span | undefined): boolean {
    if (this.condition?.(columns) === false) return false;
    if (this.bounds === undefined) return true;
    return call === undefined ? this.#undated : standing(call, this.bounds) !== 'outside';
  }
}
