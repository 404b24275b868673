/** A moment as a report writes it: its parts as they stand there, in whatever time zone the report is in. */
export interface ReportDate {
  year: number;
  /** 1 to 12. */
  month: number;
  day: number;
  hour: number;
  minute: number;
  second: number;
  /** Minutes east of UTC, where the report says so. */
  offset: number | undefined;
}

/** Which of `03/04/2026` is the day. */
export type DayOrder = 'day-first' | 'month-first';

const MONTHS = ['jan', 'feb', 'mar', 'apr', 'may', 'jun', 'jul', 'aug', 'sep', 'oct', 'nov', 'dec'];

const TIME = /(?:[T ,]+(?<hour>\d{1,2}):(?<minute>\d\d)(?::(?<second>\d\d)(?:[.,]\d{1,9})?)?(?: ?(?<half>[ap])\.?m\.?)?)?/iu.source;
const ZONE = /(?: ?(?<zone>Z|UTC|GMT|[+-]\d\d:?\d\d))?/u.source;
const YEAR_FIRST = new RegExp(`^(?<year>\\d{4})[-/.](?<month>\\d{1,2})[-/.](?<day>\\d{1,2})${TIME}${ZONE}$`, 'iu');
const YEAR_LAST = new RegExp(`^(?<a>\\d{1,2})[-/.](?<b>\\d{1,2})[-/.](?<year>\\d{4})${TIME}${ZONE}$`, 'iu');
const NAMED_MONTH = new RegExp(`^(?<day>\\d{1,2})[- ](?<name>[a-z]{3})[a-z]*\\.?[- ,]+(?<year>\\d{4})${TIME}${ZONE}$`, 'iu');
const MONTH_LEADS = new RegExp(`^(?<name>[a-z]{3})[a-z]*\\.? (?<day>\\d{1,2}),? (?<year>\\d{4})${TIME}${ZONE}$`, 'iu');
/** No clock is further from UTC, in minutes: +14:00 (Kiribati). */
const MOST_OFFSET = 14 * 60;
/** Seconds or milliseconds since 1970 UTC: 2001 to 2286. */
const EPOCH = /^(?<seconds>\d{10})(?<ms>\d{3})?$/u;

/**
 * Reads a date as exports write them: `2026-05-14 10:22:33` (with `T`, slashes, fractions, a zone), `14 May 2026`, `May 14, 2026`,
 * `14/05/2026`, seconds or milliseconds since 1970. `order` says which number of the all-numeric forms with the year last is the day, unless
 * only one of them can be the month. Undefined for what is no date, dates that no calendar has included.
 */
export function readReportDate(text: string, order: DayOrder = 'day-first'): ReportDate | undefined {
  const trimmed = text.trim();
  const epoch = EPOCH.exec(trimmed)?.groups;
  if (epoch !== undefined) return fromEpoch(Number(epoch.seconds));
  const groups =
    YEAR_FIRST.exec(trimmed)?.groups ?? NAMED_MONTH.exec(trimmed)?.groups ?? MONTH_LEADS.exec(trimmed)?.groups ?? yearLast(trimmed, order);
  if (groups === undefined) return undefined;
  const month = groups.name === undefined ? Number(groups.month) : MONTHS.indexOf(groups.name.toLowerCase()) + 1;
  const date: ReportDate = {
    year: Number(groups.year),
    month,
    day: Number(groups.day),
    hour: hourOf(groups),
    minute: Number(groups.minute ?? 0),
    second: Number(groups.second ?? 0),
    offset: offsetOf(groups.zone),
  };
  return isReal(date) ? date : undefined;
}

/** The moment as milliseconds since 1970 UTC; a date that names no zone is taken as UTC. */
export function timeOf(date: ReportDate): number {
  const utc = Date.UTC(date.year, date.month - 1, date.day, date.hour, date.minute, date.second);
  return utc - (date.offset ?? 0) * 60_000;
}

/**
 * Which of the first two numbers of an all-numeric date with the year last is the day, as far as this one date tells: one above 12 cannot be
 * the month. Undefined where both could, or where it is another form.
 */
export function dayOrderOf(text: string): DayOrder | undefined {
  const groups = YEAR_LAST.exec(text.trim())?.groups;
  if (groups === undefined) return undefined;
  if (Number(groups.a) > 12) return 'day-first';
  return Number(groups.b) > 12 ? 'month-first' : undefined;
}

/**
 * A date in a pattern of `yyyy`, `MM`, `dd`, `HH`, `mm` and `ss`, as Unicode's date patterns write them (UTS #35, "Date Format Patterns"); all
 * else stands for itself.
 */
export function formatReportDate(date: ReportDate, pattern: string): string {
  return pattern.replace(/yyyy|MM|dd|HH|mm|ss/gu, (token) => {
    switch (token) {
      case 'yyyy':
        return String(date.year).padStart(4, '0');
      case 'MM':
        return two(date.month);
      case 'dd':
        return two(date.day);
      case 'HH':
        return two(date.hour);
      case 'mm':
        return two(date.minute);
      default:
        return two(date.second);
    }
  });
}

type Groups = Record<string, string | undefined>;

function yearLast(text: string, order: DayOrder): Groups | undefined {
  const groups = YEAR_LAST.exec(text)?.groups;
  if (groups === undefined) return undefined;
  const dayFirst = (dayOrderOf(text) ?? order) === 'day-first';
  return { ...groups, day: dayFirst ? groups.a : groups.b, month: dayFirst ? groups.b : groups.a };
}

function fromEpoch(seconds: number): ReportDate {
  const date = new Date(seconds * 1000);
  return {
    year: date.getUTCFullYear(),
    month: date.getUTCMonth() + 1,
    day: date.getUTCDate(),
    hour: date.getUTCHours(),
    minute: date.getUTCMinutes(),
    second: date.getUTCSeconds(),
    offset: 0,
  };
}

function hourOf({ hour = '0', half }: Groups): number {
  if (half === undefined) return Number(hour);
  const onClock = Number(hour);
  // Twelve-hour time knows no 0 and no 13.
  if (onClock < 1 || onClock > 12) return Number.NaN;
  return (onClock % 12) + (half.toLowerCase() === 'p' ? 12 : 0);
}

function offsetOf(zone: string | undefined): number | undefined {
  if (zone === undefined) return undefined;
  const [, sign, hours, minutes] = /^([+-])(\d\d):?(\d\d)$/u.exec(zone) ?? [];
  if (sign === undefined) return 0;
  return (sign === '-' ? -1 : 1) * (Number(hours) * 60 + Number(minutes));
}

function isReal({ year, month, day, hour, minute, second, offset = 0 }: ReportDate): boolean {
  const date = new Date(Date.UTC(year, month - 1, day));
  const dayExists = date.getUTCFullYear() === year && date.getUTCMonth() === month - 1 && date.getUTCDate() === day;
  return dayExists && hour <= 23 && minute <= 59 && second <= 60 && Math.abs(offset) <= MOST_OFFSET;
}

function two(number: number): string {
  return String(number).padStart(2, '0');
}
