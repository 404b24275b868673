import { usageError } from '../errors.ts';
import { listHeaders, normaliseHeader } from './columns.ts';
import { CsvReader, type CsvRecord } from './csv-reader.ts';
import { refuseForeignLines, refuseForeignText, refuseTable } from './foreign-text.ts';
import { cleanHeader, DELIMITERS, HEAD_ROWS, type Head, isComment } from './head-reader.ts';
import { findIdColumn, idColumns } from './id-column.ts';
import { idOfLine } from './id-lines.ts';
import type { Delimiter } from './list-row.ts';
import { NO_ID, readId, refusedId, stripOuter } from './recording-id.ts';

/** What the first lines of a list tell of it. */
export type ListHead = { kind: 'ids' } | ReportHead;

/** Where a report begins, and what its fields are separated by. */
export interface ReportHead {
  kind: 'report';
  delimiter: Delimiter;
  /** Where in the head's text the header row begins. */
  start: number;
  /** The line that it begins on, from 1. */
  line: number;
  /** The lines above it that are no comments: a report's title. Not the line of Excel that says `sep=;`. */
  titles: number;
}

const DELIMITER_NAMES: Record<Delimiter, string> = { ',': 'commas', ';': 'semicolons', '\t': 'tabs', '|': 'bars' };

/** The header of a column alone, as many programs call an id: such a line begins a report, though it could be an id by its looks. */
const ID_WORDS = new Set(
  'id,ids,uuid,guid,uid,uniqueid,recording,recordings,recordingsid,recordingurl,recordid,callid,callsid,callrecordingid,filename,file,url,link,sid'.split(
    ',',
  ),
);

/**
 * Tells a list of ids from a report by its first lines together. It is a report where one of them holds the id's header; of several that
 * do, and of several delimiters, that is taken with which most of the lines below agree. It is a list where each line can be an id, or, with
 * `skipsBadRows`, most can.
 *
 * Throws USAGE for what is neither, by name where it can be told what it is (HTML, Markdown, a table of psql); for a report without the id's
 * column, listing its headers; and for a list with what cannot be an id, with its line.
 */
export function recogniseHead(head: Head, column: string | undefined, name: string, skipsBadRows = false): ListHead {
  refuseTable(head.text, name);
  const separator = /^"?sep=(?<separator>[,;\t|])"?\s*$/iu.exec(head.text.split(/[\r\n]/u, 1)[0] ?? '')?.groups?.separator;
  const all = DELIMITERS.map((delimiter) => {
    const rows = rowsOf(head, delimiter);
    return { delimiter, rows: separator === undefined ? rows : rows.slice(1) };
  });
  const announced = all.filter(({ delimiter }) => delimiter === separator);
  // What the line of Excel says holds, unless there is no header by it.
  const readings = findHeader(announced, column) === undefined ? all : announced;
  const found = findHeader(readings, column);
  if (found !== undefined && !(found.rows[found.index]?.fields.length === 1 && standsInList(found.rows, found.index))) {
    const { delimiter, rows, index } = found;
    const { line, start } = rows[index] as HeadRow;
    return { kind: 'report', delimiter, start, line, titles: index };
  }
  const [{ rows } = { rows: [] }] = readings;
  const lines = rows.flatMap(({ raw, line }) => raw.split(/\r\n|\n|\r/u).map((text, index) => ({ text, line: line + index })));
  const noIds = lines.filter(({ text }) => typeof idOfLine(text) !== 'string');
  const [bad] = skipsBadRows && noIds.length < lines.length / 2 ? [] : noIds;
  const isHeaderAlone = ID_WORDS.has(normaliseHeader(stripOuter(lines[0]?.text ?? '')));
  if (bad === undefined && !isHeaderAlone) {
    refuseForeignText(head.text, name);
    if (column === undefined) return { kind: 'ids' };
    throw usageError(
      `${name} has no header row, so no column ${JSON.stringify(column)}.`,
      'Leave --column out for a list of ids, or give the report with its header row.',
    );
  }
  throw neither({ name, head, column, readings, lines, bad: bad ?? lines[0] });
}

