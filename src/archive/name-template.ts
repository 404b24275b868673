import { usageError } from '../errors.ts';
import { columnsNamed, listHeaders } from '../list/columns.ts';
import { formatReportDate, patternNeeds } from '../list/dates/report-date.ts';
import type { ReportDates } from '../list/dates/report-dates.ts';
import { cutName, encodeName, foldName, hashedFileName, MAX_STEM_BYTES, recordingFileName } from './file-name.ts';
import { isOwnName } from './own-names.ts';

/** What a row gives to its recording's name. */
type NamedRow = { id: string; columns?: readonly string[] | undefined };

/** A `--name` template, checked against the list that it is for. */
export interface NameTemplate {
  /** Whether it says where the extension goes; if not, it is appended. */
  readonly hasExtension: boolean;
  /** Whether the recording's id is in it, so that no two recordings get one name. */
  readonly hasId: boolean;
  /** The columns that it takes dates from, by index, and whether it takes a time of day alone. */
  readonly dateColumns: ReadonlyMap<number, 'day' | 'time'>;
  /**
   * The name of a recording: segments of a path, each safe on every disk. `extension` comes without a dot. Values that are empty, or no date
   * where a date pattern is asked for, become {@link NO_VALUE}; so does every date where `dates`, which reads them, is left out.
   */
  fill(row: NamedRow, extension: string, dates?: ReportDates): string[];
}

/** How an archive names its recordings. */
export interface Naming {
  /** Left out: `<id>.<extension>`. */
  template?: NameTemplate | undefined;
  /** The report's headers, for what the manifest keeps of a row. */
  headers?: readonly string[] | undefined;
  /** Reads the report's dates. */
  dates?: ReportDates | undefined;
  /** Several runs name recordings here without knowing of each other: where the template has no id, each name gets the hash of its own. */
  isShared?: boolean;
}

/**
 * The path of a recording below its folder, with forward slashes: as the template says, or `<id>.<extension>`. Where `taken` says that
 * another has it already (asked with the path as `foldName` folds it), it gets `~` and 16 hexadecimal digits of the id's SHA-256.
 */
export function pathOfRecording(row: NamedRow, extension: string, naming: Naming, taken: (foldedPath: string) => boolean): string {
  const segments = naming.template?.fill(row, extension, naming.dates);
  if (segments === undefined) return recordingFileName(row.id, extension, taken);
  const plain = segments.join('/');
  const mayMeet = naming.isShared === true && naming.template?.hasId === false;
  if (!mayMeet && !taken(foldName(plain))) return plain;
  const folders = segments.slice(0, -1);
  const last = segments.at(-1) ?? '';
  const suffix = last.endsWith(`.${extension}`) ? `.${extension}` : '';
  const below = (name: string) => [...folders, name].join('/');
  return below(hashedFileName(last.slice(0, last.length - suffix.length), suffix, row.id, (name) => taken(foldName(below(name)))));
}

/** What stands for a value that a row does not have. */
export const NO_VALUE = '_';

type Part =
  | { kind: 'text'; text: string }
  | { kind: 'id' }
  | { kind: 'extension' }
  | { kind: 'column'; index: number }
  | { kind: 'date' | 'time'; index: number; pattern: string };

/**
 * Reads a template: `{id}`, `{ext}`, `{Any Header}` (case, blanks, underscores and hyphens alike), `{Any Header:yyyy-MM-dd}` for a
 * date, and text; `{{` and `}}` for braces. A `/` in the template makes a folder, one in a value does not. `{id}` and `{ext}` are always the
 * recording's own; a column of that name is had in capitals, as `{ID}`.
 *
 * `headers` are the report's, undefined for a list of ids. Throws `USAGE` for a header that is not there or there twice, a stray
 * brace, a pattern without any date in it, a template that is empty, ends in `/`, or leads out of the folder.
 */
export function parseNameTemplate(template: string, headers: readonly string[] | undefined): NameTemplate {
  const parts = readParts(template, headers);
  const hasExtension = parts.some(({ kind }) => kind === 'extension');
  checkSegments(parts);
  return {
    hasExtension,
    hasId: parts.some(({ kind }) => kind === 'id'),
    dateColumns: datesOf(parts),
    fill(row, extension, dates) {
      const text = parts.map((part) => fillPart(part, row, extension, dates)).join('');
      const segments = (hasExtension ? text : `${text}.${extension}`).split('/');
      return segments.map((segment, index) => shorten(safe(segment), index === segments.length - 1 ? `.${extension}` : ''));
    },
  };
}

function readParts(template: string, headers: readonly string[] | undefined): Part[] {
  const parts: Part[] = [];
  const token = /\{\{|\}\}|\{(?<field>[^{}]*)\}|(?<stray>[{}])|[^{}]+/gu;
  for (const match of template.matchAll(token)) {
    const { field, stray } = match.groups ?? {};
    if (stray !== undefined) throw templateError(`a ${stray} stands alone in it`, 'Write {{ or }} for a brace of its own.');
    if (field !== undefined) parts.push(readField(field, headers));
    else parts.push({ kind: 'text', text: match[0] === '{{' ? '{' : match[0] === '}}' ? '}' : match[0] });
  }
  return parts;
}

