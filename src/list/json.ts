import { type RecordingError, usageError } from '../errors.ts';
import { isObject } from '../is-object.ts';
import { listHeaders, quoteHeader } from './columns.ts';
import type { Head } from './head-reader.ts';
import type { NumberedLine } from './id-lines.ts';
import { arraysIn, idKey, type JsonRecord, keysOf, objectsAt, parseValue, type RecordPath, recordOf } from './json-records.ts';
import { type JsonText, JsonValues } from './json-values.ts';
import { MAX_COLUMNS } from './list-row.ts';
import { csvLine, type Reading, type ReportTable, type TableRecord } from './report-table.ts';

/** So many records are looked at for their keys, at most. */
const SAMPLE = 1000;

const JSON_HINT =
  'Give an array of objects, an answer with one inside, or one object on each line; jq can cut it out: jq -c ".data[]" FILE | kaleyra-rec batch -';

/** What JSON is read as: a report, or a list where it is an array of strings. */
export type JsonList = { report: ReportTable } | { ids: AsyncIterable<NumberedLine[]> };

/**
 * Opens JSON: an array of objects, an answer with one such array inside (four keys deep at most), objects one behind the other, an array of
 * strings. Arrays and objects one behind the other are read as a stream; an answer at once, where it has at most `MAX_JSON_VALUE` characters.
 * The keys of the records that have come by then are the headers. Throws USAGE for what is none of these, or has no id.
 */
export async function openJson(head: Head, pieces: JsonPieces, reading: Reading, column: string | undefined): Promise<JsonList> {
  const { name } = reading;
  const isArray = head.text.trimStart().startsWith('[');
  const values = new JsonValues(isArray, head.line);
  const first: JsonText[] = [...values.read(head.text, false)];
  let ended = false;
  while (first.length === 0 && !ended && values.failure === undefined) {
    const piece = await pieces.next({ patient: true });
    ended = piece === undefined;
    first.push(...values.read(typeof piece === 'string' ? piece : '', ended));
  }
  if (first.length === 0 && values.failure !== undefined) throw notJson(name, values.failure);
  if (first.length === 0) throw usageError(`${name} names no recordings: it is an empty JSON array.`, 'Check that what wrote it worked.');
  const texts = async function* () {
    yield first;
    for await (const piece of ended ? [] : pieces.after('')) {
      const read = [...values.read(piece, false)];
      if (read.length > 0) yield read;
      if (values.failure !== undefined) break;
    }
    if (values.failure === undefined && !ended) yield [...values.read('', true)];
    if (values.failure !== undefined) throw notJson(name, values.failure);
  };
  const sample = parseSample(first, name, reading.onBadRow !== undefined);
  if (sample.every((value) => value === null || ['string', 'number'].includes(typeof value))) return { ids: idsOf(texts(), name) };
  const path = findPath(sample, column, name);
  return { report: reportOf({ texts, sample, path, isArray, column, reading }) };
}

/** The text behind what was looked at already. */
export interface JsonPieces {
  next(how: { patient: boolean }): Promise<string | undefined | 'pause'>;
  after(text: string): AsyncIterable<string>;
}

function parseSample(texts: readonly JsonText[], name: string, skipsBadRows = false): unknown[] {
  return texts.slice(0, SAMPLE).flatMap((text) => {
    try {
      return [parseValue(text)];
    } catch {
      // It is handed over when the rows are read.
      if (skipsBadRows && texts.length > 1) return [];
      throw notJson(name, `what stands in line ${text.line} is damaged`);
    }
  });
}

