import { idColumns } from './id-column.ts';
import { type Delimiter, MAX_ROW_LENGTH } from './list-row.ts';

/** What the first rows of a list tell of it. */
export type ListHead =
  | { kind: 'ids' }
  | {
      kind: 'report';
      delimiter: Delimiter;
      /** Where in the text the header row begins. */
      start: number;
      /** The line that it begins on, from 1. */
      line: number;
    };

/**
 * Tells a list of ids from a report by its first row that is neither blank nor a comment. It is a report's header when a comma,
 * semicolon or tab stands in it outside of quotes, or when the whole row reads like the id's header. A row that starts with `#` is a
 * comment, unless `#` alone is its first field and the id's header another (`#,Recording ID,Caller`). Excel's `sep=;` line settles the delimiter.
 *
 * `text` is the beginning of the list, and `ended` says that it is all of it. Gives undefined when more of it is needed.
 */
export function recogniseHead(text: string, ended: boolean, column: string | undefined): ListHead | undefined {
  let separator: Delimiter | undefined;
  for (let start = 0, line = 1; start < text.length; line++) {
    const plainEnd = lineEnd(text, start);
    if (plainEnd === text.length && !ended && text.length - start <= MAX_ROW_LENGTH) return undefined;
    const plainRow = text.slice(start, plainEnd);
    const hint = /^sep=([,;\t])\s*$/iu.exec(plainRow)?.[1];
    if (line === 1 && hint !== undefined) {
      separator = hint as Delimiter;
    } else if (plainRow.startsWith('#')) {
      const delimiter = chooseDelimiter(scanRow(plainRow, 0), column, separator);
      if (delimiter !== undefined && isNumberedHeader(plainRow, delimiter, column)) return { kind: 'report', delimiter, start, line };
    } else if (plainRow.trim() !== '') {
      const row = scanRow(text, start);
      const unfinished = row.end === text.length && !ended;
      if (unfinished && text.length - start <= MAX_ROW_LENGTH) return undefined;
      const whole = row.quoteOpen ? scanRow(plainRow, 0, false) : row;
      const delimiter = chooseDelimiter(whole, column, separator);
      return delimiter === undefined ? { kind: 'ids' } : { kind: 'report', delimiter, start, line };
    }
    start = text.startsWith('\r\n', plainEnd) ? plainEnd + 2 : plainEnd + 1;
  }
  return ended ? { kind: 'ids' } : undefined;
}

const DELIMITERS: readonly Delimiter[] = [',', ';', '\t'];

interface ScannedRow {
  text: string;
  start: number;
  end: number;
  /** Whether the text ended within quotes. */
  quoteOpen: boolean;
  /** Where each delimiter stands outside of quotes. */
  positions: Record<Delimiter, number[]>;
}

/** Finds a row's end and its delimiters, none of which counts within quotes. A quote opens where a field begins. */
function scanRow(text: string, start: number, quotes = true): ScannedRow {
  const positions: ScannedRow['positions'] = { ',': [], ';': [], '\t': [] };
  let quoteOpen = false;
  let fieldBegins = true;
  let at = start;
  for (; at < text.length; at++) {
    const character = text[at];
    if (quoteOpen) {
      if (character === '"') quoteOpen = false;
    } else if (character === '\n' || character === '\r') {
      break;
    } else if (character === '"') {
      // A doubled quote closes and opens again, which comes to the same here.
      quoteOpen = quotes && (fieldBegins || text[at - 1] === '"');
      fieldBegins = false;
    } else {
      const delimiter = DELIMITERS.find((candidate) => candidate === character);
      if (delimiter !== undefined) positions[delimiter].push(at);
      fieldBegins = delimiter !== undefined;
    }
  }
  return { text, start, end: at, quoteOpen, positions };
}

/**
 * The delimiter that makes a header of the row, or undefined when nothing does. Of several, the one that sets the id's header apart is
 * taken, else the most frequent.
 */
function chooseDelimiter(row: ScannedRow, column: string | undefined, separator: Delimiter | undefined): Delimiter | undefined {
  if (separator !== undefined) return separator;
  const present = DELIMITERS.filter((delimiter) => row.positions[delimiter].length > 0 && !isOuterBlank(row, delimiter));
  const naming = present.filter((delimiter) => idColumns(split(row, delimiter), column).length > 0);
  if (present.length === 0) return idColumns(split(row, undefined), column).length > 0 ? ',' : undefined;
  return mostFrequent(row, naming.length > 0 ? naming : present);
}

/** Tabs around a row's text are blanks to drop, and separate nothing. */
function isOuterBlank(row: ScannedRow, delimiter: Delimiter): boolean {
  return delimiter === '\t' && !row.text.slice(row.start, row.end).trim().includes('\t');
}

function isNumberedHeader(row: string, delimiter: Delimiter, column: string | undefined): boolean {
  const fields = split(scanRow(row, 0), delimiter);
  return fields[0] === '#' && idColumns(fields, column).length > 0;
}

function mostFrequent(row: ScannedRow, delimiters: readonly Delimiter[]): Delimiter | undefined {
  return delimiters.toSorted((one, other) => row.positions[other].length - row.positions[one].length)[0];
}

function split(row: ScannedRow, delimiter: Delimiter | undefined): string[] {
  const cuts = delimiter === undefined ? [] : row.positions[delimiter];
  return [...cuts, row.end].map((end, index) => {
    const field = row.text.slice(index === 0 ? row.start : (cuts[index - 1] ?? 0) + 1, end).trim();
    return field.length > 1 && field.startsWith('"') && field.endsWith('"') ? field.slice(1, -1).replaceAll('""', '"') : field;
  });
}

function lineEnd(text: string, start: number): number {
  const found = text.slice(start, start + MAX_ROW_LENGTH + 1).search(/[\r\n]/u);
  return found === -1 ? text.length : start + found;
}
