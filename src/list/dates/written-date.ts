import { monthOf, weekdayOf } from './calendar-words.ts';
import { isRealDay, offsetOf, type ReportDate, type ReportTime } from './report-date.ts';
import { timeAlone, timeBehindDay } from './written-time.ts';

/** In which order a date in numbers stands: which of `03/04/26` is the day, the month and the year. */
export type DayOrder = 'day-first' | 'month-first' | 'year-first';

/** All of them, the one that is assumed where nothing tells first. */
export const DAY_ORDERS = ['day-first', 'month-first', 'year-first'] as const satisfies readonly DayOrder[];

/** A date as it stands in a report, before it is known in which order its numbers are to be read. */
export interface WrittenDate {
  /**
   * What dates of the same writing have in common, where their order is open: what separates the numbers, `name` for `26-Nov-20`, and `digits` for `11202026`. Undefined
   * where there is one reading alone.
   */
  form: '/' | '-' | '.' | 'name' | 'digits' | undefined;
  /** The three numbers as they stand; year, month and day where the form is not open. A month's name is its number. */
  numbers: readonly [number, number, number];
  /** Whether the last, or the first, number can be a year. */
  yearLast: boolean;
  yearFirst: boolean;
  /** The weekday that is written with it, 0 for Sunday. */
  weekday: number | undefined;
  time: ReportTime;
}

/** Two digits of a year from here on are of the last century, as POSIX has it. */
const CENTURY_TURNS = 69;
/** Two digits that end a dotted date from here on are a year, and a second before: the service is not much older. */
const FIRST_DOTTED_YEAR = 20;
/** No date is longer, written with all its words; and no value is looked at that is longer yet with its outer blanks. */
const MOST_CHARACTERS = 120;
const MOST_BLANKS = 1000;

/** Seconds, milliseconds or microseconds since 1970 UTC: from 2001 to {@link LAST_SECOND}. */
const EPOCH = /^(?<seconds>\d{10})(?:[.,]\d{1,9}|\d{3}|\d{6})?$/u;
/** The year 2100, and far below India's telephone numbers of ten digits. */
const LAST_SECOND = 4_102_444_800;
/** Also with blanks or underscores between: `2026 11 20 09:15`. */
const COMPACT = /^(?<year>(?:19|20)\d\d)(?<gap>[ _]?)(?<month>\d\d)\k<gap>(?<day>\d\d)(?<rest>(?:[t _-]?\d{4}.*|[t _]\d\d?:.*)?)$/u;
/** `11202026`: no `20112026` can be taken for a date with the year first, as no month is a century. */
const YEAR_LAST_COMPACT = /^(\d\d)(\d\d)((?:19|20)\d\d)$/u;
/** Without names: they cost a million dates a second. */
const NUMERIC = /^(\d{1,4}) ?([-/.]) ?(\d{1,2}) ?\2 ?(\d{4}|\d{1,2})(?!\d)(.*)$/u;

