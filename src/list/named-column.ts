import { usageError } from '../errors.ts';
import { normaliseHeader } from './id-column.ts';

/**
 * The index of the column that a flag names: the one headed so, else the one headed so but for case, blanks, underscores and hyphens.
 * `headers` is undefined for a list of ids. Throws `USAGE`, naming the flag and listing the headers, where there is no such column, or more
 * than one. `list` is how messages call what has the columns.
 */
export function namedColumn(headers: readonly string[] | undefined, name: string, flag: string, list = 'The report'): number {
  if (headers === undefined) {
    throw usageError(
      `${flag} names the column ${quote(name)}, but this is a list of ids, which has no columns.`,
      `Leave ${flag} out, or give the report with its header row.`,
    );
  }
  const [found, another] = columnsNamed(headers, name);
  if (found !== undefined && another === undefined) return found;
  const problem = found === undefined ? 'has no column' : 'has more than one column';
  throw usageError(
    `${list} ${problem} ${quote(name)}. Its columns: ${listHeaders(headers)}.`,
    found === undefined ? `Name one of them with ${flag}.` : 'Give each column a header of its own.',
  );
}

/** The indexes of the columns that a name can mean. */
export function columnsNamed(headers: readonly string[], name: string): number[] {
  const indexes = (matches: (header: string) => boolean) => headers.flatMap((header, index) => (matches(header) ? [index] : []));
  const exact = indexes((header) => header === name.trim());
  return exact.length > 0 ? exact : indexes((header) => normaliseHeader(header) === normaliseHeader(name));
}

/** The headers for a message, each in quotes. */
export function listHeaders(headers: readonly string[]): string {
  return headers.map((header) => quote(header)).join(', ');
}

function quote(name: string): string {
  return JSON.stringify(name.trim());
}