/** Whether a text begins as JSON does, and not as a placeholder in braces. */
export function looksLikeJson(text: string): boolean {
  return /^\s*(?:\[\s*(?:[{["\]\d-]|null|$)|\{\s*(?:"|\}|$))/u.test(text);
}

interface HeadRow extends CsvRecord {
  start: number;
}

interface HeadReading {
  delimiter: Delimiter;
  rows: HeadRow[];
}

function rowsOf({ text, line }: Head, delimiter: Delimiter): HeadRow[] {
  const rows: HeadRow[] = [];
  let start = 0;
  for (const record of new CsvReader(delimiter, line).read(text, true)) {
    const tells = record.fields.some((field) => stripOuter(field) !== '') && (start === 0 || !isComment(record.raw, undefined));
    if (tells) rows.push({ ...record, fields: record.fields.map(cleanHeader), start });
    start += record.raw.length + (text.startsWith('\r\n', start + record.raw.length) ? 2 : 1);
    if (rows.length === HEAD_ROWS) break;
  }
  return rows;
}

function findHeader(readings: readonly HeadReading[], column: string | undefined): (HeadReading & { index: number }) | undefined {
  const candidates = readings.flatMap((reading) =>
    reading.rows.flatMap(({ fields }, index) => {
      if (idColumns(fields, column).length === 0) return [];
      // A header alone on its line says nothing of delimiters: below it, each of them is one too many.
      if (fields.length === 1 && reading !== readings[0]) return [];
      const agreeing = reading.rows.slice(index + 1).filter((row) => row.fields.length === fields.length).length;
      return [{ ...reading, index, agreeing, width: fields.length }];
    }),
  );
  return candidates.sort((one, other) => other.agreeing - one.agreeing || other.width - one.width || one.index - other.index)[0];
}

/** Whether a header of one column stands below lines that are ids by their looks: lists that were put together, and no title. */
function standsInList(rows: readonly HeadRow[], index: number): boolean {
  return index > 0 && rows.slice(0, index).every(({ raw }) => /\d/u.test(raw) && typeof idOfLine(raw) === 'string');
}

interface Neither {
  name: string;
  head: Head;
  column: string | undefined;
  readings: readonly HeadReading[];
  lines: readonly { text: string; line: number }[];
  /** A line that cannot be an id, or that is a header for certain. */
  bad: { text: string; line: number } | undefined;
}

/** The error for what is no list of ids and has no header with the id's column. */
function neither({ name, head, column, readings, lines, bad }: Neither): Error {
  refuseForeignText(head.text, name);
  const ids = lines.filter(({ text }) => typeof idOfLine(text) === 'string').length;
  const tables = readings.map((reading) => ({ ...reading, width: usualWidth(reading.rows) })).filter(({ width }) => width > 1);
  const [table] = tables.sort((one, other) => other.width * agreement(other) - one.width * agreement(one));
  if (table !== undefined && ids <= lines.length / 2 && (agreement(table) > 1 || ids === 0)) {
    const { delimiter, rows, width } = table;
    if (rows.every(({ fields }) => fields.every(looksLikeId))) {
      const [file, separator] = [name.includes(' ') ? 'FILE' : name, delimiter === '\t' ? '\\t' : delimiter];
      return usageError(
        `${name}, line ${rows[0]?.line ?? 1} has several values separated by ${DELIMITER_NAMES[delimiter]}, and no header; a list has one id on each line.`,
        `Put each id on a line of its own: tr '${separator}' '\\n' < ${file} | kaleyra-rec batch -`,
      );
    }
    const header = rows.find(({ fields }) => fields.length === width);
    if (header?.problem !== undefined)
      return usageError(`${name}, line ${header.line}: ${header.problem}.`, 'Correct the row, or export the report again.');
    try {
      findIdColumn(header?.fields ?? [], column, name);
    } catch (error) {
      return error as Error;
    }
  }
  refuseForeignLines(head.text, name);
  if (bad !== undefined && ID_WORDS.has(normaliseHeader(stripOuter(bad.text)))) {
    return usageError(
      `${name} has no column headed "Recording ID". Its columns: ${listHeaders([stripOuter(bad.text)])}.`,
      `Name the column that holds the recording ids with --column, as --column ${JSON.stringify(stripOuter(bad.text))}.`,
    );
  }
  const problem = bad === undefined ? NO_ID : idOfLine(bad.text);
  return refusedId(bad?.text ?? '', typeof problem === 'string' ? NO_ID : problem, `${name}, line ${bad?.line ?? 1}`);
}

/** How many fields most of the rows have that have more than one. */
function usualWidth(rows: readonly HeadRow[]): number {
  const counts = new Map<number, number>();
  for (const { fields } of rows) if (fields.length > 1) counts.set(fields.length, (counts.get(fields.length) ?? 0) + 1);
  return [...counts].sort(([width, count], [otherWidth, otherCount]) => otherCount - count || otherWidth - width)[0]?.[0] ?? 1;
}

function agreement({ rows, width }: HeadReading & { width: number }): number {
  return rows.filter(({ fields }) => fields.length === width).length;
}

/** Whether a value is an id rather than a header: it has a digit or ends in =, and no blank. */
function looksLikeId(value: string): boolean {
  const id = readId(value);
  return value === '' || (typeof id === 'string' && /\d|=$/u.test(id) && !/\s/u.test(id) && !/^[+\d.,:/ -]*$/u.test(id));
}
