import { usageError } from '../../errors.ts';
import type { ByteSource, TextSource } from '../byte-source.ts';
import { listHeaders, quoteHeader } from '../columns.ts';
import { notAList } from '../foreign-format.ts';
import { cleanHeader, HEAD_ROWS } from '../head-reader.ts';
import { findIdColumn, idColumns } from '../id-column.ts';
import { MAX_COLUMNS } from '../list-row.ts';
import { csvLine, type Reading, type ReportTable, type TableRecord } from '../report-table.ts';
import { readParts, type Sheet, type WorkbookParts } from './parts.ts';
import { columnLetters, type SheetRow, sheetRows } from './sheet-rows.ts';
import { openZip, type Zip } from './zip.ts';

/** How a workbook is read. */
export interface WorkbookOptions {
  /** The header of the ids' column; found by its usual names where left out. */
  column?: string | undefined;
  /** The sheet's name. */
  sheet?: string | undefined;
  signal: AbortSignal;
}

/**
 * Opens a workbook (.xlsx) as a report: the sheet that `sheet` names, else the first that is shown and has the id's column in one of its first
 * rows. A file is read where it lies, sheet by sheet as a stream; its texts are held in memory.
 *
 * Throws USAGE for an archive that is no such workbook, by name where it can be told what it is; for one that is damaged; for a sheet that is
 * not there; and where no sheet, or not one column, has the ids.
 */
export async function openWorkbook(
  bytes: ByteSource,
  source: TextSource,
  reading: Reading,
  options: WorkbookOptions,
): Promise<ReportTable> {
  const { name } = reading;
  const zip = await openZip(bytes, source, name);
  try {
    const parts = await readParts(zip, name, options.signal);
    if (parts === undefined) throw notAWorkbook(zip, name);
    const rows = (sheet: Sheet) => sheetRows(zip, sheet, parts, name, options.signal);
    const { sheet, head, header } = await chooseSheet(parts, rows, reading, options);
    if (head[0] !== header) reading.teller.notice(`${name}: the header is in row ${header.number}; the rows above it are ignored.`);
    return tableOf(zip, rows(sheet), head, header, reading, options.column);
  } catch (error) {
    zip.close();
    throw error;
  }
}

interface Choice {
  sheet: Sheet;
  /** Its first rows. */
  head: SheetRow[];
  header: SheetRow;
}

type RowsOf = (sheet: Sheet) => AsyncGenerator<SheetRow[], void, undefined>;

async function chooseSheet({ sheets }: WorkbookParts, rows: RowsOf, reading: Reading, options: WorkbookOptions): Promise<Choice> {
  const { name, teller } = reading;
  const named = options.sheet === undefined ? undefined : namedSheet(sheets, options.sheet, name);
  const found: Choice[] = [];
  let first: { sheet: Sheet; head: SheetRow[] } | undefined;
  for (const sheet of named === undefined ? sheets.filter(({ hidden }) => !hidden) : [named]) {
    const head = await headOf(rows(sheet));
    const header = head.slice(0, HEAD_ROWS).find(({ fields }) => idColumns(fields.map(cleanHeader), options.column).length > 0);
    if (header !== undefined) found.push({ sheet, head, header });
    if (head.length > 0) first ??= { sheet, head };
  }
  const [choice, ...others] = found;
  if (choice !== undefined) {
    if (others.length > 0 || sheets.length > 1) {
      const also = others.length === 0 ? '' : `; ${listHeaders(others.map(({ sheet }) => sheet.name))} could be read as well, with --sheet`;
      teller.notice(`${name}: sheet ${quoteHeader(choice.sheet.name)} is read${also}.`);
    }
    return choice;
  }
  const hidden = sheets.filter((sheet) => sheet.hidden && named === undefined);
  const aside = hidden.length === 0 ? '' : ` Hidden sheets were not looked at: ${listHeaders(hidden.map((sheet) => sheet.name))}.`;
  if (first === undefined)
    throw usageError(
      `${name} names no recordings: its sheets are empty.${aside}`,
      'Check that this is the right file, or name a sheet with --sheet.',
    );
  const likely = likelyHeader(first.head);
  throw usageError(
    `${name} has no column headed ${quoteHeader(options.column ?? 'Recording ID')} in ${named === undefined ? 'any sheet' : `sheet ${quoteHeader(named.name)}`}. The columns of sheet ${quoteHeader(first.sheet.name)}: ${listHeaders(likely)}.${aside}`,
    'Name the column that holds the recording ids with --column, and the sheet with --sheet.',
  );
}

