import { usageError } from '../errors.ts';
import { CsvReader, type CsvRecord } from './csv-reader.ts';
import { cleanHeader, HEAD_ROWS, type Head } from './head-reader.ts';
import { findIdColumn } from './id-column.ts';
import type { ReportHead } from './list-head.ts';
import { MAX_COLUMNS, type ReportHeader } from './list-row.ts';
import type { ReportTable } from './report-table.ts';

/**
 * A report in CSV, whose head was recognised; `pieces` is what follows on the head. Throws USAGE for a header that cannot be read, that has
 * more columns than {@link MAX_COLUMNS}, or not one id's column.
 */
export function textReport(head: Head, found: ReportHead, pieces: AsyncIterable<string>, name: string, column?: string): ReportTable {
  const text = head.text.slice(found.start);
  const header = headerOf(rowReader(found)(text, true).next().value ?? undefined, found, name, column);
  const sample: CsvRecord[] = [];
  // Only whole rows: how the last goes on may be still to come.
  for (const record of rowReader(found)(text, false)) if (sample.push(record) > HEAD_ROWS) break;
  return {
    header,
    sample: sample.slice(1).map(({ fields }) => fields),
    comments: head.comments,
    place: (line) => `line ${line}`,
    async *records() {
      const read = rowReader(found);
      const belowHeader = (piece: string, ended: boolean) => batchesOf(read(piece, ended), ({ line }) => line > found.line);
      yield* belowHeader(text, false);
      for await (const piece of pieces) yield* belowHeader(piece, false);
      yield* belowHeader('', true);
    },
  };
}

/** So many rows are given at once at most: of a piece of very short ones they would fill the memory. */
const BATCH_ROWS = 2000;

function* batchesOf<Item>(items: Iterable<Item>, isWanted: (item: Item) => boolean): Generator<Item[], void, undefined> {
  let batch: Item[] = [];
  for (const item of items) {
    if (!isWanted(item)) continue;
    if (batch.push(item) < BATCH_ROWS) continue;
    yield batch;
    batch = [];
  }
  if (batch.length > 0) yield batch;
}

/** Reads the header row and, knowing its width by then, those below it. */
function rowReader({ delimiter, line }: ReportHead): (piece: string, ended: boolean) => Generator<CsvRecord, void, undefined> {
  const reader = new CsvReader(delimiter, line);
  return function* (piece, ended) {
    for (const record of reader.read(piece, ended)) {
      reader.width ??= record.fields.length;
      yield record;
    }
  };
}

function headerOf(record: CsvRecord | undefined, { delimiter, line }: ReportHead, name: string, column: string | undefined): ReportHeader {
  const { fields = [], raw = '', problem } = record ?? {};
  if (problem !== undefined) {
    throw usageError(`${name}, line ${line}: ${problem}, in the header row.`, 'Export the report again, or correct its header row.');
  }
  if (fields.length > MAX_COLUMNS) {
    throw usageError(
      `${name}, line ${line}: the header has ${fields.length} columns, more than ${MAX_COLUMNS}.`,
      'Check that the line breaks of the file are still there, and that it is the right file.',
    );
  }
  const headers = fields.map(cleanHeader);
  return { headers, raw, delimiter, idColumn: findIdColumn(headers, column, name) };
}
