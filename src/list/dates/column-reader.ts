import type { ReportDate, ReportTime } from './report-date.ts';
import {
  DAY_ORDERS,
  type DayOrder,
  dateInOrder,
  readSerialDate,
  readWrittenDate,
  readWrittenTime,
  type WrittenDate,
} from './written-date.ts';

/** The form of a date whose numbers can stand in several orders. */
export type OpenForm = NonNullable<WrittenDate['form']>;

/** How the dates of one column are to be read. */
export interface ColumnForms {
  /** In which order the numbers stand, by form. */
  orders: ReadonlyMap<OpenForm, DayOrder>;
  /** Whether its numbers are a spreadsheet's days. */
  serials: boolean;
}

/** Reads the dates of one column. */
export class ColumnReader {
  readonly #forms: ColumnForms;

  /** `forms` is what a survey of the column has found. Without one, a date that can be read in two ways is none. */
  constructor(forms: ColumnForms = { orders: new Map(), serials: false }) {
    this.#forms = forms;
  }

  /** The date that a value is; undefined where it is none. */
  date(text: string): ReportDate | undefined {
    const written = readWrittenDate(text) ?? (this.#forms.serials ? readSerialDate(text) : undefined);
    if (written === undefined) return undefined;
    if (written.form === undefined) return dateInOrder(written, 'year-first');
    return inOrder(
      DAY_ORDERS.map((order) => dateInOrder(written, order)),
      this.#forms.orders.get(written.form),
    );
  }

  /** The time of day that a value is, or has behind its day; undefined where there is none. */
  time(text: string): ReportTime | undefined {
    const alone = readWrittenTime(text);
    if (alone !== undefined) return alone;
    const date = this.date(text);
    return date?.precision === 'day' ? undefined : date;
  }

  /**
   * Whether a value speaks against the order that was settled without it: its day and month can only be meant the other way round; or it has
   * several readings, in a form that was not met before.
   */
  isContradictedBy(text: string): boolean {
    const written = readWrittenDate(text);
    if (written?.form === undefined) return false;
    const order = this.#forms.orders.get(written.form);
    if (order !== undefined && dateInOrder(written, order) !== undefined) return false;
    const readings = DAY_ORDERS.map((each) => dateInOrder(written, each));
    const isOpen = readings.some((date) => date !== undefined) && inOrder(readings, undefined) === undefined;
    return order === undefined ? isOpen : inOrder(readings, order) !== undefined;
  }
}

/**
 * The date that is meant, of its readings in each of {@link DAY_ORDERS}, where the others of its column stand in `order`: the reading in that
 * order; where there is none, the one with day and month the other way round, if only that is a day. Without an order, the one date that all
 * readings come to. Undefined where there is none: two digits that cannot be the day are not taken for a year.
 */
export function inOrder(readings: readonly (ReportDate | undefined)[], order: DayOrder | undefined): ReportDate | undefined {
  const [dayFirst, monthFirst, yearFirst] = readings;
  if (order === 'day-first') return dayFirst ?? monthFirst;
  if (order === 'month-first') return monthFirst ?? dayFirst;
  if (order === 'year-first') return yearFirst;
  const found = readings.filter((date) => date !== undefined);
  const [first] = found;
  // Where these agree, so do the years.
  return found.every(({ month, day }) => month === first?.month && day === first.day) ? first : undefined;
}
