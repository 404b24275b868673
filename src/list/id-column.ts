import { usageError } from '../errors.ts';

/** A header without what people write differently: case, blanks, underscores and hyphens. */
export function normaliseHeader(header: string): string {
  return header.toLowerCase().replace(/[\s_-]+/gu, '');
}

const ID_HEADER = normaliseHeader('Recording ID');

/**
 * The indexes of the headers that can be the id's: those that equal `column`, else those that equal it but for case, blanks,
 * underscores and hyphens; without `column`, those that read like `Recording ID`.
 */
export function idColumns(headers: readonly string[], column: string | undefined): number[] {
  const wanted = column === undefined ? ID_HEADER : normaliseHeader(column);
  const exact = column?.trim();
  const found = indexesOf(headers, (header) => header.trim() === exact);
  return found.length > 0 ? found : indexesOf(headers, (header) => normaliseHeader(header) === wanted);
}

/** The index of the id's column. Throws USAGE, listing the headers and naming `--column`, when there is none or more than one. */
export function findIdColumn(headers: readonly string[], column: string | undefined, name: string): number {
  const [found, another] = idColumns(headers, column);
  if (found !== undefined && another === undefined) return found;
  const heading = quote(column ?? 'Recording ID');
  const problem = found === undefined ? `no column headed ${heading}` : `more than one column headed ${heading}`;
  throw usageError(
    `${name} has ${problem}. Its columns: ${listHeaders(headers)}.`,
    found === undefined
      ? "Name the id's column with --column; a list without a header row has one id a line and nothing else."
      : 'Give each column a header of its own, and name the one that holds the id with --column.',
  );
}

const MOST_LISTED = 30;

function listHeaders(headers: readonly string[]): string {
  const listed = headers.slice(0, MOST_LISTED).map((header) => quote(header.trim()));
  const more = headers.length - listed.length;
  return listed.join(', ') + (more > 0 ? ` and ${more} more` : '');
}

function quote(header: string): string {
  return JSON.stringify(header.length > 60 ? `${header.slice(0, 59)}…` : header);
}

function indexesOf(headers: readonly string[], matches: (header: string) => boolean): number[] {
  return headers.flatMap((header, index) => (matches(header) ? [index] : []));
}
