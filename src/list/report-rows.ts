import { type RecordingError, usageError } from '../errors.ts';
import { normaliseHeader } from './columns.ts';
import type { Delimiter, ListRow } from './list-row.ts';
import { isCommentText, NO_ID, readId, refusedId, stripOuter, unguard } from './recording-id.ts';
import { csvLine, leaveOut, type Reading, type ReportTable, type TableRecord } from './report-table.ts';
import { RowEvidence } from './row-evidence.ts';

/**
 * The rows of a report, many at a time, as they come. A row without an id, a comment, a repeated header and a total are given too, to be
 * counted; what was passed over for another reason than a blank id is told with its line.
 *
 * Throws USAGE, with the line, for a row that cannot be read: quotes in the wrong place, more fields than headers, or what cannot be an id in
 * the id's column; the rows before it are given first. With `onBadRow` such rows are handed to it instead.
 */
export async function* reportRows(table: ReportTable, reading: Reading): AsyncGenerator<ListRow[], void, undefined> {
  const maker = new RowMaker(table, reading);
  if (table.comments > 0) yield Array.from({ length: table.comments }, () => COMMENT);
  for await (const records of table.records()) {
    const rows: ListRow[] = [];
    try {
      for (const record of records) {
        const row = maker.make(record);
        if (row !== undefined) rows.push(row);
      }
    } catch (error) {
      if (rows.length > 0) yield rows;
      throw error;
    }
    if (rows.length > 0) yield rows;
  }
  if (!maker.anyId) reading.teller.warning(`${reading.name} names no recordings: none of its rows has an id.`);
  reading.teller.end();
}

/** A comment above the header, of which nothing is left but that it is counted. */
const COMMENT: ListRow = { id: '', line: 0, raw: '', leftOut: 'passedOver' };

const SEPARATORS: Record<Delimiter, string> = { ',': 'commas', ';': 'semicolons', '\t': 'tabs', '|': 'bars' };

class RowMaker {
  /** Whether a row has named a recording. */
  anyId = false;
  readonly #table: ReportTable;
  readonly #reading: Reading;
  readonly #evidence: RowEvidence;
  readonly #headers: ReadonlySet<string>;
  readonly #idHeader: string;
  /** Whether what begins with # is a comment: not below a header that begins with one, nor where the id is in another column. */
  readonly #hasComments: boolean;

  constructor(table: ReportTable, reading: Reading) {
    this.#table = table;
    this.#reading = reading;
    const { headers, idColumn } = table.header;
    this.#headers = new Set(headers.map(normaliseHeader));
    this.#idHeader = normaliseHeader(headers[idColumn] ?? '');
    this.#evidence = new RowEvidence(table.sample, idColumn, (value) => this.#isIdHeader(value));
    this.#hasComments = idColumn === 0 && !table.header.raw.startsWith('#');
  }

