const MONTHS = ['jan', 'feb', 'mar', 'apr', 'may', 'jun', 'jul', 'aug', 'sep', 'oct', 'nov', 'dec'];

/** The three forms of an HTTP date (RFC 9110, section 5.6.7): IMF-fixdate, RFC 850's and asctime's. All three are in UTC. */
const HTTP_DATES = [
  /^[a-z]{3}, (?<day>\d\d) (?<month>[a-z]{3}) (?<year>\d{4}) (?<time>\d\d:\d\d:\d\d) GMT$/i,
  /^[a-z]{6,9}, (?<day>\d\d)-(?<month>[a-z]{3})-(?<year>\d\d) (?<time>\d\d:\d\d:\d\d) GMT$/i,
  /^[a-z]{3} (?<month>[a-z]{3}) (?<day>[ \d]\d) (?<time>\d\d:\d\d:\d\d) (?<year>\d{4})$/i,
];

/**
 * How long a `Retry-After` header asks to stay away, in milliseconds: never negative, and finite. Undefined where the header is missing
 * or is neither whole seconds nor an HTTP date (RFC 9110, section 10.2.3). `now` is the wall clock in milliseconds since 1970 UTC.
 */
export function parseRetryAfter(value: string | undefined, now: number): number | undefined {
  if (value === undefined) return undefined;
  const text = value.trim();
  // Gateways are known to send fractions, which the grammar does not have.
  if (/^\d+(?:\.\d+)?$/.test(text)) return Math.min(Math.ceil(Number(text) * 1000), Number.MAX_SAFE_INTEGER);
  const moment = httpDate(text, now);
  return moment === undefined ? undefined : Math.max(0, moment - now);
}

function httpDate(text: string, now: number): number | undefined {
  for (const form of HTTP_DATES) {
    const groups = form.exec(text)?.groups;
    if (groups === undefined) continue;
    const month = MONTHS.indexOf((groups.month ?? '').toLowerCase());
    const day = Number(groups.day);
    const [hour = 0, minute = 0, second = 0] = (groups.time ?? '').split(':').map(Number);
    const year = groups.year?.length === 2 ? fullYear(Number(groups.year), now) : Number(groups.year);
    // 60 is a leap second, which the grammar allows.
    if (month < 0 || hour > 23 || minute > 59 || second > 60) return undefined;
    const date = new Date(0);
    date.setUTCFullYear(year, month, day);
    if (date.getUTCMonth() !== month || date.getUTCDate() !== day) return undefined;
    return date.setUTCHours(hour, minute, second);
  }
  return undefined;
}

/** RFC 9110: a two-digit year that seems to lie more than 50 years ahead is the latest past year with those digits. */
function fullYear(lastDigits: number, now: number): number {
  const thisYear = new Date(now).getUTCFullYear();
  const year = thisYear - (thisYear % 100) + lastDigits;
  return year > thisYear + 50 ? year - 100 : year;
}
