import { closeSync, fstatSync, openSync, readSync } from 'node:fs';
import { type FileHandle, open } from 'node:fs/promises';
import path from 'node:path';
import { coalesce } from '../disk/coalesce.ts';
import { fileError, hasCode } from '../disk/file-error.ts';
import { syncFolder } from '../disk/sync-folder.ts';
import { type ErrorReport, isGone } from '../errors.ts';
import { toJsonLine } from '../printable.ts';
import { DigestMap } from './digest-map.ts';

/** The manifest's name in its folder. */
export const MANIFEST_NAME = 'manifest.jsonl';

/** The name of the lock of a folder that a run is at work in. */
export const LOCK_NAME = '.kaleyra-rec.lock';

/** What the manifest says of one recording. The last line for an id holds. */
export interface ManifestLine {
  id: string;
  status: 'saved' | 'gone' | 'failed';
  /** Where it lies, relative to the folder, with forward slashes; null where it is not saved. */
  file: string | null;
  bytes: number | null;
  sha256: string | null;
  contentType: string | null;
  etag: string | null;
  attempts: number;
  /** When this was written: ISO 8601, UTC. */
  at: string;
  error: ErrorReport | null;
  /** Who said so: SID and base URL of the service; absent in lines of old releases, which hold for any account. */
  account?: string;
  /** As in `SavedRecording`. */
  incomplete?: { announced: number; bytes: number };
  /** As in `SavedRecording`. */
  unconfirmed?: string;
  /** The report's columns of this recording, so that the archive can be searched by caller or date; absent for a list of ids. */
  row?: Record<string, string>;
  /** Of a row that failed: the row as it came, and the header row of its report, from which `failed.txt` is written. */
  raw?: string;
  header?: string;
}

const READ_BYTES = 1024 * 1024;
const LINE_GUESS = 4096;
/** After so many lines others get a turn. */
export const LINES_A_BREATH = 5000;
const NEWLINE = 0x0a;

/**
 * `manifest.jsonl`: what a folder of recordings holds, a line for each outcome, only ever added to. In memory there is an index of the
 * lines' places alone; a line is read back when it is asked for.
 *
 * A line is whole or it is not one: what a crash left of the last line is passed over, and the next line begins on a line of its own.
 */
export class Manifest {
  readonly #file: string;
  /** Where each id's last line begins: as it is where that line says saved, else as the negative number before the one it negates (-1 for 0). */
  readonly #places = new DigestMap();
  /** Where the last line that says saved begins, for ids whose last line says otherwise. */
  readonly #savedPlaces = new DigestMap();
  #reader: number | undefined;
  #handle: FileHandle | undefined;
  #endsInMidLine = false;
  /** Whether a crash of the machine leaves the manifest its name. */
  #nameIsSafe = false;
  #pending: string[] = [];
  readonly #flush = coalesce(() => this.#writePending());

  private constructor(file: string) {
    this.#file = file;
  }

  /**
   * Reads the manifest of a folder; one that is not there is empty. `onLine` sees each whole line, in order, once. Writes nothing. Throws
   * `FILE_SYSTEM`.
   */
  static async open(folder: string, onLine: (line: ManifestLine) => void = () => {}): Promise<Manifest> {
    const manifest = new Manifest(path.join(folder, MANIFEST_NAME));
    try {
      await manifest.#load(onLine);
    } catch (error) {
      manifest.#closeReader();
      throw fileError(error, `read ${manifest.#file}`);
    }
    return manifest;
  }

  /** Whether there is a manifest at all. */
  get exists(): boolean {
    return this.#reader !== undefined;
  }

  /** How many ids it knows. */
  get size(): number {
    return this.#places.size;
  }

  /** The last line that was there for this id when the manifest was opened. Throws `FILE_SYSTEM`. */
  find(id: string): ManifestLine | undefined {
    const place = this.#places.get(id);
    return place === undefined ? undefined : this.#readAt(place < 0 ? -place - 1 : place, id);
  }

  /**
   * The last line that called this id saved, whatever was said of it later: a file that was to be mended in vain is still the file that
   * was saved. Undefined where none did. Throws `FILE_SYSTEM`.
   */
  findSaved(id: string): ManifestLine | undefined {
    const place = this.#savedPlace(id);
    return place === undefined ? undefined : this.#readAt(place, id);
  }

