import { usageError } from '../errors.ts';
import { columnsNamed, listHeaders, normaliseHeader, quoteHeader } from './columns.ts';

const ID_HEADER = 'Recording ID';

/** The indexes of the headers that can be the id's: those that `column` names, else those that read like `Recording ID`. */
export function idColumns(headers: readonly string[], column: string | undefined): number[] {
  if (column !== undefined) return columnsNamed(headers, column);
  const wanted = normaliseHeader(ID_HEADER);
  return headers.flatMap((header, index) => (normaliseHeader(header) === wanted ? [index] : []));
}

/** The index of the id's column. Throws USAGE, listing the headers and naming `--column`, when there is none or more than one. */
export function findIdColumn(headers: readonly string[], column: string | undefined, name: string): number {
  const [found, another] = idColumns(headers, column);
  if (found !== undefined && another === undefined) return found;
  const heading = quoteHeader(column ?? ID_HEADER);
  const problem = found === undefined ? `no column headed ${heading}` : `more than one column headed ${heading}`;
  throw usageError(
    `${name} has ${problem}. Its columns: ${listHeaders(headers)}.`,
    found === undefined
      ? 'Name the column that holds the recording ids with --column. A list without a header row has one id on each line and nothing else.'
      : `Tell them apart with --column, by number where their headers are the same: ${quoteHeader(`${(column ?? ID_HEADER).trim()} (2)`)}.`,
  );
}
