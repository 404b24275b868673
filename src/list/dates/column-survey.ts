import { ambiguousZone } from '../time-zone.ts';
import { ColumnReader, inOrder, type OpenForm } from './column-reader.ts';
import { OrderEvidence, type OrderVerdict } from './order-evidence.ts';
import type { ReportDate } from './report-date.ts';
import { DAY_ORDERS, type DayOrder, dateInOrder, readSerialDate, readWrittenDate, readWrittenTime } from './written-date.ts';

/** What is counted of the dates of a column. */
export interface Tally {
  dated: number;
  /** Past the service's retention, and about to be. */
  past: number;
  leaving: number;
  /** Kept by the filters; and kept though they cannot tell, as the date has no time. */
  kept: number;
  partly: number;
}

/** Counts a date, in the row that it stands in, into a tally; {@link Tally.dated} is counted beforehand. */
export type CountDate = (date: ReportDate, columns: readonly string[], into: Tally) => void;

/** What a column of dates comes to. */
export interface ColumnFinding {
  /** Reads the column as it was found to be written. */
  reader: ColumnReader;
  /** In which order the numbers of each form stand, and why, where anything depends on it. */
  verdicts: readonly OrderVerdict[];
  /** Of the rows with a date. */
  tally: Tally;
  /** Rows without a value, and with one that is no date. */
  blank: number;
  unreadable: number;
  /** Of the unreadable ones, those that are a time of day alone. */
  times: number;
  /** The first value that is no date, and its line. */
  example: { text: string; line: number } | undefined;
  /** A zone that is taken for one of several: as it is written, and what it is taken for. */
  zone: { text: string; meaning: string } | undefined;
}

/** A column is of serial numbers where no more than one value in so many is something else. */
const SERIALS_FOR_ONE = 2;

/** Looks at the values of a column, row by row, and finds out how its dates are written. */
export class ColumnSurvey {
  readonly #now: number;
  readonly #count: CountDate;
  readonly #evidence = new Map<OpenForm, OrderEvidence>();
  /** For each reading, as it shows only at the end which is right. */
  readonly #open = new Map<OpenForm, Tally[]>();
  readonly #settled = emptyTally();
  readonly #serials = emptyTally();
  #rows = 0;
  #blank = 0;
  #times = 0;
  /** Those that can be a date as well: 09.11.26. */
  #dottedTimes = 0;
  #dates = 0;
  #days = 0;
  #digits = 0;
  #example: ColumnFinding['example'];
  #serial: ColumnFinding['example'];
  #zone: ColumnFinding['zone'];

  /** `now` is the wall clock in milliseconds since 1970 UTC; `count` what is to be counted of a date. */
  constructor(now: number, count: CountDate = () => {}) {
    this.#now = now;
    this.#count = count;
  }