/** Where the records are: in the values themselves where these have the id, else in the one array in them whose objects do. */
function findPath(sample: readonly unknown[], column: string | undefined, name: string): RecordPath {
  const objects = sample.filter(isObject);
  const keys = keysOf(objects.map(recordOf));
  const arrays = new Map<string, { path: RecordPath; keys: string[] }>();
  for (const value of objects) {
    for (const { path, objects: inner } of arraysIn(value)) {
      const key = path.join('.');
      const known = arrays.get(key) ?? { path, keys: [] };
      arrays.set(key, { path, keys: [...new Set([...known.keys, ...keysOf(inner.slice(0, SAMPLE).map(recordOf))])] });
    }
  }
  const withId = [...arrays.values()].filter((array) => idKey(array.keys, column) !== undefined);
  // An answer has an id of its own now and then: that of the records in it is the one that is meant.
  const [found, another] = withId;
  const own = idKey(keys, column);
  if (found !== undefined && another === undefined && (own === undefined || objects.length === 1)) return found.path;
  if (own !== undefined) return [];
  if (another !== undefined) {
    const paths = withId.map(({ path }) => quoteHeader(path.join('.')));
    throw usageError(`${name} has several arrays of objects with an id: ${paths.join(', ')}.`, JSON_HINT);
  }
  const shown = [...arrays.values()].sort((one, other) => other.keys.length - one.keys.length)[0]?.keys ?? keys;
  if (shown.length === 0) throw notJson(name, 'it holds no array of objects');
  const [empty, other] = Object.entries(objects[0] ?? {}).filter(([, inner]) => Array.isArray(inner) && inner.length === 0);
  if (empty !== undefined && other === undefined && objects.length === 1)
    throw usageError(`${name} names no recordings: its array ${quoteHeader(empty[0])} is empty.`, 'Check that what wrote it worked.');
  throw usageError(
    `${name} has no key ${quoteHeader(column ?? 'Recording ID')}${column === undefined ? ' or "id"' : ''}, or more than one like it. Its keys: ${listHeaders(shown)}.`,
    'Name the key that holds the recording ids with --column; a key in a nested object is written with dots, as --column call.recordingId.',
  );
}

interface JsonReport {
  texts: () => AsyncGenerator<JsonText[], void, undefined>;
  sample: readonly unknown[];
  path: RecordPath;
  isArray: boolean;
  column: string | undefined;
  reading: Reading;
}

function reportOf({ texts, sample, path, isArray, column, reading }: JsonReport): ReportTable {
  const { name } = reading;
  const records = sample
    .flatMap((value) => (objectsAt(value, path) ?? []).filter(isObject))
    .slice(0, SAMPLE)
    .map(recordOf);
  const headers = keysOf(records);
  if (headers.length > MAX_COLUMNS) throw notJson(name, `its records have more than ${MAX_COLUMNS} keys`);
  const idColumn = idKey(headers, column) ?? 0;
  // As CSV, in failed.txt, an id is found by its header alone.
  const raw = csvLine(headers.map((header, index) => (index === idColumn && column === undefined ? 'Recording ID' : header)));
  const known = new Set(headers);
  const unit = isArray || path.length > 0 ? 'record' : 'line';
  return {
    header: { headers, raw, delimiter: ',', idColumn },
    sample: records.slice(0, 20).map((record) => fieldsOf(record, headers)),
    comments: 0,
    place: (line) => `${unit} ${line}`,
    async *records() {
      let number = 0;
      for await (const batch of texts()) {
        const rows: TableRecord[] = [];
        for (const text of batch) {
          for (const value of valuesOf(text, path)) {
            number++;
            const line = unit === 'line' ? text.line : number;
            if (!isObject(value)) {
              rows.push({
                fields: [],
                raw: text.text.slice(0, 1000),
                line,
                problem: value === DAMAGED ? 'it cannot be read as JSON' : 'it is not an object',
              });
              continue;
            }
            const record = recordOf(value);
            tellNewKeys(record, known, reading, `${unit} ${line}`);
            rows.push({ fields: fieldsOf(record, headers), line });
          }
        }
        yield rows;
      }
    },
  };
}

const DAMAGED = Symbol('damaged');

function valuesOf(text: JsonText, path: RecordPath): unknown[] {
  try {
    return objectsAt(parseValue(text), path) ?? [];
  } catch {
    return [DAMAGED];
  }
}

function fieldsOf(record: JsonRecord, headers: readonly string[]): string[] {
  return headers.map((header) => record.get(header) ?? '');
}

function tellNewKeys(record: JsonRecord, known: Set<string>, { teller, name }: Reading, place: string): void {
  for (const key of record.keys()) {
    if (known.has(key)) continue;
    if (known.size < MAX_COLUMNS) known.add(key);
    teller.row(
      'have further keys',
      `${name}, ${place} has a key that the first records do not have, ${quoteHeader(key)}: it is no column.`,
    );
  }
}

async function* idsOf(texts: AsyncIterable<JsonText[]>, name: string): AsyncGenerator<NumberedLine[], void, undefined> {
  for await (const batch of texts) {
    yield batch.map((text) => {
      const value = parseSample([text], name)[0];
      return { text: value === null ? 'null' : String(value), line: text.line };
    });
  }
}

function notJson(name: string, why: string): RecordingError {
  return usageError(`${name} is JSON that cannot be read as a report: ${why}.`, JSON_HINT);
}
