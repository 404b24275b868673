import { columnsNamed, findColumn } from '../list/columns.ts';
import { type Condition, type FilterOptions, readBounds, readConditions } from '../list/filters.ts';
import { MAX_COLUMNS } from '../list/list-row.ts';
import { type Span, standing } from '../list/span.ts';
import { UTC } from '../list/time-zone.ts';
import { CallTimes } from './call-times.ts';
import type { ManifestLine } from './manifest-line.ts';
import { LINES_A_BREATH, type ManifestLines } from './manifest-lines.ts';
import { inOrder, type SortKey, textKey } from './sort-keys.ts';

/** What is told of every recording, before the columns of its report. */
export const OWN_COLUMNS = ['date', 'id', 'status', 'size', 'length', 'file'] as const;

/** So many recordings are handed over at once. */
const PIECE = 500;

/** An archive whose recordings are listed. */
export interface ListedArchive {
  /** How the user called it. */
  readonly name: string;
  /** What the manifest is called in messages. */
  readonly manifestName: string;
  /** Each recording is listed as the line says that holds of it. */
  readonly manifest: ManifestLines;
  /** How long a recording plays, in seconds; undefined where its file does not tell. */
  secondsOf(line: ManifestLine): number | undefined;
}

/** Which recordings are listed, and in what order. */
export interface ListingOptions extends FilterOptions {
  status?: ManifestLine['status'] | undefined;
  /** A column; with a `-` before it, from the last to the first. The manifest's order where left out. */
  sort?: string | undefined;
  limit?: number | undefined;
}

/** What has to be known of a whole manifest before its first line is listed: the reports' columns, and how they write dates. */
export class ListingSurvey {
  readonly times: CallTimes;
  readonly #headers = new Set<string>();
  readonly now: number;

  /** `now` is the wall clock in milliseconds since 1970 UTC. */
  constructor(now: number) {
    this.now = now;
    this.times = new CallTimes(now);
  }

  add({ row }: ManifestLine): void {
    if (row === undefined || !this.times.learn(row)) return;
    for (const header of Object.keys(row)) if (this.#headers.size < MAX_COLUMNS) this.#headers.add(header);
  }

  /** The reports' headers, in the order in which they were met. */
  get headers(): readonly string[] {
    return [...this.#headers];
  }
}

/** A recording, as it is listed. */
export class Listed {
  readonly line: ManifestLine;
  /** When the call was, as its report writes it, else when it was recorded here (UTC); empty where neither tells. */
  readonly date: string;
  /** The same as a span of time. */
  readonly span: Span | undefined;
  /** The header of the report's column that tells when the call was. */
  readonly dateColumn: string | undefined;
  readonly #archive: ListedArchive;
  #seconds: { is: number | undefined } | undefined;

  constructor(line: ManifestLine, times: CallTimes, archive: ListedArchive) {
    this.line = line;
    this.#archive = archive;
    const call = line.row && times.of(line.row);
    const recorded = Date.parse(line.at);
    this.dateColumn = call?.column;
    this.span = call?.span ?? (Number.isNaN(recorded) ? undefined : { from: recorded, to: recorded + 1 });
    this.date = call?.text ?? (Number.isNaN(recorded) ? '' : new Date(recorded).toISOString().slice(0, 19).replace('T', ' '));
  }

  /** How long it plays, to the millisecond; looked for in its file when it is first asked for. */
  get seconds(): number | undefined {
    if (this.#seconds === undefined) {
      const seconds = this.#archive.secondsOf(this.line);
      this.#seconds = { is: seconds === undefined ? undefined : Math.round(seconds * 1000) / 1000 };
    }
    return this.#seconds.is;
  }

  /** The value of a column as a program reads it: bytes and seconds as numbers. Empty where there is none. */
  value(column: string, isOwn: boolean): string {
    if (!isOwn) return this.#ofReport(column);
    const { id, status, bytes, file } = this.line;
    switch (column as (typeof OWN_COLUMNS)[number]) {
      case 'date':
        return this.date;
      case 'id':
        return id;
      case 'status':
        return status;
      case 'size':
        return String(bytes ?? '');
      case 'length':
        return String(this.seconds ?? '');
      case 'file':
        return file ?? '';
    }
  }

  #ofReport(column: string): string {
    const { row } = this.line;
    // Another hand may have put anything there.
    return row !== undefined && Object.hasOwn(row, column) ? String(row[column] ?? '') : '';
  }
}

/** A column that a flag has named. A report's column goes before one of our own that is called alike. */
interface Column {
  name: string;
  isOwn: boolean;
}

/** What recordings are sorted by. */
interface Order {
  column: Column;
  backwards: boolean;
}

/** The recordings of an archive that are wanted, in the order that is wanted. */
export class Listing {
  /** The headers of the reports that the archive came from. */
  readonly headers: readonly string[];
  readonly #archive: ListedArchive;
  readonly #survey: ListingSurvey;
  readonly #options: ListingOptions;
  readonly #bounds: Span | undefined;
  readonly #meets: Condition | undefined;
  readonly #columns: readonly Column[];
  readonly #sort: Order | undefined;

