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
/** A date, in digits or in seconds since 1970, that could as well be any other number. */
const ONE_NUMBER = /^\s*\d+(?:[.,]\d+)?\s*$/u;

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
  #isPlain = true;
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
    const { form, time } = written;
    this.#zone ??= ambiguous(time.zone);
    const readings = form === undefined ? [dateInOrder(written, 'year-first')] : this.#evidenceOf(form).add(text, written);
    if (!counts) return;
    if (readings.every((date) => date === undefined)) {
      this.#example ??= { text, line };
      return;
    }
    this.#dates += 1;
    if (time.precision === 'day') this.#days += 1;
    if (ONE_NUMBER.test(text)) this.#isPlain = false;
    // With a time behind it, it is no time itself: that need not be found out for each.
    if (form === '.' && time.precision === 'day' && readWrittenTime(text) !== undefined) this.#dottedTimes += 1;
    if (form === undefined) this.#addTo(this.#settled, readings[0], columns);
    else for (const [index, sum] of this.#sumsOf(form).entries()) this.#addTo(sum, inOrder(readings, DAY_ORDERS[index]), columns);
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
    return !this.#isOfSerials && this.#isPlain;
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

  #evidenceOf(form: OpenForm): OrderEvidence {
    let evidence = this.#evidence.get(form);
    if (evidence === undefined) {
      evidence = new OrderEvidence(this.#now);
      this.#evidence.set(form, evidence);
    }
    return evidence;
  }

  #sumsOf(form: OpenForm): Tally[] {
    let open = this.#open.get(form);
    if (open === undefined) {
      open = DAY_ORDERS.map(emptyTally);
      this.#open.set(form, open);
    }
    return open;
  }

  #addOther(text: string, columns: readonly string[], line: number): void {
    if (text.trim() === '') {
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

/** What a zone is taken for that could be several. */
function ambiguous(zone: string | undefined): ColumnFinding['zone'] {
  if (zone === undefined) return undefined;
  const meaning = ambiguousZone(zone);
  return meaning === undefined ? undefined : { text: zone.toUpperCase(), meaning };
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
