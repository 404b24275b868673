import { usageError } from '../errors.ts';
import { columnsNamed } from './columns.ts';
import { NO_TIME } from './dates/report-date.ts';
import { dateInOrder, readWrittenDate } from './dates/written-date.ts';
import { namedColumn } from './named-column.ts';
import { matcher } from './pattern.ts';
import { type Span, spanOf } from './span.ts';
import type { TimeZone } from './time-zone.ts';

/** Which rows are wanted, as the flags of that name say it. */
export interface FilterOptions {
  since?: string | undefined;
  until?: string | undefined;
  where?: readonly string[] | undefined;
}

const DAY_MS = 24 * 60 * 60 * 1000;
const HOUR_MS = 60 * 60 * 1000;

/**
 * The time from `--since` on and up to `--until`, `now` being the wall clock in milliseconds since 1970 UTC. Undefined where neither is given.
 * Throws `USAGE` for what is no date, and for a time that ends before it begins.
 */
export function readBounds({ since, until }: FilterOptions, now: number, zone: TimeZone): Span | undefined {
  if (since === undefined && until === undefined) return undefined;
  const from = since === undefined ? Number.NEGATIVE_INFINITY : readBound('--since', since, now, zone).from;
  const to = until === undefined ? Number.POSITIVE_INFINITY : readBound('--until', until, now, zone).to;
  if (from >= to) {
    throw usageError(`--since ${since} is after --until ${until}: no call can be between them.`, 'Give --since the earlier of the two.');
  }
  return { from, to };
}

function readBound(flag: string, text: string, now: number, zone: TimeZone): Span {
  const word = text.trim().toLowerCase();
  const [, count, unit] = /^(\d{1,5})([dh])$/u.exec(word) ?? [];
  if (unit !== undefined) {
    const time = now - Number(count) * (unit === 'd' ? DAY_MS : HOUR_MS);
    return { from: time, to: time + 1 };
  }
  if (word === 'today' || word === 'yesterday') {
    // The days of a zone are found by its clock at that time, as a name's days are.
    const wall = now + zone.offsetAt(now + zone.offsetAt(now) * 60_000) * 60_000;
    const day = new Date(wall - (word === 'today' ? 0 : DAY_MS));
    const [year, month] = [day.getUTCFullYear(), day.getUTCMonth() + 1];
    return spanOf({ ...NO_TIME, year, month, day: day.getUTCDate(), offset: undefined }, zone);
  }
  // The year first and in full: a flag has no column that tells the day from the month.
  const written = /^\d{4}-/u.test(word) ? readWrittenDate(word) : undefined;
  const date = written && dateInOrder(written, 'year-first');
  if (date !== undefined) return spanOf(date, zone);
  throw usageError(
    `${flag} ${JSON.stringify(text)} is not a date.`,
    `Write it as 2026-11-01 or 2026-11-01T08:00, or as today, yesterday, 7d or 12h (so many days or hours ago).`,
  );
}

/** Whether a row's values are wanted. */
export type Condition = (columns: readonly string[]) => boolean;

/**
 * The conditions of `--where`, all of which must hold: `column=pattern`, `column!=pattern`. Undefined where there are none. Throws `USAGE` for
 * one without a `=`, and for a column that is not there, or there twice. `list` is how messages call what has the columns.
 */
export function readConditions(
  where: readonly string[] | undefined,
  headers: readonly string[] | undefined,
  list?: string,
): Condition | undefined {
  if (where === undefined || where.length === 0) return undefined;
  const conditions = where.map((text) => readCondition(text, headers, list));
  return (columns) => conditions.every((holds) => holds(columns));
}

function readCondition(text: string, headers: readonly string[] | undefined, list?: string): Condition {
  const { at, header, negated } = splitCondition(text, headers);
  const column = namedColumn(headers, header, '--where', list);
  const matches = matcher(text.slice(at + 1));
  return (columns) => matches(columns[column] ?? '') !== negated;
}

/** A header may hold a `=` itself: the first one that has a column before it is taken. */
function splitCondition(text: string, headers: readonly string[] | undefined) {
  let first: { at: number; header: string; negated: boolean } | undefined;
  for (let at = text.indexOf('='); at >= 0; at = text.indexOf('=', at + 1)) {
    const negated = text[at - 1] === '!';
    const split = { at, header: text.slice(0, negated ? at - 1 : at), negated };
    if (headers !== undefined && columnsNamed(headers, split.header).length > 0) return split;
    first ??= split;
  }
  if (first !== undefined && first.header.trim() !== '') return first;
  throw usageError(
    `--where ${JSON.stringify(text)} is not a condition.`,
    "Write it as column=pattern, such as --where 'Status=answered' or --where 'Agent!=test*'.",
  );
}
