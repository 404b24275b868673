import { stat } from 'node:fs/promises';
import { usageError } from '../errors.ts';
import { checkId } from './check-id.ts';
import { refuseMarkup } from './foreign-format.ts';
import { type ListHead, recogniseHead } from './list-head.ts';
import { type ListRow, MAX_ROW_LENGTH, type ReportHeader } from './list-row.ts';
import { readText, sourceName, type TextSource } from './text-source.ts';

export type { Delimiter, ListRow, ReportHeader } from './list-row.ts';
export type { TextSource } from './text-source.ts';

/** How a list is read. */
export interface ListOptions {
  /** The report's column that holds the id (`--column`). Naming one says that the list is a report. */
  column?: string | undefined;
  /** Ends the reading with its reason, also where nothing comes from the source. */
  signal?: AbortSignal | undefined;
}

/** A list that has been opened and recognised. It can be read once. */
export interface RecordingList {
  /** How messages call it: its path, or `standard input`. */
  readonly name: string;
  /** The header, where it is a report; undefined for a list of ids. */
  readonly header: ReportHeader | undefined;
  /**
   * The rows in their order, many at a time, as soon as they have come. Blank lines and comments are passed over; in a report, a row
   * without an id is given, with an empty `id`, to be counted. Throws as {@link openList} does, for what only shows further down; the
   * rows before a bad one are given first. The source is closed when the iteration ends, however it ends.
   */
  batches(): AsyncGenerator<ListRow[], void, undefined>;
  /** Closes the source of a list that is not read to its end; harmless on one that was. */
  close(): Promise<void>;
}

/**
 * Opens a list of recordings (cli.md, `batch`, "The list"): an id a line, or a report with a header row, separated by comma, semicolon
 * or tab. Which it is, its first row tells: see {@link recogniseHead}. It is read as a stream, in constant memory; the CSV parser is
 * loaded for reports alone. An empty list is a list of no rows.
 *
 * Throws USAGE, with the line where there is one, for a source that is missing, a folder or not a text; for a report whose id column
 * cannot be told, or with a malformed row; for a line longer than 1 MB; and for an id that holds control characters.
 */
export async function openList(source: TextSource, options: ListOptions = {}): Promise<RecordingList> {
  const name = sourceName(source);
  const pieces = readText(source, options.signal);
  const close = async () => void (await pieces.return());
  try {
    const { head, text } = await readHead(pieces, options.column);
    refuseMarkup(text, name);
    if (head.kind === 'ids') {
      if (options.column !== undefined && text !== '') throw noHeaderRow(name, options.column);
      return { name, header: undefined, batches: () => closing(readIds(prepend(text, pieces), name), close), close };
    }
    const { readReport } = await import('./report-rows.ts');
    const { delimiter, line } = head;
    const report = await readReport(prepend(text.slice(head.start), pieces), { name, delimiter, line, column: options.column });
    return { name, header: report.header, batches: () => closing(report.batches, close), close };
  } catch (error) {
    await close();
    throw error;
  }
}

/** What a whole list comes to. */
export interface ListScan {
  readonly header: ReportHeader | undefined;
  /** The rows that name a recording, repeated ones included. */
  readonly rows: number;
  /** The rows of a report that have no id. */
  readonly blank: number;
  /** The characters of all rows together. */
  readonly characters: number;
}

/** Looks at each row of a list while it is scanned, those without an id too; asked for once the header is known, undefined for a list of ids. */
export type RowVisitor = (header: ReportHeader | undefined) => ((row: ListRow) => void) | undefined;

/**
 * Reads a list to its end before any of it is used, so that a malformed row ends a run before anything is fetched, and the number of
 * rows is known. Gives undefined for what can be read only once (standard input, a named pipe). Throws as {@link openList} does. A
 * million rows take less than a second as ids, some six seconds as a report of 100 MB.
 */
export async function scanList(source: TextSource, options: ListOptions = {}, visitor?: RowVisitor): Promise<ListScan | undefined> {
  if (!('path' in source) || !(await canBeReadTwice(source.path))) return undefined;
  const list = await openList(source, options);
  try {
    const visit = visitor?.(list.header);
    let rows = 0;
    let blank = 0;
    let characters = 0;
    for await (const batch of list.batches()) {
      for (const row of batch) {
        characters += row.raw.length;
        if (row.id === '') blank++;
        else rows++;
        visit?.(row);
      }
    }
    return { header: list.header, rows, blank, characters };
  } finally {
    await list.close();
  }
}

async function canBeReadTwice(path: string): Promise<boolean> {
  try {
    const found = await stat(path);
    return found.isFile() || found.isDirectory();
  } catch {
    return true; // opening it says what is wrong with it
  }
}

async function readHead(
  pieces: AsyncGenerator<string, void, undefined>,
  column: string | undefined,
): Promise<{ head: ListHead; text: string }> {
  let text = '';
  for (;;) {
    const next = await pieces.next();
    if (!next.done) text += next.value;
    const head = recogniseHead(text, next.done === true, column);
    if (head !== undefined) return { head, text };
  }
}

async function* readIds(pieces: AsyncGenerator<string, void, undefined>, name: string): AsyncGenerator<ListRow[], void, undefined> {
  let rest = '';
  let line = 1;
  for await (const piece of pieces) {
    const lines = splitLines(rest + piece);
    rest = lines.pop() ?? '';
    // A line that never ends is refused before it fills the memory.
    if (rest.length > MAX_ROW_LENGTH) lines.push(rest);
    yield* rowsOf(lines, line, name);
    line += lines.length;
  }
  yield* rowsOf([rest], line, name);
}

/** The rows of some lines: one batch, or none where they hold no id. The rows before a bad one are given before it throws. */
function* rowsOf(lines: readonly string[], firstLine: number, name: string): Generator<ListRow[], void, undefined> {
  const rows: ListRow[] = [];
  try {
    for (const [index, raw] of lines.entries()) addRow(rows, raw, firstLine + index, name);
  } catch (error) {
    if (rows.length > 0) yield rows;
    throw error;
  }
  if (rows.length > 0) yield rows;
}

function addRow(rows: ListRow[], raw: string, line: number, name: string): void {
  if (raw.length > MAX_ROW_LENGTH) {
    throw usageError(
      `${name}, line ${line}: the line is longer than ${MAX_ROW_LENGTH / 1024 / 1024} MB.`,
      'A list has an id on each line; see that this is the right file.',
    );
  }
  const id = raw.trim();
  if (id === '' || id.startsWith('#')) return;
  checkId(id, name, line);
  rows.push({ id, line, raw });
}

function splitLines(text: string): string[] {
  return text.includes('\r') ? text.split(/\r\n|\n|\r/u) : text.split('\n');
}

async function* prepend(text: string, pieces: AsyncGenerator<string, void, undefined>): AsyncGenerator<string, void, undefined> {
  if (text !== '') yield text;
  yield* pieces;
}

async function* closing(
  batches: AsyncGenerator<ListRow[], void, undefined>,
  close: () => Promise<void>,
): AsyncGenerator<ListRow[], void, undefined> {
  try {
    yield* batches;
  } finally {
    await close();
  }
}

function noHeaderRow(name: string, column: string) {
  return usageError(
    `${name} has no header row, so no column ${JSON.stringify(column)}.`,
    'Leave --column out for a list of ids, or give the report with its header row.',
  );
}
