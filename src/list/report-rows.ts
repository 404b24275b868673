import { CsvError, type Options, Parser } from 'csv-parse';
import { asRecordingError, type RecordingError, usageError } from '../errors.ts';
import { checkId } from './check-id.ts';
import { findIdColumn } from './id-column.ts';
import { type Delimiter, type ListRow, MAX_ROW_LENGTH, type ReportHeader } from './list-row.ts';
import { countLineBreaks } from './text-source.ts';

/** What is known of a report before it is parsed. */
export interface ReportSource {
  /** How errors call it. */
  name: string;
  delimiter: Delimiter;
  /** The line on which the header row begins, from 1. */
  line: number;
  /** The header of the id's column, where the caller names it. */
  column: string | undefined;
}

/**
 * Reads a report (RFC 4180: quotes doubled within quotes, line breaks allowed there) whose text begins with its header row. Gives the
 * header, and the rows as they come, as many at a time as a piece of the text holds. Lines without a character are passed over; a row
 * without an id has an empty `id`. A row may lack fields at its end, as spreadsheets leave empty ones out.
 *
 * Throws USAGE, with the line the row starts on, for quotes in the wrong place or never closed, for a row with more fields than
 * headers or longer than {@link MAX_ROW_LENGTH}, and for an id that holds control characters; and when the id's column cannot be told.
 * The rows before a bad one are given first.
 */
export async function readReport(
  pieces: AsyncIterator<string, void, undefined>,
  source: ReportSource,
): Promise<{ header: ReportHeader; batches: AsyncGenerator<ListRow[], void, undefined> }> {
  const collector = new RowCollector(source);
  const parser = new RecordParser(
    {
      delimiter: source.delimiter,
      record_delimiter: ['\r\n', '\n', '\r'],
      relax_column_count: true,
      max_record_size: MAX_ROW_LENGTH,
      raw: true,
    },
    (record) => collector.take(record),
  );
  parser.on('error', () => {}); // each error is handed to the write that met it
  for (;;) {
    const more = await feed(parser, pieces, collector);
    if (collector.header !== undefined) return { header: collector.header, batches: batches(parser, pieces, collector, more) };
    if (!more) throw collector.failure ?? usageError(`${source.name} has no header row.`, 'Export the report again.');
  }
}

interface ParsedRecord {
  record: string[];
  raw: string;
}

/**
 * Hands its records over one by one as they are parsed, in place of putting them into its output stream: the line of a row that turns out
 * malformed is known exactly, and no stream layer is paid for. csv-parse's `on_record` would do so too, at 2.7 µs a record for what it tells
 * beside the record: 5 s of a million rows that are read twice.
 */
class RecordParser extends Parser {
  readonly #take: (record: ParsedRecord) => void;

  constructor(options: Options, take: (record: ParsedRecord) => void) {
    super(options);
    this.#take = take;
  }

  override push(record: ParsedRecord | null): boolean {
    if (record === null) return super.push(null);
    this.#take(record);
    return true;
  }
}

async function* batches(
  parser: Parser,
  pieces: AsyncIterator<string, void, undefined>,
  collector: RowCollector,
  begun: boolean,
): AsyncGenerator<ListRow[], void, undefined> {
  for (let more = begun; ; more = await feed(parser, pieces, collector)) {
    const rows = collector.takeRows();
    if (rows.length > 0) yield rows;
    if (!more) break;
  }
  if (collector.failure !== undefined) throw collector.failure;
}

/** Parses one more piece; false when there is no more to come, because the text has ended or a row is malformed. */
async function feed(parser: Parser, pieces: AsyncIterator<string, void, undefined>, collector: RowCollector): Promise<boolean> {
  const piece = await pieces.next();
  const failure = await new Promise<Error | null | undefined>((resolve) => {
    if (piece.done) parser.end(resolve);
    else parser.write(piece.value, 'utf8', resolve);
  });
  if (failure != null) collector.fail(failure);
  return piece.done !== true && collector.failure === undefined;
}

/** Turns parsed records into rows, and knows the line that the next one starts on. */
class RowCollector {
  header: ReportHeader | undefined;
  failure: RecordingError | undefined;
  readonly #source: ReportSource;
  #rows: ListRow[] = [];
  #line: number;

  constructor(source: ReportSource) {
    this.#source = source;
    this.#line = source.line;
  }

  take(parsed: ParsedRecord): void {
    if (this.failure !== undefined) return;
    try {
      this.#take(parsed);
    } catch (error) {
      this.failure = asRecordingError(error);
    }
  }

  #take(parsed: ParsedRecord): void {
    const { record } = parsed;
    // The parser gives a row's line end as its first character alone, and that of the last row may be missing.
    const raw = /[\r\n]$/u.test(parsed.raw) ? parsed.raw.slice(0, -1) : parsed.raw;
    if (this.header === undefined) this.header = this.#readHeader(record, raw);
    else if (raw !== '') this.#addRow(this.header, record, raw);
    this.#line += countLineBreaks(raw) + 1;
  }

  takeRows(): ListRow[] {
    const rows = this.#rows;
    this.#rows = [];
    return rows;
  }

  fail(error: Error): void {
    this.failure ??= error instanceof CsvError ? this.#malformed(PROBLEMS[error.code] ?? error.message, error) : asRecordingError(error);
  }

  #readHeader(record: readonly string[], raw: string): ReportHeader {
    const headers = record.map((header) => header.trim());
    const idColumn = findIdColumn(headers, this.#source.column, this.#source.name);
    return { headers, raw, delimiter: this.#source.delimiter, idColumn };
  }

  #addRow(header: ReportHeader, columns: string[], raw: string): void {
    const width = header.headers.length;
    // A report of one column is a list with a header, and what is a comment in a list is one here.
    if (width === 1 && raw.startsWith('#')) return;
    if (columns.length > width) {
      if (columns.slice(width).some((field) => field.trim() !== '')) {
        throw this.#malformed(`the row has ${columns.length} fields under ${width} headers`);
      }
      columns.length = width;
    }
    while (columns.length < width) columns.push('');
    const id = (columns[header.idColumn] ?? '').trim();
    checkId(id, this.#source.name, this.#line);
    this.#rows.push({ id, line: this.#line, raw, columns });
  }

  #malformed(problem: string, cause?: unknown): RecordingError {
    return usageError(
      `${this.#source.name}, line ${this.#line}: ${problem}.`,
      'Mend the row, or export the report as CSV again; a field that holds the delimiter, a quote or a line break stands in quotes.',
      cause,
    );
  }
}

/** csv-parse's error codes in the words of who has the file before them. */
const PROBLEMS: Partial<Record<string, string>> = {
  CSV_QUOTE_NOT_CLOSED: 'a quote is opened and never closed',
  CSV_INVALID_CLOSING_QUOTE: 'a quoted field goes on behind its closing quote',
  INVALID_OPENING_QUOTE: 'a quote stands in the middle of a field that does not begin with one',
  CSV_MAX_RECORD_SIZE: `the row is longer than ${MAX_ROW_LENGTH / 1024 / 1024} MB, as when a quote is opened and never closed`,
};
