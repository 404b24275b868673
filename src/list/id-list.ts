import { usageError } from '../errors.ts';
import { type ByteSource, canBeReadTwice, openBytes, readAll, sourceName, type TextSource } from './byte-source.ts';
import { foreignFormat, isOldOffice, isZip, oldOffice } from './foreign-format.ts';
import { HeadReader } from './head-reader.ts';
import { idRows, linesOf, namesNothing } from './id-lines.ts';
import { looksLikeJson, recogniseHead } from './list-head.ts';
import type { ListRow, ReportHeader } from './list-row.ts';
import { type ListNotice, type OnNotice, Teller } from './notices.ts';
import { Pieces } from './pieces.ts';
import type { OnBadRow, Reading, ReportTable } from './report-table.ts';
import { readText } from './text-source.ts';

export type { TextSource } from './byte-source.ts';
export type { Delimiter, ListRow, ReportHeader } from './list-row.ts';
export type { ListNotice, OnNotice } from './notices.ts';
export type { OnBadRow } from './report-table.ts';

/** How a list is read. */
export interface ListOptions {
  /** The report's column that holds the id (`--column`). Naming one says that the list is a report. */
  column?: string | undefined;
  /** The workbook's sheet (`--sheet`). Naming one says that the list is a workbook. */
  sheet?: string | undefined;
  /** Ends the reading with its reason, also where nothing comes from the source. */
  signal?: AbortSignal | undefined;
  /** Takes what a person should know of the list, as it turns up: when it is opened, and while it is read. */
  onNotice?: OnNotice | undefined;
  /** Where given, a row that cannot be read is handed to it and passed over, in place of ending the reading (`--skip-bad-rows`). */
  onBadRow?: OnBadRow | undefined;
}

/** A list that has been opened and recognised. It can be read once. */
export interface RecordingList {
  /** How messages call it: its path, or `standard input`. */
  readonly name: string;
  /** The header, where it is a report; undefined for a list of ids. */
  readonly header: ReportHeader | undefined;
  /**
   * The rows in their order, many at a time, as soon as they have come: those that name a recording, and those that are only to be counted
   * (`leftOut`). Throws as {@link openList} does, for what only shows further down; the rows before a bad one are given first. The source
   * is closed when the iteration ends, however it ends.
   */
  batches(): AsyncGenerator<ListRow[], void, undefined>;
  /** Closes the source of a list that is not read to its end; harmless on one that was. */
  close(): Promise<void>;
}

/**
 * Opens a list of recordings (cli.md, `batch`, "What it reads"): an id a line; a report with a header row, separated by comma, semicolon, tab or
 * bar; a workbook; or JSON. Which it is, its first bytes and its first 20 lines tell together: see {@link recogniseHead}. Of a pipe that pauses,
 * what has come by then. Text is read as a stream, in constant memory.
 *
 * Throws USAGE, with the line where there is one, for a source that is missing, a folder, or neither list nor report; for a report whose id
 * column cannot be told; for a list that names no recordings; for a row that cannot be read; and for what cannot be an id.
 */