const NAME = /(?<name>[a-z]{3,12})\.?/u.source;
const YEAR = /['\u2019]?(?<year>\d{4}(?!\d)|\d{2}(?!\d|[:.h]\d))(?<rest>.*)/u.source;
const DAY_LEADS = new RegExp(
  `^(?<day>\\d{1,2})(?:st|nd|rd|th|er|o|a|[\\u00ba\\u00b0])?\\.?[-/ ]*(?:of |de |d')?${NAME}[-/, ]*(?:of |del? )?${YEAR}$`,
  'u',
);
const MONTH_LEADS = new RegExp(`^${NAME}[-/ ]*(?<day>\\d{1,2})(?:st|nd|rd|th)?(?:[-/, ]+)${YEAR}$`, 'u');
const YEAR_LEADS = new RegExp(`^(?<year>\\d{4})[-/ ]${NAME}[-/ ](?<day>\\d{1,2})(?!\\d)(?<rest>.*)$`, 'u');
/** `nov 20 09:15:00 ist 2026`, as `date` and Java print it. */
const YEAR_BEHIND_TIME =
  /^(?<day>[a-z]{3,12}\.? \d{1,2}),? (?<time>\d{1,2}:\d\d(?::\d\d)?(?: ?[ap]m)?(?: [a-z/_]+| ?[+-]\d\d:?\d\d)?) (?<year>\d{4})$/u;
/** `09:15:00, 20 Nov 2026`. */
const TIME_LEADS = /^(?<time>\d{1,2}:\d\d(?::\d\d)?(?: ?[ap]\.? ?m\b\.?)?),? (?<day>[^:]{6,})$/u;
const WEEKDAY_LEADS = /^(?<name>[a-z]{2,12}(?:-feira)?)\.?,? ?(?<rest>.+)$/u;

/**
 * Reads a date as exports write them, as well by people as by programs: numbers with the year first or last, in four digits or two, months by name,
 * a weekday before it, a time behind it in 12 or 24 hours, a zone; digits without anything between them; seconds or milliseconds since 1970.
 * Undefined for what is no date in any reading.
 */
export function readWrittenDate(text: string): WrittenDate | undefined {
  const plain = plainText(text);
  const first = plain.charCodeAt(0);
  if (first >= 0x30 && first <= 0x39) return beginningWithDigit(plain);
  const { name = '', rest = '' } = WEEKDAY_LEADS.exec(plain)?.groups ?? {};
  // Most cells of a report are words that are no month: a million of them are told by the first.
  const named = monthOf(name) === undefined ? undefined : beginningWithMonth(plain);
  if (named !== undefined) return named;
  const weekday = weekdayOf(name);
  if (weekday === undefined) return undefined;
  const date = /^\d/u.test(rest) ? beginningWithDigit(rest) : beginningWithMonth(rest);
  return date && { ...date, weekday };
}

/** Reads a time of day that stands alone, as in a column beside that of the date. Undefined for anything else. */
export function readWrittenTime(text: string): ReportTime | undefined {
  return timeAlone(plainText(text));
}

/** The date that is meant where its numbers stand in this order; undefined where that is none: no such day, or on another weekday. */
export function dateInOrder(written: WrittenDate, order: DayOrder): ReportDate | undefined {
  const { form, numbers, weekday, time } = written;
  let year = numbers[0];
  let month = numbers[1];
  let day = numbers[2];
  if (form !== undefined) {
    if (order === 'year-first' ? !written.yearFirst : !written.yearLast) return undefined;
    // A month by its name stands between the two others.
    if (order === 'month-first' && form === 'name') return undefined;
    if (order !== 'year-first') {
      year = numbers[2];
      month = order === 'day-first' ? numbers[1] : numbers[0];
      day = order === 'day-first' ? numbers[0] : numbers[1];
    }
    if (year < 100) year += year < CENTURY_TURNS ? 2000 : 1900;
  }
  if (!isRealDay(year, month, day)) return undefined;
  const { hour, minute, second, precision, zone } = time;
  const date: ReportDate = { year, month, day, hour, minute, second, precision, zone, offset: undefined };
  if (weekday !== undefined && new Date(Date.UTC(year, month - 1, day)).getUTCDay() !== weekday) return undefined;
  if (zone !== undefined) date.offset = offsetOf(date);
  return date;
}

/** A value as the forms know it: in lower case, each of a typesetter's blanks a space and of its hyphens a hyphen, without accents and invisible marks; empty where it is too long. */
function plainText(text: string): string {
  if (text.length > MOST_BLANKS) return '';
  const trimmed = text.trim();
  if (trimmed.length > MOST_CHARACTERS) return '';
  // biome-ignore lint/suspicious/noControlCharactersInRegex: ASCII is what it is for
  if (/^[\x00-\x7f]*$/u.test(trimmed)) return trimmed.toLowerCase().replace(/\s+/gu, ' ');
  const plain = trimmed
    .normalize('NFKD')
    .replace(/[\p{M}\p{Cf}]/gu, '')
    .replace(/[\u2010-\u2013\u2212]/gu, '-');
  return plain.replace(/\s+/gu, ' ').trim().toLowerCase();
}

function beginningWithDigit(text: string): WrittenDate | undefined {
  const numeric = NUMERIC.exec(text);
  if (numeric !== null) return inNumbers(numeric);
  const epoch = EPOCH.exec(text)?.groups;
  if (epoch !== undefined) return sinceEpoch(Number(epoch.seconds));
  const compact = COMPACT.exec(text)?.groups;
  const ofCompact = compact && settled(Number(compact.year), Number(compact.month), Number(compact.day), compact.rest);
  if (ofCompact !== undefined) return ofCompact;
  const joined = YEAR_LAST_COMPACT.exec(text);
  if (joined !== null) return inNumbers([joined[0], joined[1], 'digits', joined[2], joined[3], '']);
  const named = DAY_LEADS.exec(text)?.groups ?? YEAR_LEADS.exec(text)?.groups;
  if (named !== undefined) return withName(named);
  const turned = TIME_LEADS.exec(text)?.groups;
  return turned && readWrittenDate(`${turned.day} ${turned.time}`);
}

function beginningWithMonth(text: string): WrittenDate | undefined {
  const groups = MONTH_LEADS.exec(text)?.groups;
  if (groups !== undefined) return withName(groups, true);
  const behind = YEAR_BEHIND_TIME.exec(text)?.groups;
  return behind && beginningWithMonth(`${behind.day} ${behind.year} ${behind.time}`);
}

/** A date whose numbers stand as year, month and day. Written out: a spread of the four that are alike takes ten times as long. */
function inOneReading(numbers: WrittenDate['numbers'], time: WrittenDate['time']): WrittenDate {
  return { form: undefined, numbers, yearLast: false, yearFirst: true, weekday: undefined, time };
}

type Groups = Record<string, string | undefined>;

function inNumbers([, a = '', separator, b = '', c = '', rest = '']: readonly (string | undefined)[]): WrittenDate | undefined {
  // As in 2026-11-18:09:49, which has lost its day.
  if (rest.startsWith(':')) return undefined;
  const numbers = [Number(a), Number(b), Number(c)] as const;
  if (a.length === 4) return c.length > 2 ? undefined : settled(...numbers, rest);
  const time = a.length === 3 ? undefined : timeBehindDay(rest);
  if (time === undefined) return undefined;
  // 09.15.07 is a time of day: nobody has calls of that year.
  if (separator === '.' && numbers[2] < FIRST_DOTTED_YEAR && timeAlone(`${a}.${b}.${c}${rest}`) !== undefined) return undefined;
  const form = separator as '/' | '-' | '.' | 'digits';
  return { form, numbers, yearLast: c.length > 1, yearFirst: a.length === 2 && c.length < 3, weekday: undefined, time };
}

function withName(groups: Groups, monthLeads = false): WrittenDate | undefined {
  const { day = '', name = '', year = '', rest = '' } = groups;
  const month = monthOf(name);
  if (month === undefined) return undefined;
  if (year.length === 4) return settled(Number(year), month, Number(day), rest);
  const time = timeBehindDay(rest);
  if (time === undefined) return undefined;
  const numbers = [Number(day), month, Number(year)] as const;
  return { form: 'name', numbers, yearLast: true, yearFirst: day.length === 2 && !monthLeads, weekday: undefined, time };
}

function settled(year: number, month: number, day: number, rest = ''): WrittenDate | undefined {
  const time = timeBehindDay(rest);
  if (time === undefined || !isRealDay(year, month, day)) return undefined;
  return inOneReading([year, month, day], time);
}

function sinceEpoch(seconds: number): WrittenDate | undefined {
  return seconds < 1_000_000_000 || seconds > LAST_SECOND ? undefined : ofMoment(seconds * 1000, 'z');
}

/** The days that a spreadsheet counts since the end of 1899, from 1954 to 2119: what a date becomes in a cell that has lost its format. */
const SERIAL = /^(?<days>[2-7]\d{4})(?:[.,](?<fraction>\d{1,15}))?$/u;
const SERIAL_EPOCH = Date.UTC(1899, 11, 30);

/**
 * Reads a spreadsheet's serial number. It is a date only where the whole column is of such numbers: any number of five digits looks like one.
 */
export function readSerialDate(text: string): WrittenDate | undefined {
  const groups = SERIAL.exec(plainText(text))?.groups;
  if (groups === undefined) return undefined;
  const { days, fraction } = groups;
  const date = ofMoment(SERIAL_EPOCH + Math.round(Number(`${days}.${fraction ?? 0}`) * 86_400) * 1000, undefined);
  return fraction === undefined ? { ...date, time: { ...date.time, precision: 'day' } } : date;
}

function ofMoment(time: number, zone: string | undefined): WrittenDate {
  const date = new Date(time);
  const numbers = [date.getUTCFullYear(), date.getUTCMonth() + 1, date.getUTCDate()] as const;
  const [hour, minute, second] = [date.getUTCHours(), date.getUTCMinutes(), date.getUTCSeconds()];
  return inOneReading(numbers, { hour, minute, second, precision: 'second', zone });
}