  /** The last line of each id that called it saved, in the order in which those lines stand. */
  *savedLines(): Generator<ManifestLine> {
    if (this.#reader === undefined) return;
    for (const { text, place } of linesOf(this.#reader)) {
      const line = parseLine(text);
      if (line?.status === 'saved' && this.#savedPlace(line.id) === place) yield line;
    }
  }

  /** The last line of each id whose last line says failed, in the order in which those lines stand. */
  *failedLines(): Generator<ManifestLine> {
    if (this.#reader === undefined) return;
    for (const { text, place } of linesOf(this.#reader)) {
      const line = parseLine(text);
      if (line?.status === 'failed' && this.#places.get(line.id) === -place - 1) yield line;
    }
  }

  /** Adds a line. Resolves when it is on the disk: one flush serves all lines that came meanwhile. Throws `FILE_SYSTEM`. */
  async append(line: ManifestLine): Promise<void> {
    this.#pending.push(`${toJsonLine(line)}\n`);
    await this.#flush();
  }

  /** Closes the files. Never throws: every line was flushed when it was added, or refused then. */
  async close(): Promise<void> {
    this.#closeReader();
    await this.#handle?.close().catch(() => undefined);
    this.#handle = undefined;
  }

  async #load(onLine: (line: ManifestLine) => void): Promise<void> {
    try {
      this.#reader = openSync(this.#file, 'r');
    } catch (error) {
      if (hasCode(error, 'ENOENT')) return;
      throw error;
    }
    let lines = 0;
    for (const { text, place, whole } of linesOf(this.#reader)) {
      this.#endsInMidLine = !whole;
      const line = whole ? parseLine(text) : undefined;
      if (line === undefined) continue;
      const before = this.#places.get(line.id);
      if (line.status === 'saved') this.#places.set(line.id, place);
      else {
        if (before !== undefined && before >= 0) this.#savedPlaces.set(line.id, before);
        this.#places.set(line.id, -place - 1);
      }
      onLine(line);
      lines += 1;
      // A million lines take seconds, in which a signal must be heard.
      if (lines % LINES_A_BREATH === 0) await new Promise((resolve) => setImmediate(resolve));
    }
  }

  #savedPlace(id: string): number | undefined {
    const place = this.#places.get(id);
    return place === undefined || place >= 0 ? place : this.#savedPlaces.get(id);
  }

  #readAt(place: number, id: string): ManifestLine | undefined {
    if (this.#reader === undefined) return undefined;
    try {
      const line = parseLine(readLineAt(this.#reader, place));
      // The index tells ids apart by 64 bits of a hash, and the line itself for certain.
      return line?.id === id ? line : undefined;
    } catch (error) {
      throw fileError(error, `read ${this.#file}`);
    }
  }

  async #writePending(): Promise<void> {
    const text = this.#pending.join('');
    this.#pending = [];
    if (text === '') return;
    try {
      this.#handle ??= await open(this.#file, 'a');
      await this.#addTo(this.#handle, this.#endsInMidLine ? `\n${text}` : text);
      this.#endsInMidLine = false;
      // A file that is new has a name to be made safe as well.
      if (!this.#nameIsSafe && !this.exists) await syncFolder(path.dirname(this.#file));
      this.#nameIsSafe = true;
    } catch (error) {
      throw fileError(error, `write ${this.#file}`);
    }
  }

  /** Adds text and flushes it. Where that fails, what was written of it is taken back: it would hold the room that fewer lines could have. */
  async #addTo(file: FileHandle, text: string): Promise<void> {
    // Synchronously: every line would have to wait for the way through the thread pool.
    const { size } = fstatSync(file.fd);
    try {
      await file.appendFile(text);
      await file.datasync();
    } catch (error) {
      this.#endsInMidLine ||= !(await takeBack(file, size, Buffer.byteLength(text)));
      throw error;
    }
  }

  #closeReader(): void {
    if (this.#reader !== undefined) closeSync(this.#reader);
    this.#reader = undefined;
  }
}

/** Cuts a file back to a size, unless more has been added than so many bytes: that is another's. Whether it was cut. */
async function takeBack(file: FileHandle, size: number, most: number): Promise<boolean> {
  try {
    if (fstatSync(file.fd).size > size + most) return false;
    await file.truncate(size);
    return true;
  } catch {
    return false;
  }
}

interface PlacedLine {
  text: string;
  place: number;
  /** Whether its line end is there. */
  whole: boolean;
}

function* linesOf(descriptor: number): Generator<PlacedLine> {
  const buffer = Buffer.allocUnsafe(READ_BYTES);
  let kept: Buffer = Buffer.alloc(0);
  let place = 0;
  for (let position = 0; ; ) {
    const bytesRead = readSync(descriptor, buffer, 0, buffer.length, position);
    if (bytesRead === 0) break;
    position += bytesRead;
    const data = kept.length === 0 ? buffer.subarray(0, bytesRead) : Buffer.concat([kept, buffer.subarray(0, bytesRead)]);
    let from = 0;
    for (let newline = data.indexOf(NEWLINE); newline >= 0; newline = data.indexOf(NEWLINE, from)) {
      yield { text: data.toString('utf8', from, newline), place, whole: true };
      place += newline + 1 - from;
      from = newline + 1;
    }
    kept = Buffer.from(data.subarray(from));
  }
  if (kept.length > 0) yield { text: kept.toString('utf8'), place, whole: false };
}

/** Nearly every line fits in it; a buffer for each of a million lines would be 4 GB of garbage. */
const lineBuffer = Buffer.allocUnsafe(LINE_GUESS);

function readLineAt(descriptor: number, place: number): string {
  for (let size = LINE_GUESS; ; size *= 4) {
    const buffer = size === LINE_GUESS ? lineBuffer : Buffer.allocUnsafe(size);
    const bytesRead = readSync(descriptor, buffer, 0, size, place);
    const newline = buffer.subarray(0, bytesRead).indexOf(NEWLINE);
    if (newline >= 0 || bytesRead < size) return buffer.toString('utf8', 0, newline >= 0 ? newline : bytesRead);
  }
}

/** A line of the manifest; undefined for what is none, as a crash or another hand can leave it. */
export function parseLine(text: string): ManifestLine | undefined {
  try {
    const line: unknown = JSON.parse(text);
    return isManifestLine(line) ? line : undefined;
  } catch {
    return undefined;
  }
}

/** Whether all that is read of a line again is there. */
function isManifestLine(value: unknown): value is ManifestLine {
  const line = value as Partial<ManifestLine> | null;
  if (typeof line?.id !== 'string') return false;
  switch (line.status) {
    case 'saved':
      return typeof line.file === 'string' && typeof line.bytes === 'number' && typeof line.sha256 === 'string';
    case 'gone':
      return isGoneReport(line.error ?? {});
    case 'failed':
      return true;
    default:
      return false;
  }
}

function isGoneReport({ code, message, hint }: Partial<ErrorReport>): boolean {
  return code !== undefined && isGone(code) && typeof message === 'string' && typeof hint === 'string';
}