  /** Takes a value; one that does not count is evidence all the same of how the others are written. */
  add(text: string, columns: readonly string[], line: number, counts = true): void {
    const written = readWrittenDate(text);
    if (counts) this.#rows += 1;
    if (written === undefined) {
      if (counts) this.#addOther(text, columns, line);
      return;
    }
    const { zone, precision } = written.time;
    if (precision === 'day') this.#days += 1;
    if (zone !== undefined && this.#zone === undefined) {
      const meaning = ambiguousZone(zone);
      if (meaning !== undefined) this.#zone = { text: zone.toUpperCase(), meaning };
    }
    if (written.form === undefined) {
      const date = dateInOrder(written, 'year-first');
      if (counts) this.#addTo(this.#settled, date, columns);
      if (counts && date === undefined) this.#example ??= { text, line };
      this.#dates += 1;
      if (/^[\d.]*$/u.test(text)) this.#digits += 1;
      return;
    }
    let evidence = this.#evidence.get(written.form);
    if (evidence === undefined) {
      evidence = new OrderEvidence(this.#now);
      this.#evidence.set(written.form, evidence);
    }
    const readings = evidence.add(text, written);
    if (readings.every((date) => date === undefined)) {
      if (counts) this.#example ??= { text, line };
      return;
    }
    this.#dates += 1;
    if (written.form === 'digits') this.#digits += 1;
    if (!counts) return;
    if (written.form === '.' && precision === 'day' && readWrittenTime(text) !== undefined) this.#dottedTimes += 1;
    let open = this.#open.get(written.form);
    if (open === undefined) {
      open = DAY_ORDERS.map(emptyTally);
      this.#open.set(written.form, open);
    }
    for (const [index, sum] of open.entries()) this.#addTo(sum, inOrder(readings, DAY_ORDERS[index]), columns);
  }

  /** The share of values, from 0 to 1, that are dates in any reading; undefined where there are no values. */
  get share(): number | undefined {
    const values = this.#rows - this.#blank;
    return values === 0 ? undefined : (this.#dates + (this.#isOfSerials ? this.#serials.dated : 0)) / values;
  }

  /** The share of values that can be times of day alone. */
  get timeShare(): number {
    return (this.#times + this.#dottedTimes) / Math.max(1, this.#rows - this.#blank);
  }

  /** Whether its values are rather times of day than dates. */
  get isOfTimes(): boolean {
    return this.timeShare > (this.share ?? 0);
  }

  /** Whether most of its dates have no time of day. */
  get hasDaysAlone(): boolean {
    return this.#days * 2 > this.#dates + this.#serials.dated;
  }

  /** Whether its dates are written as such, and not as a number that could be anything. */
  get isPlain(): boolean {
    return !this.#isOfSerials && this.#digits === 0;
  }

  /** The order of a form that the column's own values prove; undefined where they do not. */
  proven(form: OpenForm): DayOrder | undefined {
    const verdict = this.#evidence.get(form)?.verdict();
    return verdict?.reason === 'values' && verdict.contradicted === 0 ? verdict.order : undefined;
  }

  /** What the values come to. `shared` is the order that the other columns of the report prove for a form. */
  finish(shared: (form: OpenForm) => DayOrder | undefined): ColumnFinding {
    const orders = new Map<OpenForm, DayOrder>();
    const verdicts: OrderVerdict[] = [];
    const sums = [this.#settled, ...(this.#isOfSerials ? [this.#serials] : [])];
    for (const [form, evidence] of this.#evidence) {
      const verdict = evidence.verdict(shared(form));
      orders.set(form, verdict.order);
      if (evidence.isOpen) verdicts.push(verdict);
      const sum = this.#open.get(form)?.[DAY_ORDERS.indexOf(verdict.order)];
      if (sum !== undefined) sums.push(sum);
    }
    const tally = sumOf(sums);
    return {
      reader: new ColumnReader({ orders, serials: this.#isOfSerials }),
      verdicts,
      tally,
      blank: this.#blank,
      unreadable: this.#rows - this.#blank - tally.dated,
      times: this.#times,
      example: this.#example ?? this.#serial,
      zone: this.#zone,
    };
  }

  get #isOfSerials(): boolean {
    const others = this.#rows - this.#blank - this.#serials.dated;
    return this.#serials.dated > 0 && this.#dates === 0 && others * SERIALS_FOR_ONE <= this.#serials.dated;
  }

  #addOther(text: string, columns: readonly string[], line: number): void {
    if (isBlank(text)) {
      this.#blank += 1;
      return;
    }
    const serial = readSerialDate(text);
    if (serial !== undefined) {
      this.#serial ??= { text, line };
      if (serial.time.precision === 'day') this.#days += 1;
      this.#addTo(this.#serials, dateInOrder(serial, 'year-first'), columns);
      return;
    }
    if (readWrittenTime(text) !== undefined) this.#times += 1;
    this.#example ??= { text, line };
  }

  #addTo(sum: Tally, date: ReportDate | undefined, columns: readonly string[]): void {
    if (date === undefined) return;
    sum.dated += 1;
    this.#count(date, columns, sum);
  }
}

function isBlank(text: string): boolean {
  return text === '' || (text.length < 1000 && text.trim() === '');
}

function emptyTally(): Tally {
  return { dated: 0, past: 0, leaving: 0, kept: 0, partly: 0 };
}

function sumOf(tallies: readonly Tally[]): Tally {
  const sum = emptyTally();
  for (const tally of tallies) for (const name of TALLIED) sum[name] += tally[name];
  return sum;
}

const TALLIED = ['dated', 'past', 'leaving', 'kept', 'partly'] as const satisfies readonly (keyof Tally)[];
