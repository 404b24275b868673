import { readTimeZone } from '../time-zone.ts';

/** A time of day as a report writes it. */
export interface ReportTime {
  hour: number;
  minute: number;
  second: number;
  /** How much of it is written: nothing, hours and minutes, or seconds as well. */
  precision: 'day' | 'minute' | 'second';
  /** The time zone as it is written; undefined where none is. */
  zone: string | undefined;
}

/** A moment as a report writes it: its parts as they stand there, in whatever time zone the report is in. */
export interface ReportDate extends ReportTime {
  year: number;
  /** 1 to 12. */
  month: number;
  day: number;
  /** Minutes ahead of UTC, where a zone is written. */
  offset: number | undefined;
}

/** What stands for the time of a date that has none: midnight. */
export const NO_TIME: ReportTime = { hour: 0, minute: 0, second: 0, precision: 'day', zone: undefined };

/** A day with a time of day; its zone, if one is written with the time, settles the offset. */
export function withTime(day: ReportDate, time: ReportTime | undefined): ReportDate {
  if (time === undefined) return day;
  const date = { ...day, ...time };
  return time.zone === undefined ? date : { ...date, offset: offsetOf(date) };
}

/** The offset of a date's zone at that time, in minutes ahead of UTC; undefined where it names none. */
export function offsetOf(date: ReportDate): number | undefined {
  return date.zone === undefined ? undefined : readTimeZone(date.zone)?.offsetAt(wallClock(date));
}

/** The moment as milliseconds since 1970, on a clock that shows the parts as they are written: UTC where no zone is in play. */
export function wallClock(date: ReportDate): number {
  return Date.UTC(date.year, date.month - 1, date.day, date.hour, date.minute, date.second);
}

/** Whether the calendar has such a day. */
export function isRealDay(year: number, month: number, day: number): boolean {
  if (month < 1 || month > 12 || day < 1 || year < 1) return false;
  return day <= (month === 2 ? (isLeapYear(year) ? 29 : 28) : THIRTY_DAYS.has(month) ? 30 : 31);
}

/** Whether a clock shows such a time: no 24:00, and a second 60 where one is inserted. */
export function isRealTime({ hour, minute, second }: ReportTime): boolean {
  return hour <= 23 && minute <= 59 && second <= 60;
}

/**
 * A date in a pattern of `yyyy`, `MM`, `dd`, `HH`, `mm` and `ss`, as Unicode's date patterns write them (UTS #35, "Date Format Patterns"); all
 * else stands for itself.
 */
export function formatReportDate(date: Omit<ReportDate, 'offset' | 'zone' | 'precision'>, pattern: string): string {
  return pattern.replace(PATTERN_TOKEN, (token) => {
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

/** What a pattern asks for: a day, or a time of day alone; undefined where there is no part of a date in it. */
export function patternNeeds(pattern: string): 'date' | 'time' | undefined {
  const tokens = pattern.match(PATTERN_TOKEN) ?? [];
  if (tokens.length === 0) return undefined;
  return tokens.some((token) => 'yyyyMMdd'.includes(token)) ? 'date' : 'time';
}

const PATTERN_TOKEN = /yyyy|MM|dd|HH|mm|ss/gu;
const THIRTY_DAYS = new Set([4, 6, 9, 11]);

function isLeapYear(year: number): boolean {
  return year % 4 === 0 && (year % 100 !== 0 || year % 400 === 0);
}

function two(number: number): string {
  return String(number).padStart(2, '0');
}
