/** What a spreadsheet takes for the start of a formula (OWASP, "CSV Injection"). */
const FORMULA = /^[=+\-@\t\r\n＝＋－＠]/u;
const QUOTED = /[",\r\n]/u;

/**
 * A row of a table as CSV (RFC 4180), without its line end. A value that a spreadsheet would run as a formula gets an apostrophe before it, which
 * spreadsheets take for "this is text"; numbers with a sign stay numbers.
 */
export function csvLine(values: readonly string[]): string {
  return values
    .map((value) => (FORMULA.test(value) && !/^[+-]?\d+(?:[.,]\d+)?$/u.test(value) ? `'${value}` : value))
    .map((value) => (QUOTED.test(value) ? `"${value.replaceAll('"', '""')}"` : value))
    .join(',');
}