export async function openList(source: TextSource, options: ListOptions = {}): Promise<RecordingList> {
  const name = sourceName(source);
  const stop = new AbortController();
  const signal = AbortSignal.any([stop.signal, ...(options.signal === undefined ? [] : [options.signal])]);
  const reading: Reading = { name, teller: new Teller(options.onNotice), onBadRow: options.onBadRow };
  let bytes: ByteSource | undefined;
  const close = async () => {
    // A pipe may stay silent for ever: only to stop its reading ends the wait for it.
    stop.abort();
    await bytes?.bytes.return().catch(() => undefined);
  };
  try {
    bytes = await openBytes(source, signal);
    const opened = await open(bytes, source, reading, { ...options, signal });
    return { name, header: opened.header, batches: () => closing(opened.rows, close), close };
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
  /** Comments, repeated headers, totals and the like. */
  readonly passedOver: number;
  /** The characters of all rows together. */
  readonly characters: number;
  /** What a person should know of the list. */
  readonly notices: readonly ListNotice[];
}

/** Looks at each row of a list while it is scanned, those without an id too; asked for once the header is known, undefined for a list of ids. */
export type RowVisitor = (header: ReportHeader | undefined) => ((row: ListRow) => void) | undefined;

/**
 * Reads a list to its end before any of it is used, so that a malformed row ends a run before anything is fetched, and the number of
 * rows is known. Gives undefined for what can be read only once (standard input, a named pipe). Throws as {@link openList} does.
 */
export async function scanList(source: TextSource, options: ListOptions = {}, visitor?: RowVisitor): Promise<ListScan | undefined> {
  if (!(await canBeReadTwice(source))) return undefined;
  const notices: ListNotice[] = [];
  const list = await openList(source, { ...options, onNotice: (notice) => notices.push(notice) });
  try {
    const visit = visitor?.(list.header);
    const scan = { header: list.header, rows: 0, blank: 0, passedOver: 0, characters: 0, notices };
    for await (const batch of list.batches()) {
      for (const row of batch) {
        scan.characters += row.raw.length;
        if (row.leftOut === undefined) scan.rows++;
        else if (row.leftOut === 'blank') scan.blank++;
        else scan.passedOver++;
        if (row.leftOut !== 'passedOver') visit?.(row);
      }
    }
    return scan;
  } finally {
    await list.close();
  }
}

interface Opened {
  header: ReportHeader | undefined;
  rows: AsyncGenerator<ListRow[], void, undefined>;
}

type OpenOptions = ListOptions & { signal: AbortSignal };

async function open(bytes: ByteSource, source: TextSource, reading: Reading, options: OpenOptions): Promise<Opened> {
  if (isZip(bytes.head)) {
    const { openWorkbook } = await import('./workbook/workbook.ts');
    return openReport(await openWorkbook(bytes, source, reading, options), reading);
  }
  if (isOldOffice(bytes.head)) throw oldOffice(await readAll(bytes, MAX_OLD_OFFICE), reading.name);
  const foreign = foreignFormat(bytes.head, reading.name);
  if (foreign !== undefined) throw foreign;
  if (options.sheet !== undefined) {
    throw usageError(
      `${reading.name} has no sheet ${JSON.stringify(options.sheet)}: it is no workbook.`,
      'Leave --sheet out, or give a workbook (.xlsx).',
    );
  }
  return openText(new Pieces(readText(bytes, reading.name)), reading, options.column);
}

/** What an old Office file is shows in its directory, which lies anywhere; a larger one is only told to be one. */
const MAX_OLD_OFFICE = 64 * 1024 * 1024;

async function openText(pieces: Pieces, reading: Reading, column: string | undefined): Promise<Opened> {
  const { name, teller } = reading;
  const reader = new HeadReader(column);
  for (let enough = false; !enough; ) {
    const piece = await pieces.next({ patient: !reader.tells });
    if (piece === 'pause') break;
    enough = reader.add(piece ?? '', piece === undefined);
  }
  if (!reader.tells) throw namesNothing(name);
  const { head } = reader;
  if (looksLikeJson(head.text)) {
    const { openJson } = await import('./json.ts');
    const json = await openJson(head, pieces, reading, column);
    return 'report' in json ? openReport(json.report, reading) : { header: undefined, rows: idRows(json.ids, reading) };
  }
  const found = recogniseHead(head, column, name, reading.onBadRow !== undefined);
  if (found.kind === 'ids') {
    return { header: undefined, rows: idRows(linesOf(pieces.after(head.text), head.line), reading, head.comments + head.blanks) };
  }
  const { textReport } = await import('./text-report.ts');
  const report = await openReport(textReport(head, found, pieces.after(''), name, column), reading);
  if (found.titles > 0) teller.notice(`${name}: the header is on line ${found.line}; the lines above it are ignored.`);
  return report;
}

async function openReport(table: ReportTable, reading: Reading): Promise<Opened> {
  const { reportRows } = await import('./report-rows.ts');
  return { header: table.header, rows: reportRows(table, reading) };
}

async function* closing(rows: Opened['rows'], close: () => Promise<void>): Opened['rows'] {
  try {
    yield* rows;
  } finally {
    await close();
  }
}
