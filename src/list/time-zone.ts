import { usageError } from '../errors.ts';

/** A time zone: what a clock there shows. */
export interface TimeZone {
  /** As a message calls it. */
  readonly name: string;
  /**
   * How many minutes its clock is ahead of UTC when it shows `wallClock` (milliseconds since 1970, as if the clock were UTC's). Of an hour that
   * the clock shows twice, the first is taken.
   */
  offsetAt(wallClock: number): number;
}

const DAY_MS = 24 * 60 * 60 * 1000;
const MINUTE_MS = 60_000;

/** No clock is further from UTC, in minutes: +14:00 (Kiribati) and -12:00 (Baker Island). */
const OFFSETS = { least: -12 * 60, most: 14 * 60 };

/**
 * Abbreviations and names as exports write them, in minutes ahead of UTC. Those of the United States are the ones of RFC 2822 (4.3); `IST` is India's,
 * where this service's customers are, though Ireland and Israel use the same letters. {@link ambiguousZone} names the others.
 */
const NAMES: Readonly<Record<string, number>> = {
  ...{ z: 0, ut: 0, utc: 0, gmt: 0, wet: 0, ist: 330, npt: 345, pkt: 300, slst: 330 },
  ...{ cet: 60, cest: 120, mez: 60, mesz: 120, bst: 60, west: 60, eet: 120, eest: 180, msk: 180, trt: 180 },
  ...{ est: -300, edt: -240, cst: -360, cdt: -300, mst: -420, mdt: -360, pst: -480, pdt: -420, brt: -180, art: -180 },
  ...{ gst: 240, sgt: 480, hkt: 480, myt: 480, pht: 480, wib: 420, ict: 420, jst: 540, kst: 540 },
  // In words, as browsers write them in full.
  ...{ 'india standard time': 330, 'indian standard time': 330, 'coordinated universal time': 0, 'greenwich mean time': 0 },
  ...{ 'central european standard time': 60, 'central european summer time': 120 },
  ...{ 'mitteleuropaische normalzeit': 60, 'mitteleuropaische sommerzeit': 120 },
  ...{ aest: 600, aedt: 660, acst: 570, awst: 480, nzst: 720, nzdt: 780, wat: 60, cat: 120, sast: 120, eat: 180 },
};

/** What is meant by letters that other parts of the world use for another time. */
const AMBIGUOUS: Readonly<Record<string, string>> = {
  ist: 'Indian Standard Time (+05:30)',
  bst: 'British Summer Time (+01:00)',
  cst: 'US Central Standard Time (-06:00)',
  gst: 'Gulf Standard Time (+04:00)',
};

/** What a zone is taken for whose letters other parts of the world use for another time; undefined for any other. */
export function ambiguousZone(text: string): string | undefined {
  const name = text.toLowerCase();
  return Object.hasOwn(AMBIGUOUS, name) ? AMBIGUOUS[name] : undefined;
}

/** The zone of dates that name none, unless the user says otherwise. */
export const UTC: TimeZone = fixed('UTC', 0);

const known = new Map<string, TimeZone | undefined>();
const MOST_KNOWN = 1000;

/**
 * The zone that a text names: `Z`, `UTC`, an offset (`+05:30`, `+0530`, `-8`, `GMT+5:30`), a common abbreviation (`IST`, `CET`) or a name of the
 * IANA database (`Asia/Kolkata`), in any case. Undefined for anything else, and for an offset that no clock has.
 */
export function readTimeZone(text: string): TimeZone | undefined {
  if (!known.has(text)) {
    // What a report has in a column may be anything: what cannot be remembered is read again.
    if (known.size >= MOST_KNOWN) return findZone(text);
    known.set(text, findZone(text));
  }
  return known.get(text);
}

/** The zone that `--time-zone` names. Throws `USAGE` where it is none. */
export function namedTimeZone(name: string): TimeZone {
  const zone = readTimeZone(name.trim());
  if (zone !== undefined) return zone;
  throw usageError(
    `--time-zone ${JSON.stringify(name)} is not a time zone.`,
    'Name it as the IANA database does, such as Asia/Kolkata or Europe/Rome, or give its offset from UTC, such as +05:30.',
  );
}

function findZone(text: string): TimeZone | undefined {
  const name = text.toLowerCase();
  const ahead = Object.hasOwn(NAMES, name) ? NAMES[name] : undefined;
  if (ahead !== undefined) return fixed(text, ahead);
  const offset = /^(?:utc|gmt)? ?([+\u2212-])(\d{1,2})(?::?(\d\d))?$/u.exec(name);
  if (offset !== null) {
    const [, sign, hours, minutes] = offset;
    const past = Number(minutes ?? 0);
    const total = (sign === '+' ? 1 : -1) * (Number(hours) * 60 + past);
    return past < 60 && total >= OFFSETS.least && total <= OFFSETS.most ? fixed(text, total) : undefined;
  }
  // Intl knows further abbreviations, and not by the meaning that they have in reports.
  if (!/^[a-z_]+\/[a-z0-9_+/-]+$/u.test(name)) return undefined;
  try {
    return new IanaZone(text);
  } catch {
    return undefined;
  }
}

function fixed(name: string, minutes: number): TimeZone {
  return { name, offsetAt: () => minutes };
}

/** A zone of the IANA database, as the running Node knows it. */
class IanaZone implements TimeZone {
  readonly name: string;
  readonly #format: Intl.DateTimeFormat;
  /** The offset of each day on which it does not change: a report's million calls are of few days, and `Intl` takes 3 µs for each. */
  readonly #ofDays = new Map<number, number>();

  constructor(name: string) {
    this.name = name;
    this.#format = new Intl.DateTimeFormat('en', { timeZone: name, timeZoneName: 'longOffset' });
  }

  offsetAt(wallClock: number): number {
    const day = Math.floor(wallClock / DAY_MS);
    const ofDay = this.#ofDays.get(day);
    if (ofDay !== undefined) return ofDay;
    // A day's clock is at most a day from UTC's.
    const before = this.#utcOffset((day - 1) * DAY_MS);
    const changes = before !== this.#utcOffset((day + 2) * DAY_MS);
    if (!changes) {
      if (this.#ofDays.size < MOST_KNOWN) this.#ofDays.set(day, before);
      return before;
    }
    const earlier = this.#utcOffset(wallClock - before * MINUTE_MS);
    // In a gap or a repeated hour the two ways of looking differ; the offset before the change gives the first.
    return this.#utcOffset(wallClock - earlier * MINUTE_MS);
  }

  #utcOffset(time: number): number {
    const text = this.#format.format(time);
    const [, sign, hours, minutes, seconds = '0'] = /GMT([+-])(\d\d):(\d\d)(?::(\d\d))?$/u.exec(text) ?? [];
    if (sign === undefined) return 0;
    return (sign === '+' ? 1 : -1) * (Number(hours) * 60 + Number(minutes) + Number(seconds) / 60);
  }
}
