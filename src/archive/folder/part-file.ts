import { fstatSync, lstatSync } from 'node:fs';
import { type FileHandle, statfs, unlink } from 'node:fs/promises';
import path from 'node:path';
import { FileSystemError, fileError } from '../../disk/file-error.ts';
import { giveFinalName } from '../../disk/final-name.ts';
import { liesAt } from '../../disk/lies-at.ts';
import { makeFolders } from '../../disk/make-folder.ts';
import { syncFile } from '../../disk/sync-file.ts';
import { unlinkIfThere } from '../../disk/unlink.ts';
import { WriteBehind } from '../../disk/write-behind.ts';
import { RecordingError } from '../../errors.ts';
import type { SavedRecording } from '../../events.ts';
import { systemClock } from '../../system.ts';
import type { Draft, Fetched, ObjectIdentity } from '../draft.ts';
import { displaced } from './held-folder.ts';
import { clearReplacement, readPartNote, writePartNote } from './part-note.ts';
import { createPart, openEarlierPart } from './part-on-disk.ts';
import type { FinalPlace, PartFileOptions } from './part-options.ts';

export type { FinalPlace, PartFileOptions } from './part-options.ts';

/**
 * A part is flushed and noted once it has got further by so many milliseconds or bytes: by as much again as was noted, within these
 * bounds. A run that is killed can lose twice as much: what came since the last note was begun, and what that one was still flushing.
 */
const NOTE_EVERY = { ms: 1000, leastBytes: 2 ** 20, mostBytes: 2 ** 24 };

const READ_BYTES = 256 * 1024;

/**
 * A draft as a file beside its target.
 *
 * Its name ends in `.part`; `<name>.json` beside it says which object its bytes belong to and how many of them are sure to be on the disk.
 * Only those are taken up, and without the note none: they are never added to.
 * A part is only ever created anew (O_EXCL) or taken up with its note, by {@link openEarlierPart}'s rules.
 */
export class PartFile implements Draft {
  readonly #options: PartFileOptions;
  readonly #notePath: string;
  #handle: FileHandle | undefined;
  #bytes: WriteBehind;
  #identity: ObjectIdentity | undefined;
  /** Whether the part file lies on the disk, and its note. */
  #created = false;
  #noted = false;
  #notedLength = 0;
  #notedAt = 0;
  /** The final path, from the moment on that the bytes bear it. */
  #final: string | undefined;
  /** The note under way, which bytes that come meanwhile need not wait for: over 100 MB they would wait 0.2 s for the disk. */
  #noting: Promise<void> = Promise.resolve();

  private constructor(options: PartFileOptions) {
    this.#options = options;
    this.#notePath = `${options.path}.json`;
    this.#bytes = this.#writeBehind(0);
  }

  /** Takes up the part that an earlier run left under this path, if it is this recording's; else an empty draft, with nothing on disk yet. */
  static async open(options: PartFileOptions): Promise<PartFile> {
    const part = new PartFile(options);
    try {
      await part.#takeUp();
    } catch (error) {
      await part.keep();
      throw fileError(error, `open ${options.path}`);
    }
    return part;
  }

  get length(): number {
    return this.#bytes.length;
  }

  get identity(): ObjectIdentity | undefined {
    return this.#identity;
  }