  /** The survey has seen all lines of the archive. Throws `USAGE` for a column that is not there, and for what is no date or condition. */
  constructor(archive: ListedArchive, survey: ListingSurvey, options: ListingOptions) {
    this.#archive = archive;
    this.#survey = survey;
    this.#options = options;
    this.headers = survey.headers;
    const own = OWN_COLUMNS.filter((name) => columnsNamed(this.headers, name).length === 0);
    this.#columns = [...own.map((name) => ({ name, isOwn: true })), ...this.headers.map((name) => ({ name, isOwn: false }))];
    this.#bounds = readBounds(options, survey.now, UTC);
    this.#meets = readConditions(
      options.where,
      this.#columns.map(({ name }) => name),
      archive.name,
    );
    this.#sort = options.sort === undefined ? undefined : this.#sortedBy(options.sort);
  }

  /** The recordings, some hundred at a time. Throws `FILE_SYSTEM`, and the signal's reason. */
  async *pieces(signal: AbortSignal): AsyncGenerator<Listed[]> {
    const { limit } = this.#options;
    let piece: Listed[] = [];
    let count = 0;
    for await (const { recording } of this.#sort === undefined ? this.#wanted(signal) : this.#sorted(this.#sort, signal)) {
      piece.push(recording);
      count += 1;
      if (count === limit) break;
      if (piece.length < PIECE) continue;
      yield piece;
      signal.throwIfAborted();
      piece = [];
    }
    if (piece.length > 0) yield piece;
  }

  async *#wanted(signal: AbortSignal): AsyncGenerator<{ place: number; recording: Listed }> {
    let lines = 0;
    for (const { place, line } of this.#archive.manifest.lastLines()) {
      lines += 1;
      if (lines % LINES_A_BREATH === 0) await breathe(signal);
      const recording = this.#listed(line);
      if (this.#isWanted(recording)) yield { place, recording };
    }
  }

  async *#sorted({ column, backwards }: Order, signal: AbortSignal): AsyncGenerator<{ recording: Listed }> {
    const keys: SortKey[] = [];
    const places: number[] = [];
    for await (const found of this.#wanted(signal)) {
      keys.push(keyOf(found.recording, column));
      places.push(found.place);
    }
    let lines = 0;
    for (const index of inOrder(keys, backwards)) {
      lines += 1;
      if (lines % LINES_A_BREATH === 0) await breathe(signal);
      const line = this.#archive.manifest.lineAt(places[index] as number);
      if (line !== undefined) yield { recording: this.#listed(line) };
    }
  }

  #listed(line: ManifestLine): Listed {
    return new Listed(line, this.#survey.times, this.#archive);
  }

  #isWanted(recording: Listed): boolean {
    const { status } = this.#options;
    const { line, span } = recording;
    if (status !== undefined && line.status !== status) return false;
    if (this.#bounds !== undefined && (span === undefined || standing(span, this.#bounds) === 'outside')) return false;
    return this.#meets === undefined || this.#meets(this.#columns.map(({ name, isOwn }) => recording.value(name, isOwn)));
  }

  #sortedBy(name: string): Order {
    const names = this.#columns.map((column) => column.name);
    const backwards = name.startsWith('-') && !names.includes(name);
    const index = findColumn(names, backwards ? name.slice(1) : name, { list: this.#archive.name, flag: '--sort' });
    return { column: this.#columns[index] as Column, backwards };
  }
}

function keyOf(recording: Listed, { name, isOwn }: Column): SortKey {
  if (isOwn ? name === 'date' : name === recording.dateColumn) return recording.span?.from;
  return textKey(recording.value(name, isOwn));
}

async function breathe(signal: AbortSignal): Promise<void> {
  await new Promise((resolve) => setImmediate(resolve));
  signal.throwIfAborted();
}
