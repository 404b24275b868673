import { inOrder } from './column-reader.ts';
import { type ReportDate, wallClock } from './report-date.ts';
import { DAY_ORDERS, type DayOrder, dateInOrder, type WrittenDate } from './written-date.ts';

/** Why an order was taken, the strongest reason first. */
export type OrderReason = 'values' | 'column' | 'future' | 'age' | 'sequence' | 'month' | 'now' | 'assumed';

/** In which order the numbers of some dates are read. */
export interface OrderVerdict {
  order: DayOrder;
  reason: OrderReason;
  /** How many dates can only be read in another order, and one of them. */
  contradicted: number;
  contradiction: string | undefined;
  /** A date that shows the order best: one that has no other reading, where there is one. */
  example: string;
}

const DAY_MS = 24 * 60 * 60 * 1000;
/** A clock somewhere may be ahead of what the dates are taken to be in: no zone is further from UTC. */
const AHEAD_MS = 14 * 60 * 60 * 1000;
/** What is read as years old in one order and as recent in another is taken for recent: the service keeps recordings for months. */
const RECENT_YEARS = 2;
/** The same day of so many months is none by chance. */
const LEAST_MONTHS = 3;
/** One step backwards in so many is borne in a report that is in order. */
const STEPS_FOR_ONE = 50;

/** What the dates of one form come to when all of them are read in one order. */
class Reading {
  impossible = 0;
  /** Beyond any doubt about the zone, and at all. */
  future = 0;
  old = 0;
  latest = Number.NEGATIVE_INFINITY;
  #lastDay = Number.NaN;
  #ups = 0;
  #downs = 0;
  #daysOfMonth = 0;
  readonly #months = new Set<number>();
  readonly #now: number;
  readonly #oldBefore: number;

  constructor(now: number) {
    this.#now = now;
    this.#oldBefore = new Date(now).getUTCFullYear() - RECENT_YEARS;
  }

  take(date: ReportDate): void {
    const time = wallClock(date) - (date.offset ?? 0) * 60_000;
    this.latest = Math.max(this.latest, time);
    if (time > this.#now + AHEAD_MS) this.future += 1;
    if (date.year < this.#oldBefore) this.old += 1;
    const day = Math.floor(time / DAY_MS);
    if (day > this.#lastDay) this.#ups += 1;
    else if (day < this.#lastDay) this.#downs += 1;
    this.#lastDay = day;
    this.#daysOfMonth |= 1 << date.day;
    this.#months.add(date.year * 12 + date.month);
  }

  /** Whether the days run on, or back, as those of a report do. */
  get inSequence(): boolean {
    const [least, most] = this.#ups < this.#downs ? [this.#ups, this.#downs] : [this.#downs, this.#ups];
    return least * STEPS_FOR_ONE <= most;
  }

  /** Whether all dates are of the same day of several months: the first days of one month, read the other way round. */
  get sameDayOfMonths(): boolean {
    return this.#months.size >= LEAST_MONTHS && (this.#daysOfMonth & (this.#daysOfMonth - 1)) === 0;
  }
}

/** Gathers, date by date, what tells in which order the numbers of dates of one form stand, and weighs it. */
export class OrderEvidence {
  readonly #now: number;
  readonly #readings: { order: DayOrder; reading: Reading }[];
  readonly #onlyReading: (string | undefined)[] = DAY_ORDERS.map(() => undefined);
  #firstOpen: string | undefined;

  constructor(now: number) {
    this.#now = now;
    this.#readings = DAY_ORDERS.map((order) => ({ order, reading: new Reading(now) }));
  }

  /** Whether any date has more than one reading, so that something depends on the order. */
  get isOpen(): boolean {
    return this.#firstOpen !== undefined;
  }

  /** Takes a date, as it was written and as it was read, and gives its reading in each of {@link DAY_ORDERS}. */
  add(text: string, written: WrittenDate): readonly (ReportDate | undefined)[] {
    const dates = DAY_ORDERS.map((order) => dateInOrder(written, order));
    const possible = dates.filter((date) => date !== undefined);
    if (possible.length === 0) return dates;
    for (const [index, { reading }] of this.#readings.entries()) {
      const date = dates[index];
      if (date === undefined) {
        reading.impossible += 1;
        continue;
      }
      reading.take(date);
      if (possible.length === 1) this.#onlyReading[index] ??= text;
    }
    if (inOrder(dates, undefined) === undefined) this.#firstOpen ??= text;
    return dates;
  }

  /**
   * The order that fits best. `shared` is what dates of the same form elsewhere in the report have proven; it counts after what these prove
   * themselves.
   */
  verdict(shared?: DayOrder): OrderVerdict {
    let left = this.#yearsFit();
    const narrow = (reason: OrderReason, score: (candidate: (typeof left)[number]) => number): OrderVerdict | undefined => {
      const scores = left.map(score);
      const least = Math.min(...scores);
      left = left.filter((_, index) => scores[index] === least);
      return left.length === 1 ? this.#verdictFor(left[0]?.order ?? DAY_ORDERS[0], reason) : undefined;
    };
    return (
      narrow('age', () => 0) ??
      narrow('values', ({ reading }) => reading.impossible) ??
      narrow('column', ({ order }) => (order === shared ? 0 : 1)) ??
      narrow('future', ({ reading }) => reading.future) ??
      narrow('age', ({ reading }) => reading.old) ??
      narrow('sequence', ({ reading }) => (reading.inSequence ? 0 : 1)) ??
      narrow('month', ({ reading }) => (reading.sameDayOfMonths ? 1 : 0)) ??
      narrow('now', ({ reading }) => Math.max(0, reading.latest - this.#now)) ??
      this.#verdictFor(left[0]?.order ?? DAY_ORDERS[0], 'assumed')
    );
  }

  /**
   * The orders with the year where it can be. Of two digits that may be the year or the day, most are no recent year, if they are days: that
   * tells more than one mistyped date that can only be read so.
   */
  #yearsFit(): { order: DayOrder; reading: Reading }[] {
    const odd = (reading: Reading) => reading.impossible + reading.old + reading.future;
    const first = this.#readings.filter(({ order }) => order === 'year-first');
    const last = this.#readings.filter(({ order }) => order !== 'year-first');
    const [ofFirst, ofLast] = [first, last].map((readings) => Math.min(...readings.map(({ reading }) => odd(reading))));
    if (ofFirst === ofLast) return this.#readings;
    return (ofFirst ?? 0) < (ofLast ?? 0) ? first : last;
  }

  #verdictFor(order: DayOrder, reason: OrderReason): OrderVerdict {
    const index = DAY_ORDERS.indexOf(order);
    const contradicted = this.#readings[index]?.reading.impossible ?? 0;
    const contradiction = this.#onlyReading.find((text, other) => text !== undefined && other !== index);
    const proof = this.#onlyReading[index];
    if (reason === 'values' && proof === undefined) return this.#verdictFor(order, 'age');
    const example = (reason === 'values' ? proof : undefined) ?? this.#firstOpen ?? '';
    return { order, reason, contradicted, contradiction, example };
  }
}