  async room(): Promise<number | undefined> {
    try {
      const { bavail, bsize } = await statfs(path.dirname(this.#options.path));
      return bavail * bsize;
    } catch {
      // There are file systems that do not tell, and folders that are yet to be made.
      return undefined;
    }
  }

  async *earlier(): AsyncGenerator<Uint8Array> {
    const handle = this.#handle;
    if (handle === undefined) return;
    const buffer = new Uint8Array(READ_BYTES);
    for (let position = 0; position < this.length; ) {
      const { bytesRead } = await handle.read(buffer, 0, Math.min(buffer.length, this.length - position), position).catch((error) => {
        throw fileError(error, `read ${this.#options.path}`);
      });
      if (bytesRead === 0)
        throw new FileSystemError(`${this.#options.path} became shorter while it was being read.`, { ...RETRY_HINT, of: 'one' });
      yield buffer.subarray(0, bytesRead);
      position += bytesRead;
    }
  }

  async restart(identity: ObjectIdentity | undefined): Promise<void> {
    try {
      // First of all: what waits to be written must not be, beside or behind the truncating.
      await this.#bytes.drop();
      await this.#noting;
      if (this.#noted) await unlinkIfThere(this.#notePath);
      this.#noted = false;
      if (this.#bytes.written > 0) await this.#drop();
    } catch (error) {
      throw fileError(error, `write ${this.#options.path}`);
    }
    this.#bytes = this.#writeBehind(0);
    this.#identity = identity;
    this.#notedLength = 0;
    this.#notedAt = this.#options.elapsed();
  }

  write(bytes: Uint8Array): Promise<void> | undefined {
    return this.#bytes.write(bytes);
  }

  async commit(fetched: Fetched): Promise<SavedRecording> {
    const { extension, ...told } = fetched;
    const file = await this.#giveName({ extension, sha256: told.sha256 });
    try {
      await this.#options.syncFolder(path.dirname(file));
    } catch (error) {
      throw fileError(error, `save ${file}`);
    }
    const recording = { id: this.#options.id, file, ...told };
    await this.#options.record?.(recording);
    await this.#options.onClose?.();
    return recording;
  }

  async #giveName(proven: { extension: string; sha256: string }): Promise<string> {
    if (this.#final !== undefined) return this.#final;
    const part = this.#options.path;
    await this.#bytes.flush();
    let place: FinalPlace | undefined;
    try {
      await this.#noting;
      // The bytes first, then the name: a name on the disk without its bytes would be taken for whole.
      if (this.#handle !== undefined) await syncFile(this.#handle);
      this.#refuseOtherLength();
      this.#refuseOtherFile();
      // Only now: while a slow disk flushes, another file may come to stand there.
      place = await this.#options.place(proven);
      await this.#handle?.close();
      this.#handle = undefined;
      if (this.#noted) await unlinkIfThere(this.#notePath);
      this.#noted = false;
      const { path: file, replace, held } = place;
      const folder = path.dirname(file);
      const made = held?.made ?? (folder === path.dirname(part) ? [] : await makeFolders(folder));
      for (const one of made) await this.#options.syncFolder(path.dirname(one));
      const { sleep = systemClock.sleep, machine } = this.#options;
      await giveFinalName(part, held?.at(path.basename(file)) ?? file, { replace, sha256: proven.sha256, sleep, machine });
      this.#created = false;
      if (held?.isInPlace() === false) throw displaced(file);
    } catch (error) {
      throw fileError(error, `save ${place?.path ?? part}`);
    } finally {
      place?.held?.close();
    }
    this.#final = place.path;
    return place.path;
  }

  async keep(): Promise<void> {
    if (this.#final !== undefined || this.#identity === undefined || this.length === 0) return this.discard();
    try {
      await this.#bytes.flush();
      await this.#noting;
      if (!this.#noted || this.#notedLength < this.length) await this.#note(this.#identity);
      await this.#handle?.close();
      this.#handle = undefined;
    } catch {
      return this.discard();
    }
    await this.#options.onClose?.();
  }

  async discard(): Promise<void> {
    // What is thrown away need be neither written nor noted nor closed well.
    await this.#bytes.drop().catch(() => undefined);
    await this.#noting.catch(() => undefined);
    await this.#handle?.close().catch(() => undefined);
    this.#handle = undefined;
    if (this.#noted) await unlink(this.#notePath).catch(() => undefined);
    if (this.#created) await unlink(this.#options.path).catch(() => undefined);
    this.#noted = false;
    this.#created = false;
    await this.#options.onClose?.();
  }

  async #takeUp(): Promise<void> {
    // Asked synchronously, as hardly ever one is there: 3 µs, where to open it in vain takes 0.1 ms of the way through the thread pool.
    if (lstatSync(this.#notePath, { throwIfNoEntry: false }) === undefined) return;
    const note = await readPartNote(this.#notePath);
    if (note === undefined) return;
    await clearReplacement(this.#notePath);
    const handle =
      note === 'unreadable' || note.id !== this.#options.id ? undefined : await openEarlierPart(this.#options.path, this.#options.machine);
    if (note === 'unreadable' || handle === undefined || fstatSync(handle.fd).size < note.bytes) {
      await handle?.close();
      await unlinkIfThere(this.#notePath);
      return;
    }
    this.#handle = handle;
    if (fstatSync(handle.fd).size > note.bytes) await handle.truncate(note.bytes);
    this.#bytes = this.#writeBehind(note.bytes);
    this.#notedLength = note.bytes;
    this.#notedAt = this.#options.elapsed();
    this.#identity = { etag: note.etag, totalBytes: note.totalBytes ?? undefined };
    this.#noted = true;
    this.#created = true;
  }

  /** Lets go of the file, and takes it away: what comes next is written to a new one, which nobody else can hold open. */
  async #drop(): Promise<void> {
    const handle = this.#handle;
    this.#handle = undefined;
    if (handle === undefined) return;
    const isThere = liesAt(handle.fd, this.#options.path) === true;
    await handle.close();
    if (isThere) await unlinkIfThere(this.#options.path);
    this.#created = false;
  }

  #writeBehind(length: number): WriteBehind {
    return new WriteBehind({
      path: this.#options.path,
      file: async () => {
        this.#handle ??= await createPart(this.#options.path);
        this.#created = true;
        return this.#handle;
      },
      length,
      onWritten: () => (this.#identity !== undefined && this.#isWorthNoting() ? this.#beginNote(this.#identity) : undefined),
    });
  }

  /** What was proven are the bytes as they came. This holds the file against them, should anybody else have written to it. */
  #refuseOtherLength(): void {
    const bytes = this.#handle === undefined ? 0 : fstatSync(this.#handle.fd).size;
    if (bytes === this.length) return;
    throw new RecordingError(
      'CONTENT_MISMATCH',
      `${this.#options.path} holds ${bytes} bytes, and ${this.length} were written to it.`,
      RETRY_HINT,
    );
  }

  /**
   * Refuses to go on where another file has come to lie under the part's path, as after a machine that stood still lost its lock: it would be
   * given the name, or vouched for by the note, in place of what was written.
   */
  #refuseOtherFile(): void {
    // Where there is none, the rename says so.
    if (this.#handle === undefined || liesAt(this.#handle.fd, this.#options.path) !== false) return;
    // What lies there now is not this draft's to remove.
    this.#created = false;
    this.#noted = false;
    throw new RecordingError('CONTENT_MISMATCH', `Another file has taken the place of ${this.#options.path}.`, RETRY_HINT);
  }

  #isWorthNoting(): boolean {
    const { ms, leastBytes, mostBytes } = NOTE_EVERY;
    const step = Math.min(mostBytes, Math.max(leastBytes, this.#notedLength));
    return this.#bytes.written - this.#notedLength >= step || this.#options.elapsed() - this.#notedAt >= ms;
  }

  /** Notes what is written by now, while more is written. Waits for the note before it, so that what is not flushed stays bounded. */
  async #beginNote(identity: ObjectIdentity): Promise<void> {
    await this.#noting;
    this.#noting = this.#note(identity);
    // Whoever waits for it next is told.
    this.#noting.catch(() => undefined);
  }

  /** The bytes first, then the note that vouches for them. */
  async #note({ etag, totalBytes }: ObjectIdentity): Promise<void> {
    const bytes = this.#bytes.written;
    this.#notedLength = bytes;
    this.#notedAt = this.#options.elapsed();
    if (this.#handle !== undefined) await syncFile(this.#handle);
    this.#refuseOtherFile();
    const isThere = this.#noted;
    // Whatever becomes of the writing, there may be a note to clear away.
    this.#noted = true;
    await writePartNote(this.#notePath, { id: this.#options.id, etag, totalBytes: totalBytes ?? null, bytes }, isThere);
  }
}

const RETRY_HINT = { hint: 'Check that nobody else is writing to the folder, and try again.' };
