import { closeSync, constants, fstatSync } from 'node:fs';
import type { FileHandle } from 'node:fs/promises';
import path from 'node:path';
import { coalesce } from '../disk/coalesce.ts';
import { fileError, hasCode } from '../disk/file-error.ts';
import { LineReader, linesOf } from '../disk/lines.ts';
import { openPlain, openPlainSync } from '../disk/open-plain.ts';
import { syncFile } from '../disk/sync-file.ts';
import { syncFolder } from '../disk/sync-folder.ts';
import { toJsonLine } from '../printable.ts';
import { DigestMap } from './digest-map.ts';
import { ManifestDamage } from './manifest-damage.ts';
import { type ManifestLine, parseLine } from './manifest-line.ts';

export type { ManifestLine } from './manifest-line.ts';

/** The manifest's name in its folder. */
export const MANIFEST_NAME = 'manifest.jsonl';

/** The name of the lock of a folder that a run is at work in. */
export const LOCK_NAME = '.kaleyra-rec.lock';

/** After so many lines others get a turn. */
export const LINES_A_BREATH = 5000;

/** So much is read at once where many lines are read in order. */
const WINDOW_BYTES = 1024 * 1024;

/**
 * `manifest.jsonl`: what a folder of recordings holds, a line for each outcome, only ever added to. In memory there is an index of the
 * lines' places alone; a line is read back when it is asked for.
 *
 * What a crash left of the last line is cut off before the next one is added. A line that is there and cannot be read is damage: it is
 * counted, and passed over.
 */
export class Manifest {
  readonly #file: string;
  /** Where each id's last line begins: as it is where that line says saved, else as the negative number before the one it negates (-1 for 0). */
  readonly #places = new DigestMap();
  /** Where the last line that says saved begins, for ids whose last line says otherwise. */
  readonly #savedPlaces = new DigestMap();
  readonly #damage = new ManifestDamage();
  #savedCount = 0;
  #descriptor: number | undefined;
  #reader: LineReader | undefined;
  #handle: FileHandle | undefined;
  #endsInMidLine = false;
  /** Where the last line begins, and how long the file is, where that line is torn. */
  #torn: { place: number; size: number } | undefined;
  /** Whether a crash of the machine leaves the manifest its name. */
  #nameIsSafe = false;
  #pending: string[] = [];
  readonly #flush = coalesce(() => this.#writePending());

  private constructor(file: string) {
    this.#file = file;
  }

  /**
   * Reads the manifest of a folder; one that is not there is empty. `onLine` sees each line that can be read, in order, once. Writes nothing.
   * Throws `FILE_SYSTEM`, also where it is a link, has further names, or is no regular file, and the signal's reason.
   */
  static async open(folder: string, onLine: (line: ManifestLine) => void = () => {}, signal?: AbortSignal): Promise<Manifest> {
    const manifest = new Manifest(path.join(folder, MANIFEST_NAME));
    try {
      await manifest.#load(onLine, signal);
    } catch (error) {
      manifest.#closeReader();
      throw fileError(error, `read ${manifest.#file}`, 'all');
    }
    return manifest;
  }

  /** Whether there is a manifest at all. */
  get exists(): boolean {
    return this.#descriptor !== undefined;
  }

  /** What was wrong with it when it was opened. */
  get damage(): ManifestDamage {
    return this.#damage;
  }

