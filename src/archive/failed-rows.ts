import { normaliseHeader } from '../list/columns.ts';
import { DigestSet } from './digest-map.ts';
import type { ManifestLine } from './manifest.ts';

/** The name of the list of rows that are worth another run. */
export const FAILED_NAME = 'failed.txt';

/** The header of the id's column where rows of different reports are listed together: `batch` knows it without `--column`. */
const ID_HEADER = 'Recording ID';

/**
 * The lines of `failed.txt`, without line ends: a list that `batch` takes again.
 *
 * The manifest is what it is made from, and no other list: each id whose last line says `failed` is in it, with the row that this line
 * keeps, whichever list that came from and whichever run it was. So a run over one list drops no row of another, and a run that is killed
 * loses none. Rows stand as they came, under their report's header. Where they came from reports with different headers, or from reports and
 * lists of ids, they are written as one report of all their columns, with commas between.
 *
 * `lines` gives the last line of each id that failed, anew at each call.
 */
export function* failedList(lines: () => Iterable<ManifestLine>): Generator<string> {
  const headers = new Set<string | undefined>();
  for (const line of lines()) headers.add(headerOf(line));
  if (headers.size > 1 || headers.has(UNKNOWN)) return yield* oneReport(lines);
  const [header] = headers;
  if (header !== undefined) yield header;
  for (const line of lines()) yield rawOf(line);
}

/** What a report's row of an old release has in place of a header: its columns are known, and not how they stood. */
const UNKNOWN = '';

function headerOf({ header, raw, row }: ManifestLine): string | undefined {
  return header ?? (raw === undefined && row !== undefined ? UNKNOWN : undefined);
}

function rawOf({ raw, id }: ManifestLine): string {
  return raw ?? id;
}

function* oneReport(lines: () => Iterable<ManifestLine>): Generator<string> {
  const columns = new Set<string>();
  for (const { row } of lines()) for (const column of Object.keys(row ?? {})) if (!isIdHeader(column)) columns.add(column);
  yield fields([ID_HEADER, ...columns]);
  for (const { id, row } of lines()) {
    yield fields([id, ...Array.from(columns, (column) => (row !== undefined && Object.hasOwn(row, column) ? (row[column] ?? '') : ''))]);
  }
}

/** Whether `batch` would take the column for a second one of ids. */
function isIdHeader(header: string): boolean {
  return normaliseHeader(header) === 'recordingid';
}

/** A row of a report. Its values lose their line breaks, so that each row is one line. */
function fields(values: readonly string[]): string {
  return values
    .map((value) => value.replace(/[\r\n]+/gu, ' '))
    .map((value) => (/[",;\t]|^\s|\s$/u.test(value) ? `"${value.replaceAll('"', '""')}"` : value))
    .join(',');
}

/**
 * Tells whether a `failed.txt` is one that runs over this archive wrote: each of its lines is one of a row or header that the manifest has
 * once called failed. Another's file of that name is never replaced or removed.
 */
export class OwnList {
  readonly #lines = new DigestSet();
  readonly #ids = new DigestSet();

  /** Takes in a line of the manifest. */
  add(line: ManifestLine): void {
    if (line.status !== 'failed') return;
    const { id, raw, header, row } = line;
    this.#ids.add(id);
    for (const text of [header, raw ?? id]) for (const each of (text ?? '').split(/\r?\n/u)) this.#lines.add(each);
    if (raw !== undefined || row === undefined) return;
    // A release that kept no rows wrote them as they came, which for most is what this comes to.
    for (const delimiter of [',', ';', '\t']) {
      for (const values of [Object.keys(row), Object.values(row)]) this.#lines.add(values.join(delimiter));
    }
  }

  /** Whether a line of the file is one of ours. `first` is the first one of the file. */
  holds(text: string, first: string): boolean {
    if (this.#lines.has(text)) return true;
    if (first !== ID_HEADER && !first.startsWith(`${ID_HEADER},`)) return false;
    return text === first || this.#ids.has(firstField(text));
  }
}

function firstField(text: string): string {
  if (!text.startsWith('"')) return text.split(',', 1).join('');
  return (/^"((?:[^"]|"")*)"/u.exec(text)?.[1] ?? '').replaceAll('""', '"');
}
