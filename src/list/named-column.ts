import { usageError } from '../errors.ts';
import { findColumn, quoteHeader } from './columns.ts';

/**
 * The index of the column that a flag names, as {@link findColumn} finds it. `headers` is undefined for a list of ids. Throws `USAGE`, naming
 * the flag and listing the headers, where there is no such column, or more than one. `list` is how messages call what has the columns.
 */
export function namedColumn(headers: readonly string[] | undefined, name: string, flag: string, list = 'The report'): number {
  if (headers !== undefined) return findColumn(headers, name, { list, flag });
  throw usageError(
    `${flag} names the column ${quoteHeader(name.trim())}, but this is a list of ids, which has no columns.`,
    `Leave ${flag} out, or give the report with its header row.`,
  );
}