  make(record: TableRecord): ListRow | undefined {
    try {
      return this.#make(record);
    } catch (error) {
      leaveOut(error, rawOf(record), record.line, this.#reading);
      return undefined;
    }
  }

  #make(record: TableRecord): ListRow | undefined {
    const { fields, line } = record;
    const { headers, idColumn } = this.#table.header;
    if (record.raw === '') return undefined;
    if (this.#hasComments && fields[0]?.startsWith('#') && isCommentText(stripOuter(fields[0]))) return this.#passOver(record);
    if (record.problem === undefined && fields.length !== headers.length) this.#fit(record);
    const why = this.#noCall(fields);
    if (why !== undefined) return this.#passOver(record, why);
    if (record.problem !== undefined) throw this.#malformed(record.line, record.problem);
    if (fields.length > headers.length) throw this.#malformed(line, `the row has ${fields.length} fields under ${headers.length} headers`);
    const value = fields[idColumn] ?? '';
    // Only text has the guards of a spreadsheet: in a workbook or in JSON an apostrophe is one.
    if (record.raw !== undefined) this.#unguardAll(fields, value);
    const id = readId(value);
    if (typeof id !== 'string') throw refusedId(value, id, this.#place(line));
    if (/\s/u.test(id)) {
      if (this.#evidence.idsHoldBlanks || !this.#anyPlain()) throw refusedId(value, NO_ID, this.#place(line));
      return this.#passOver(record, 'has a blank in its id, where the other rows have none');
    }
    if (headers.length === 1 && /[,;|]/u.test(id)) throw refusedId(value, NO_ID, this.#place(line));
    if (id === this.#evidence.roundedId) throw this.#rounded(id, line);
    // An address keeps what else it says.
    if (id !== '' && !value.includes('?')) fields[idColumn] = id;
    const row: ListRow = { id, line, raw: rawOf(record), columns: fields };
    if (id === '') row.leftOut = 'blank';
    else this.anyId = true;
    return row;
  }

  /** Gives a row as many fields as there are headers, where what is missing or too much is blank. */
  #fit({ fields, raw = '', line }: TableRecord): void {
    const { headers, delimiter } = this.#table.header;
    const width = headers.length;
    if (fields.length === 1) {
      const other = (Object.keys(SEPARATORS) as Delimiter[]).find((one) => raw.split(one).length >= Math.min(width, 3));
      if (other !== undefined && other !== delimiter) {
        throw this.#malformed(line, `the row is separated by ${SEPARATORS[other]}, the header by ${SEPARATORS[delimiter]}`);
      }
    }
    while (fields.length > width && fields.at(-1)?.trim() === '') fields.pop();
    while (fields.length < width) fields.push('');
  }

  /** Why a row is no call; undefined for one that may be. */
  #noCall(fields: readonly string[]): string | undefined {
    const value = fields[this.#table.header.idColumn] ?? '';
    const isHeader = (field: string) => field.length < LONGEST_HEADER && this.#headers.has(normaliseHeader(stripOuter(field)));
    if (this.#isIdHeader(value)) return 'repeats the header';
    // The id first: for nearly every call it settles the question, and the other cells need no look.
    if (value !== '' && isHeader(value) && fields.every(isHeader)) return 'repeats the header';
    return this.#evidence.isFooter(fields) ? 'is a total or a closing line of the report, not a call' : undefined;
  }

  #isIdHeader(value: string): boolean {
    return value.length < LONGEST_HEADER && value !== '' && normaliseHeader(stripOuter(value)) === this.#idHeader;
  }

  /** Whether ids without a blank were seen, among the first rows or since. */
  #anyPlain(): boolean {
    const { idColumn } = this.#table.header;
    return this.anyId || this.#table.sample.some((row) => /^\S+$/u.test(stripOuter(row[idColumn] ?? '')));
  }

  #passOver(record: TableRecord, why?: string): ListRow {
    if (why !== undefined) this.#reading.teller.row('passed over', `${this.#place(record.line)} is passed over: it ${why}.`);
    return { id: '', line: record.line, raw: rawOf(record), columns: record.fields, leftOut: 'passedOver' };
  }

  #unguardAll(fields: string[], value: string): void {
    // Where an export guards the id, it guards every cell.
    const guardsAll = value.startsWith("'");
    for (const [index, field] of fields.entries()) {
      const first = field.charCodeAt(0);
      if (first === APOSTROPHE) fields[index] = guardsAll ? field.slice(1) : unguard(field);
      else if (first === EQUALS) fields[index] = unguard(field);
    }
  }

  #place(line: number): string {
    return `${this.#reading.name}, ${this.#table.place(line, this.#table.header.idColumn)}`;
  }

  #malformed(line: number, problem: string): RecordingError {
    return usageError(
      `${this.#reading.name}, ${this.#table.place(line)}: ${problem}.`,
      'Correct the row or export the report again (a field with a delimiter, quote or line break in it belongs in quotes), or go on without such rows with --skip-bad-rows.',
    );
  }

  #rounded(id: string, line: number): RecordingError {
    const why = 'is a number that a spreadsheet has rounded to 15 digits, like the other long ids of the report';
    return refusedId(id, { why, hint: 'Export the report again with the id column formatted as text.' }, this.#place(line));
  }
}

const LONGEST_HEADER = 100;
const EQUALS = 0x3d;
const APOSTROPHE = 0x27;

function rawOf(record: TableRecord): string {
  return record.raw ?? csvLine(record.fields);
}
