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
import { type ManifestLine, parseLine } from './manifest-line.ts';
import { ManifestLines } from './manifest-lines.ts';

export type { ManifestLine } from './manifest-line.ts';

/** The manifest's name in its folder. */
export const MANIFEST_NAME = 'manifest.jsonl';

/** The name of the lock of a folder that a run is at work in. */
export const LOCK_NAME = '.kaleyra-rec.lock';

/**
 * `manifest.jsonl`: what a folder of recordings holds, a line for each outcome, only ever added to. In memory there is an index of the
 * lines' places alone; see {@link ManifestLines}.
 *
 * What a crash left of the last line is cut off before the next one is added. A line that is there and cannot be read is damage: it is
 * counted, and passed over.
 */
export class Manifest extends ManifestLines {
  readonly #file: string;
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
    super();
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
        this.index(line, place);
        onLine(line);
      } else if (whole ? !isBlank(text) : lacksOnlyItsEnd(text)) {
        this.damage.add(number);
      } else if (!whole) {
        this.damage.addTorn(number);
        this.#torn = { place, size: fstatSync(this.#descriptor).size };
      }
    }
  }

  protected textAt(place: number, window?: number): string | undefined {
    try {
      return this.#reader?.at(place, window);
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
      // A file that is new has a name to be made safe as well; first, as a line stays only where all of this has worked.
      if (!this.#nameIsSafe && !this.exists) await syncFolder(path.dirname(this.#file));
      this.#nameIsSafe = true;
      await this.#addTo(this.#handle, this.#endsInMidLine ? `\n${text}` : text);
      this.#endsInMidLine = false;
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
