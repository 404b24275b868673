import { readTimeZone } from '../time-zone.ts';
import { isRealTime, NO_TIME, type ReportTime } from './report-date.ts';

/** What stands between a day and its time: `2026-11-20T09:15`, `…, 09:15`, `… at 9:15`, `… alle ore 9:15`, and `20/Nov/2026:09:15:00` of web servers. */
const LEAD = /(?:[,:_-]|t(?=\d))? ?(?:(?:at|um|om|alle ore|alle|ore|a las|as|a) )?/u.source;
/** `09:15:00.123`, `09.15.00`, `09h15`, `9 h 15 min 00 s`, `09-15-00`, `0915` and `091500`; an hour alone where `AM` or `h` follows. */
const CLOCK = [
  /(?<hour>\d{1,2})(?: ?[:.] ?| ?h ?)(?<minute>\d\d)(?:(?:[:.]| ?(?:min|m) ?)(?<second>\d\d)?(?: ?s(?:ec)?\b)?(?:[.,:]\d{1,9})?)?/u.source,
  /(?<hour2>\d\d)-(?<minute2>\d\d)-(?<second2>\d\d)/u.source,
  /(?<hour3>\d\d)(?<minute3>\d\d)(?<second3>\d\d)?(?:[.,]?\d{3,6})?/u.source,
  /(?<hour4>\d{1,2})(?= ?(?:[ap]\.? ?m|h\b))/u.source,
].join('|');
/** Also `08:12P`, as some exchanges write it. */
const HALF = /(?: ?(?<half>[ap])(?:\.? ?m)?\b\.?)?/u.source;
const WORD = /(?: ?(?:uhr|hours|hrs?|h)\b)?/u.source;
const ZONE = /(?: ?(?<zone>[^ ].*))?/u.source;
/** What nearly all reports have, in a tenth of the time: a match with so many names takes 3 µs. */
const PLAIN = /^(?:[t ]|, )(\d{1,2}):(\d\d)(?::(\d\d)(?:\.\d{1,9})?)?$/u;
const BEHIND_A_DAY = new RegExp(`^ ?${LEAD}(?:${CLOCK})${HALF}${WORD}${ZONE}$`, 'u');
const ALONE = new RegExp(`^(?:${CLOCK})${HALF}${WORD}${ZONE}$`, 'u');

/**
 * Reads what stands behind a day: nothing, or a time of day with the zone that follows it. `text` is in lower case. Undefined for anything
 * else, and for a time that no clock shows (25:00, 13:00 PM).
 */
export function timeBehindDay(text: string): ReportTime | undefined {
  if (text === '' || text === ',' || text === '.') return NO_TIME;
  const [, hour, minute, second] = PLAIN.exec(text) ?? [];
  if (hour === undefined) return timeOf(BEHIND_A_DAY.exec(text)?.groups);
  const precision = second === undefined ? 'minute' : 'second';
  const time: ReportTime = { hour: Number(hour), minute: Number(minute), second: Number(second ?? 0), precision, zone: undefined };
  return isRealTime(time) ? time : undefined;
}

/** Reads a time of day that stands alone. `text` is in lower case. Undefined for anything else. */
export function timeAlone(text: string): ReportTime | undefined {
  return timeOf(ALONE.exec(text)?.groups);
}

function timeOf(groups: Record<string, string | undefined> | undefined): ReportTime | undefined {
  if (groups === undefined) return undefined;
  const seconds = groups.second ?? groups.second2 ?? groups.second3;
  const time: ReportTime = {
    hour: hourOf(Number(groups.hour ?? groups.hour2 ?? groups.hour3 ?? groups.hour4), groups.half),
    minute: Number(groups.minute ?? groups.minute2 ?? groups.minute3 ?? 0),
    second: Number(seconds ?? 0),
    precision: seconds === undefined ? 'minute' : 'second',
    zone: undefined,
  };
  // NaN is no real hour.
  if (!isRealTime(time)) return undefined;
  if (groups.zone === undefined) return time;
  const zone = zoneIn(groups.zone);
  return zone === undefined ? undefined : { ...time, zone };
}

function hourOf(onClock: number, half: string | undefined): number {
  if (half === undefined) return onClock;
  // Twelve-hour time knows no 0 and no 13.
  if (onClock < 1 || onClock > 12) return Number.NaN;
  return (onClock % 12) + (half === 'p' ? 12 : 0);
}

/**
 * The zone that is written: `+05:30`, `ist`, `asia/kolkata`, the same in brackets; of `+05:30[asia/kolkata]` and `gmt+0530 (india standard time)`
 * the offset. Undefined for what is no zone.
 */
function zoneIn(text: string): string | undefined {
  const [, plain = '', bracketed] = /^([^[(]*?) ?(?:[[(]([^\])]*)[\])])?$/u.exec(text) ?? [];
  const zone = plain === '' ? (bracketed ?? '') : plain;
  return readTimeZone(zone) === undefined ? undefined : zone;
}
