/** How long the service keeps a recording (its documentation), in calendar months. */
export const RETENTION_MONTHS = 6;

/** A recording that leaves within so many days is worth a warning. */
export const WARNING_DAYS = 14;

const DAY_MS = 24 * 60 * 60 * 1000;

/** How a row stands to the service's retention. */
export type Retention = 'past' | 'leaving' | 'kept';

/** Whether a recording of this time is past its 6 months at `now`, or will be within {@link WARNING_DAYS}; both in milliseconds since 1970 UTC. */
export function retentionOf(time: number, now: number): Retention {
  const end = endOfRetention(time);
  if (end <= now) return 'past';
  return end <= now + WARNING_DAYS * DAY_MS ? 'leaving' : 'kept';
}

/** The end of each day's retention, by day: a report's million calls are of few days, and to count months takes ten times as long. */
const endsOfDays = new Map<number, number>();
const MOST_DAYS = 10_000;

function endOfRetention(time: number): number {
  const day = Math.floor(time / DAY_MS);
  let end = endsOfDays.get(day);
  if (end === undefined) {
    end = addMonths(day * DAY_MS, RETENTION_MONTHS);
    if (endsOfDays.size < MOST_DAYS) endsOfDays.set(day, end);
  }
  return end + (time - day * DAY_MS);
}

/** So many calendar months later; the 31st becomes the last day of a shorter month. */
function addMonths(time: number, months: number): number {
  const date = new Date(time);
  const day = date.getUTCDate();
  date.setUTCDate(1);
  date.setUTCMonth(date.getUTCMonth() + months);
  const lastDay = new Date(Date.UTC(date.getUTCFullYear(), date.getUTCMonth() + 1, 0)).getUTCDate();
  return date.setUTCDate(Math.min(day, lastDay));
}