function namedSheet(sheets: readonly Sheet[], wanted: string, name: string): Sheet {
  const plain = (text: string) => text.trim().toLowerCase();
  const found = sheets.find((sheet) => sheet.name === wanted) ?? sheets.find((sheet) => plain(sheet.name) === plain(wanted));
  if (found !== undefined) return found;
  throw usageError(
    `${name} has no sheet ${quoteHeader(wanted)}. Its sheets: ${listHeaders(sheets.map((sheet) => sheet.name))}.`,
    'Name one of them with --sheet.',
  );
}

/** The first rows of a sheet: enough for its header, and a sample of what is below. */
async function headOf(batches: AsyncGenerator<SheetRow[], void, undefined>): Promise<SheetRow[]> {
  const head: SheetRow[] = [];
  for await (const batch of batches) {
    head.push(...batch);
    if (head.length >= 2 * HEAD_ROWS) break;
  }
  return head.slice(0, 2 * HEAD_ROWS);
}

/** The row with the most filled cells among the first: titles have few. */
function likelyHeader(head: readonly SheetRow[]): string[] {
  const filled = (row: SheetRow) => row.fields.filter((field) => field !== '').length;
  const [first] = head.slice(0, HEAD_ROWS).sort((one, other) => filled(other) - filled(one) || one.number - other.number);
  return (first?.fields ?? []).filter((field) => field !== '');
}

function tableOf(
  zip: Zip,
  rows: AsyncGenerator<SheetRow[], void, undefined>,
  head: readonly SheetRow[],
  header: SheetRow,
  { name, teller }: Reading,
  column: string | undefined,
): ReportTable {
  const headers = header.fields.map(cleanHeader);
  if (headers.length > MAX_COLUMNS)
    throw usageError(
      `${name}, row ${header.number}: the header has more than ${MAX_COLUMNS} columns.`,
      'Check that this is the right file.',
    );
  const idColumn = findIdColumn(headers, column, name);
  const recordOf = ({ number, fields, inexact }: SheetRow): TableRecord => {
    const problem = inexact?.get(idColumn);
    if (fields.slice(headers.length).some((field) => field !== '')) {
      teller.row('have cells right of the last header', `${name}, row ${number} has cells right of the last header: they are no column.`);
      fields.length = headers.length;
    }
    if (problem === undefined) return { fields, line: number };
    const what = problem === 'date' ? 'a date that a spreadsheet has made of the id' : 'a number that a spreadsheet has rounded';
    return {
      fields,
      line: number,
      problem: `the id ${JSON.stringify(fields[idColumn])} in cell ${columnLetters(idColumn)}${number} is ${what}`,
    };
  };
  return {
    header: { headers, raw: csvLine(headers), delimiter: ',', idColumn },
    sample: head.filter(({ number }) => number > header.number).map(({ fields }) => fields),
    comments: 0,
    place: (line, at) => (at === undefined ? `row ${line}` : `cell ${columnLetters(at)}${line}`),
    async *records() {
      try {
        for await (const batch of rows) yield batch.filter(({ number }) => number > header.number).map(recordOf);
      } finally {
        zip.close();
      }
    },
  };
}

const NOT_XLSX = 'Open it in a spreadsheet, save it as .xlsx or as "CSV UTF-8", and give that.';

/** What an archive is that is no workbook of this kind, by a part that it has. */
const ARCHIVES: readonly (readonly [part: RegExp, format: string, hint?: string])[] = [
  [/^xl\/workbook\.bin$/u, 'a binary Excel workbook (.xlsb)', NOT_XLSX],
  [/^word\//u, 'a Word document (.docx)'],
  [/^ppt\//u, 'a PowerPoint presentation (.pptx)'],
  [/^Index\/.*\.iwa$|^Index\.zip$/u, 'a Numbers, Pages or Keynote document', 'Export it from there as .xlsx or CSV, and give that.'],
  [/^content\.xml$/u, 'an OpenDocument spreadsheet (.ods) or text', NOT_XLSX],
];

function notAWorkbook(zip: Zip, name: string) {
  const found = ARCHIVES.find(([part]) => zip.names.some((entry) => part.test(entry)));
  return found === undefined
    ? notAList(name, 'a zip archive', 'Unpack it first, and give the file that is in it.')
    : notAList(name, found[1], found[2]);
}