function readField(field: string, headers: readonly string[] | undefined): Part {
  const name = field.trim();
  if (name === 'id') return { kind: 'id' };
  if (name === 'ext') return { kind: 'extension' };
  // A header may hold a colon itself: the whole is looked up first.
  const whole = columnOf(field, headers);
  if (whole !== undefined) return { kind: 'column', index: whole };
  if (name.toLowerCase() === 'id') return { kind: 'id' };
  if (name.toLowerCase() === 'ext') return { kind: 'extension' };
  const colon = field.indexOf(':');
  const header = colon < 0 ? field : field.slice(0, colon);
  const index = columnOf(header, headers);
  if (index === undefined) {
    const known = headers === undefined ? 'the list has no columns, only ids' : `the columns are ${listHeaders(headers)}`;
    throw templateError(`there is no column ${JSON.stringify(header)}: ${known}`, 'Use {id}, {ext} or one of the columns.');
  }
  const pattern = field.slice(colon + 1);
  const needs = patternNeeds(pattern);
  if (needs === undefined) {
    throw templateError(
      `{${field}} has no date in its pattern`,
      'A pattern is made of yyyy, MM, dd, HH, mm and ss, as {Start Time:yyyy-MM-dd}.',
    );
  }
  return { kind: needs, index, pattern };
}

function datesOf(parts: readonly Part[]): Map<number, 'day' | 'time'> {
  const found = new Map<number, 'day' | 'time'>();
  for (const part of parts) {
    if (part.kind === 'date') found.set(part.index, 'day');
    if (part.kind === 'time' && !found.has(part.index)) found.set(part.index, 'time');
  }
  return found;
}

function columnOf(name: string, headers: readonly string[] | undefined): number | undefined {
  const found = headers === undefined ? [] : columnsNamed(headers, name);
  if (found.length > 1) {
    throw templateError(
      `more than one column is headed ${JSON.stringify(name.trim())}`,
      `Tell them apart by number, as {${name.trim()} (1)} and {${name.trim()} (2)}.`,
    );
  }
  return found[0];
}

/** A header may hold slashes that make no folder, and a date's pattern some that do: what is checked is the template as it will be filled. */
function checkSegments(parts: readonly Part[]): void {
  const outline = parts.map((part) => (part.kind === 'text' ? part.text : 'pattern' in part ? part.pattern : 'x')).join('');
  if (outline.trim() === '') throw templateError('it is empty', 'Give it as {id}.{ext}, for instance.');
  if (outline.startsWith('/')) throw templateError('it leads out of the folder', 'Begin it without a /; --dir says where the folder is.');
  if (outline.endsWith('/')) throw templateError('it ends in a /', 'Say how the file is called, as {date}/{id}.{ext}.');
  if (outline.split('/').some((segment) => segment === '' || segment === '.' || segment === '..')) {
    throw templateError('it has an empty segment, . or ..', 'Name each folder, as {date}/{id}.{ext}; --dir says where they are made.');
  }
}

/** A value's own slashes are gone by then: the `/` that are left are the template's. */
function fillPart(part: Part, row: NamedRow, extension: string, dates: ReportDates | undefined): string {
  switch (part.kind) {
    case 'text':
      return part.text;
    case 'id':
      return asText(row.id) || NO_VALUE;
    case 'extension':
      return extension;
    case 'column':
      return asText((row.columns?.[part.index] ?? '').trim()) || NO_VALUE;
    case 'date': {
      const date = dates?.date(row.columns ?? [], part.index);
      return date === undefined ? NO_VALUE : formatReportDate(date, part.pattern);
    }
    case 'time': {
      const time = dates?.time(row.columns ?? [], part.index);
      return time === undefined ? NO_VALUE : formatReportDate({ year: 0, month: 0, day: 0, ...time }, part.pattern);
    }
  }
}

/** Marks a value's slashes. No list holds this character. */
const SLASH_IN_VALUE = '\u0000';

/** As much of a value as can come into a segment: of a megabyte, each step below would take its time. */
const MOST_CHARACTERS = 2 * MAX_STEM_BYTES;

function asText(value: string): string {
  return value.slice(0, MOST_CHARACTERS).replaceAll(SLASH_IN_VALUE, '').replaceAll('/', SLASH_IN_VALUE);
}

/** A segment as every disk bears it, and never one that the folder's own files bear: its dots are encoded then. */
function safe(segment: string): string {
  const name = encodeName(segment.replaceAll(SLASH_IN_VALUE, '/'));
  return isOwnName(name) ? name.replaceAll('.', '%2E') : name;
}

/**
 * A segment in as many bytes as a file system bears, its extension kept. One that loses its end gets a `~` there, so that the cut leaves no
 * name that {@link safe} would not have given. It may meet another then, and gets a hash.
 */
function shorten(segment: string, extension: string): string {
  if (Buffer.byteLength(segment) <= MAX_STEM_BYTES) return segment;
  const end = segment.endsWith(extension) ? `~${extension}` : '~';
  return cutName(segment.slice(0, segment.length - end.length + 1), MAX_STEM_BYTES - Buffer.byteLength(end)) + end;
}

function templateError(problem: string, hint: string) {
  return usageError(`The template of --name cannot be used: ${problem}.`, hint);
}
