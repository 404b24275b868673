import { usageError } from '../errors.ts';

/** A header without what people write differently: case, blanks, underscores and hyphens. */
export function normaliseHeader(header: string): string {
  return header.toLowerCase().replace(/[\s_-]+/gu, '');
}

/**
 * The indexes of the headers that a name can mean: those that equal it, else those that equal it but for case, blanks, underscores and
 * hyphens, else the one that {@link distinctHeaders} gives that name (`Duration (2)`).
 */
export function columnsNamed(headers: readonly string[], name: string): number[] {
  const exact = name.trim();
  const same = indexesOf(headers, (header) => header.trim() === exact);
  if (same.length > 0) return same;
  const wanted = normaliseHeader(name);
  const alike = indexesOf(headers, (header) => normaliseHeader(header) === wanted);
  const numbered = /^(?<header>.*) \((?<nth>\d+)\)$/su.exec(exact)?.groups;
  if (alike.length > 0 || numbered === undefined) return alike;
  const nth = columnsNamed(headers, numbered.header ?? '')[Number(numbered.nth) - 1];
  return nth === undefined ? [] : [nth];
}

/**
 * The index of the column that a flag names, as {@link columnsNamed} finds it. `list` is how messages call the list, `flag` the flag that the
 * name came with. Throws USAGE where no column, or more than one, has that header; both times it lists the headers.
 */
export function findColumn(headers: readonly string[], name: string, { list, flag }: { list: string; flag: string }): number {
  const [found, another] = columnsNamed(headers, name);
  if (found !== undefined && another === undefined) return found;
  const header = quoteHeader(name);
  if (found === undefined) {
    throw usageError(`${list} has no column ${header}. Its columns: ${listHeaders(headers)}.`, `Name one of them with ${flag}.`);
  }
  throw usageError(
    `${list} has more than one column ${header}. Its columns: ${listHeaders(headers)}.`,
    `Tell them apart by number, as ${quoteHeader(`${name.trim()} (1)`)} and ${quoteHeader(`${name.trim()} (2)`)}.`,
  );
}

/**
 * The headers as the keys of an object: each once. The second of two that are the same becomes `Header (2)`; a column without a header is
 * called `Column 3` by its place, from 1.
 */
export function distinctHeaders(headers: readonly string[]): string[] {
  const keys = new Set<string>();
  const seen = new Map<string, number>();
  return headers.map((header, index) => {
    const name = header === '' ? `Column ${index + 1}` : header;
    let nth = (seen.get(name) ?? 0) + 1;
    const keyOf = () => (nth === 1 ? name : `${name} (${nth})`);
    while (keys.has(keyOf())) nth++;
    seen.set(name, nth);
    keys.add(keyOf());
    return keyOf();
  });
}

const MOST_LISTED = 30;
const LONGEST_LISTED = 60;

/** The headers for a message, each in quotes; of very many the first {@link MOST_LISTED} and how many more there are. */
export function listHeaders(headers: readonly string[]): string {
  const listed = headers.slice(0, MOST_LISTED).map((header) => quoteHeader(header.trim()));
  const more = headers.length - listed.length;
  return listed.join(', ') + (more > 0 ? ` and ${more} more` : '');
}

/** A header in quotes, without control characters, and cut where it is very long. */
export function quoteHeader(header: string): string {
  return JSON.stringify(header.length > LONGEST_LISTED ? `${header.slice(0, LONGEST_LISTED - 1)}…` : header);
}

function indexesOf(headers: readonly string[], matches: (header: string) => boolean): number[] {
  return headers.flatMap((header, index) => (matches(header) ? [index] : []));
}
