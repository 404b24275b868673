import { type ReportDate, wallClock } from './dates/report-date.ts';
import type { TimeZone } from './time-zone.ts';

/** A span of time, in milliseconds since 1970 UTC: from `from` on, and before `to`. */
export interface Span {
  from: number;
  to: number;
}

const DAY_MS = 24 * 60 * 60 * 1000;
const HOUR_MS = 60 * 60 * 1000;
/** How long what a date leaves open is: a day without a time can be any time of it. */
const OPEN_MS = { day: DAY_MS, minute: 60_000, second: 1000 } as const;

/** The span of time that a date can mean, its own zone or else `zone` taken for where its clock stands. */
export function spanOf(date: ReportDate, zone: TimeZone): Span {
  const wall = wallClock(date);
  const at = (time: number) => time - (date.offset ?? zone.offsetAt(time)) * 60_000;
  return { from: at(wall), to: at(wall + OPEN_MS[date.precision]) };
}

/** Whether a call lies within bounds; `perhaps` where its date leaves open on which side of one it is. */
export function standing(call: Span, bounds: Span): 'within' | 'perhaps' | 'outside' {
  if (call.to <= bounds.from || call.from >= bounds.to) return 'outside';
  // Seconds and minutes that are not written tell nobody anything.
  if (call.to - call.from < HOUR_MS) return 'within';
  return call.from >= bounds.from && call.to <= bounds.to ? 'within' : 'perhaps';
}