  /** How many recordings {@link savedLines} gives. */
  get savedCount(): number {
    return this.#savedCount;
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
    const reader = this.#reader;
    if (reader === undefined) return;
    for (const place of this.#placesOfSaved()) {
      const line = this.#parseAt(reader, place, WINDOW_BYTES);
      if (line?.status === 'saved' && this.#savedPlace(line.id) === place) yield line;
    }
  }

  /** The last line of each id, in the order in which those lines stand, with its place for {@link lineAt}. */
  *lastLines(): Generator<{ place: number; line: ManifestLine }> {
    const reader = this.#reader;
    if (reader === undefined) return;
    const places = new Float64Array(this.#places.size);
    let count = 0;
    for (const value of this.#places.values()) places[count++] = value < 0 ? -value - 1 : value;
    for (const place of places.sort()) {
      const line = this.#parseAt(reader, place, WINDOW_BYTES);
      if (line !== undefined) yield { place, line };
    }
  }

  /** The line at a place that {@link lastLines} gave; undefined where it cannot be read any more. Throws `FILE_SYSTEM`. */
  lineAt(place: number): ManifestLine | undefined {
    return this.#reader && this.#parseAt(this.#reader, place);
  }

  /** The last line of each id whose last line says failed, in the order in which those lines stand. */
  *failedLines(): Generator<ManifestLine> {
    const reader = this.#reader;
    if (reader === undefined) return;
    const places = [...this.#places.values()].filter((value) => value < 0).map((value) => -value - 1);
    for (const place of Float64Array.from(places).sort()) {
      const line = this.#parseAt(reader, place, WINDOW_BYTES);
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

  async #load(onLine: (line: ManifestLine) => void, signal: AbortSignal | undefined): Promise<void> {
    try {
      this.#descriptor = openPlainSync(this.#file, constants.O_RDONLY);
    } catch (error) {
      if (hasCode(error, 'ENOENT')) return;
      throw error;
    }
    this.#reader = new LineReader(this.#descriptor);
    let number = 0;
    for (const read of linesOf(this.#descriptor)) {
      if (read === 'piece') {
        // A million lines take seconds, in which a signal must be heard.
        await new Promise((resolve) => setImmediate(resolve));
        signal?.throwIfAborted();
        continue;
      }
      number += 1;
      const { text, place, whole } = read;
      const line = parseLine(text);
      this.#endsInMidLine = !whole;
      if (line !== undefined) {
        this.#index(line, place);
        onLine(line);
      } else if (whole ? !isBlank(text) : lacksOnlyItsEnd(text)) {
        this.#damage.add(number);
      } else if (!whole) {
        this.#damage.addTorn(number);
        this.#torn = { place, size: fstatSync(this.#descriptor).size };
      }
    }
  }

  #index({ id, status }: ManifestLine, place: number): void {
    const before = this.#places.get(id);
    if (status === 'saved') {
      if (this.#savedPlace(id) === undefined) this.#savedCount += 1;
      this.#places.set(id, place);
    } else {
      if (before !== undefined && before >= 0) this.#savedPlaces.set(id, before);
      this.#places.set(id, -place - 1);
    }
  }

  /** Where lines stand that say saved, in order; some of them do not hold any more. */
  #placesOfSaved(): Float64Array {
    const places: number[] = [];
    for (const place of this.#places.values()) if (place >= 0) places.push(place);
    for (const place of this.#savedPlaces.values()) places.push(place);
    return Float64Array.from(places).sort();
  }

  #savedPlace(id: string): number | undefined {
    const place = this.#places.get(id);
    return place === undefined || place >= 0 ? place : this.#savedPlaces.get(id);
  }

  #readAt(place: number, id: string): ManifestLine | undefined {
    if (this.#reader === undefined) return undefined;
    const line = this.#parseAt(this.#reader, place);
    // The index tells ids apart by 64 bits of a hash, and the line itself for certain.
    return line?.id === id ? line : undefined;
  }

  #parseAt(reader: LineReader, place: number, window?: number): ManifestLine | undefined {
    try {
      return parseLine(reader.at(place, window));
    } catch (error) {
      throw fileError(error, `read ${this.#file}`, 'all');
    }
  }

  async #writePending(): Promise<void> {
    const text = this.#pending.join('');
    this.#pending = [];
    if (text === '') return;
    try {
      this.#handle ??= await this.#openToAdd();
      await this.#addTo(this.#handle, this.#endsInMidLine ? `\n${text}` : text);
      this.#endsInMidLine = false;
      // A file that is new has a name to be made safe as well.
      if (!this.#nameIsSafe && !this.exists) await syncFolder(path.dirname(this.#file));
      this.#nameIsSafe = true;
    } catch (error) {
      throw fileError(error, `write ${this.#file}`, 'all');
    }
  }

  async #openToAdd(): Promise<FileHandle> {
    const file = await openPlain(this.#file, constants.O_WRONLY | constants.O_APPEND | constants.O_CREAT);
    // With more behind it, or where nothing may be cut (an append-only file), the torn line stays, and counts as damaged from now on.
    if (this.#torn !== undefined && fstatSync(file.fd).size === this.#torn.size) {
      this.#endsInMidLine = !(await file.truncate(this.#torn.place).then(
        () => true,
        () => false,
      ));
    }
    return file;
  }

  /** Adds text and flushes it. Where that fails, what was written of it is taken back: it would hold the room that fewer lines could have. */
  async #addTo(file: FileHandle, text: string): Promise<void> {
    // Synchronously: every line would have to wait for the way through the thread pool.
    const { size } = fstatSync(file.fd);
    try {
      await file.appendFile(text);
      await syncFile(file);
    } catch (error) {
      this.#endsInMidLine ||= !(await takeBack(file, size, Buffer.byteLength(text)));
      throw error;
    }
  }

  #closeReader(): void {
    if (this.#descriptor !== undefined) closeSync(this.#descriptor);
    this.#descriptor = undefined;
    this.#reader = undefined;
  }
}

/** A line without a word, which says nothing of any recording. */
function isBlank(text: string | undefined): boolean {
  return text !== undefined && text.trim() === '';
}

/** Whether the last line of a file is whole but for a line end that has turned into something else: a bad disk did that, and no crash. */
function lacksOnlyItsEnd(text: string | undefined): boolean {
  return text !== undefined && parseLine(text.slice(0, -1)) !== undefined;
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
