import { constants } from 'node:fs';
import { type FileHandle, link, lstat, mkdir, open, readFile, rename, unlink, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { RecordingError } from '../errors.ts';
import { fileError, hasCode } from '../file-error.ts';
import type { Draft, ObjectIdentity } from './draft.ts';

/** Where a proven recording goes. */
export interface Place {
  /** The final path. */
  path: string;
  /** Whether a file that stands there is replaced; if not, it is an error (`FILE_EXISTS`). */
  replace: boolean;
}

/** What a part file needs. */
export interface PartFileOptions {
  /** The part file's own path. It lies in the folder of the final file or in one above, so that the last step is a rename. */
  path: string;
  /** The id of the recording, so that bytes of another one under the same path are not taken up. */
  id: string;
  /** Says, once the extension is known, where the recording goes. May throw a RecordingError. */
  place: (proven: { extension: string; sha256: string }) => Promise<Place>;
  /** Makes a rename in this folder safe against a crash; see `syncFolder`. */
  syncFolder: (folder: string) => Promise<void>;
  /** Called once, when the part is no longer needed. */
  onClose?: () => Promise<void>;
  /** A clock in milliseconds that never goes back. */
  elapsed: () => number;
}

/** What is noted beside a part file, once it is worth resuming: from so many bytes or milliseconds on. Below, starting again costs less. */
const WORTH_NOTING = { bytes: 1024 * 1024, ms: 1000 };

const READ_BYTES = 256 * 1024;

/**
 * A draft as a file beside its target.
 *
 * Its name ends in `.part`; `<name>.json` beside it says which object its bytes belong to, and without that note they are never added to.
 * A part is only ever created anew (O_EXCL) or taken up with its note, and never where it has a second name: a crash between the two
 * steps of {@link moveNew} leaves such a one, and writing to it would change the finished recording.
 */
export class PartFile implements Draft {
  readonly #options: PartFileOptions;
  readonly #notePath: string;
  #handle: FileHandle | undefined;
  #length = 0;
  #identity: ObjectIdentity | undefined;
  /** Whether the part file lies on the disk, and its note. */
  #created = false;
  #noted = false;
  #begunAt = 0;

  private constructor(options: PartFileOptions) {
    this.#options = options;
    this.#notePath = `${options.path}.json`;
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
    return this.#length;
  }

  get identity(): ObjectIdentity | undefined {
    return this.#identity;
  }

  async *earlier(): AsyncGenerator<Uint8Array> {
    const handle = this.#handle;
    if (handle === undefined) return;
    const buffer = new Uint8Array(READ_BYTES);
    for (let position = 0; position < this.#length; ) {
      const { bytesRead } = await handle.read(buffer, 0, Math.min(buffer.length, this.#length - position), position);
      if (bytesRead === 0) throw new RecordingError('FILE_SYSTEM', `${this.#options.path} became shorter while it was read.`, RETRY_HINT);
      yield buffer.subarray(0, bytesRead);
      position += bytesRead;
    }
  }

  async restart(identity: ObjectIdentity | undefined): Promise<void> {
    try {
      if (this.#noted) await unlinkIfThere(this.#notePath);
      this.#noted = false;
      if (this.#handle === undefined) this.#handle = await this.#create();
      else if (this.#length > 0) await this.#handle.truncate(0);
    } catch (error) {
      throw fileError(error, `write ${this.#options.path}`);
    }
    this.#length = 0;
    this.#identity = identity;
    this.#begunAt = this.#options.elapsed();
  }

  async write(bytes: Uint8Array): Promise<void> {
    try {
      this.#handle ??= await this.#create();
      for (let written = 0; written < bytes.length; ) {
        const { bytesWritten } = await this.#handle.write(bytes, written, bytes.length - written, this.#length);
        written += bytesWritten;
        this.#length += bytesWritten;
      }
      if (!this.#noted && this.#identity !== undefined && this.#isWorthNoting()) await this.#note(this.#identity);
    } catch (error) {
      throw fileError(error, `write ${this.#options.path}`);
    }
  }

  async commit(proven: { extension: string; sha256: string }): Promise<string> {
    const part = this.#options.path;
    const place = await this.#options.place(proven);
    try {
      // The bytes first, then the name: a name on the disk without its bytes would be taken for whole.
      await this.#handle?.datasync();
      await this.#handle?.close();
      this.#handle = undefined;
      if (this.#noted) await unlinkIfThere(this.#notePath);
      const folder = path.dirname(place.path);
      const made = folder === path.dirname(part) ? undefined : await mkdir(folder, { recursive: true });
      if (made !== undefined) await this.#options.syncFolder(path.dirname(made));
      await (place.replace ? rename(part, place.path) : moveNew(part, place.path));
      this.#created = false;
      await this.#options.syncFolder(folder);
    } catch (error) {
      throw fileError(error, `save ${place.path}`);
    }
    await this.#options.onClose?.();
    return place.path;
  }

  async keep(): Promise<void> {
    if (this.#identity === undefined || this.#length === 0) return this.discard();
    try {
      if (!this.#noted) await this.#note(this.#identity);
      await this.#handle?.close();
      this.#handle = undefined;
    } catch {
      return this.discard();
    }
    await this.#options.onClose?.();
  }

  async discard(): Promise<void> {
    // What is thrown away need not close well.
    await this.#handle?.close().catch(() => undefined);
    this.#handle = undefined;
    if (this.#noted) await unlink(this.#notePath).catch(() => undefined);
    if (this.#created) await unlink(this.#options.path).catch(() => undefined);
    this.#noted = false;
    this.#created = false;
    await this.#options.onClose?.();
  }

  async #takeUp(): Promise<void> {
    const note = await readNote(this.#notePath);
    if (note === undefined) return;
    const found = await lstat(this.#options.path).catch(ignoreMissing);
    if (note === 'unreadable' || note.id !== this.#options.id || !found?.isFile() || found.nlink > 1) {
      await unlinkIfThere(this.#notePath);
      return;
    }
    this.#handle = await open(this.#options.path, constants.O_RDWR | (constants.O_NOFOLLOW ?? 0));
    this.#length = (await this.#handle.stat()).size;
    this.#identity = { etag: note.etag, totalBytes: note.totalBytes ?? undefined };
    this.#noted = true;
    this.#created = true;
  }

  async #create(): Promise<FileHandle> {
    await mkdir(path.dirname(this.#options.path), { recursive: true });
    const handle = await open(this.#options.path, 'wx+').catch(async (error: unknown) => {
      if (!hasCode(error, 'EEXIST')) throw error;
      await unlink(this.#options.path);
      return open(this.#options.path, 'wx+');
    });
    this.#created = true;
    return handle;
  }

  #isWorthNoting(): boolean {
    return this.#length >= WORTH_NOTING.bytes || this.#options.elapsed() - this.#begunAt >= WORTH_NOTING.ms;
  }

  async #note({ etag, totalBytes }: ObjectIdentity): Promise<void> {
    const note: Note = { id: this.#options.id, etag, totalBytes: totalBytes ?? null };
    await writeFile(this.#notePath, `${JSON.stringify(note)}\n`);
    this.#noted = true;
  }
}

interface Note {
  id: string;
  etag: string;
  totalBytes: number | null;
}

const RETRY_HINT = { hint: 'Check that nobody else writes to the folder, and try again.' };

async function readNote(file: string): Promise<Note | 'unreadable' | undefined> {
  const text = await readFile(file, 'utf8').catch(ignoreMissing);
  if (text === undefined) return undefined;
  try {
    const note = JSON.parse(text) as Partial<Note> | null;
    const right = typeof note?.id === 'string' && typeof note.etag === 'string';
    return right ? (note as Note) : 'unreadable';
  } catch {
    return 'unreadable';
  }
}

/** Gives a file a new name that nobody bears yet: `link` fails where it is taken, where `rename` would replace. */
async function moveNew(from: string, to: string): Promise<void> {
  try {
    await link(from, to);
  } catch (error) {
    if (hasCode(error, 'EEXIST')) throw await takenError(to);
    // Disks without hard links (FAT, some network shares): the gap between the look and the rename is all that can be had there.
    if (!hasCode(error, 'EPERM', 'ENOTSUP', 'EOPNOTSUPP', 'ENOSYS', 'EMLINK', 'EACCES')) throw error;
    if ((await lstat(to).catch(ignoreMissing)) !== undefined) throw await takenError(to);
    await rename(from, to);
    return;
  }
  await unlink(from);
}

/** The error for a path where something stands already: `FILE_EXISTS`, naming the flags that mend it, or `FILE_SYSTEM` for a folder. */
export async function takenError(file: string): Promise<RecordingError> {
  const found = await lstat(file).catch(ignoreMissing);
  if (found?.isDirectory()) {
    return new RecordingError('FILE_SYSTEM', `Cannot save ${file}: a folder stands there.`, { hint: 'Choose another name with --output.' });
  }
  return new RecordingError('FILE_EXISTS', `${file} exists already.`, {
    hint: 'Use --force to replace it, or --skip-existing to leave it and succeed.',
  });
}

/**
 * Makes the names in a folder safe against a crash of the machine (fsync of a directory, as POSIX systems need it; Windows neither needs
 * nor allows it).
 */
export async function syncFolder(folder: string): Promise<void> {
  let handle: FileHandle | undefined;
  try {
    handle = await open(folder, constants.O_RDONLY);
    await handle.sync();
  } catch (error) {
    if (!hasCode(error, 'EISDIR', 'EPERM', 'EINVAL', 'EACCES', 'ENOTSUP', 'EBADF')) throw error;
  } finally {
    await handle?.close();
  }
}

async function unlinkIfThere(file: string): Promise<void> {
  await unlink(file).catch(ignoreMissing);
}

function ignoreMissing(error: unknown): undefined {
  if (!hasCode(error, 'ENOENT')) throw error;
  return undefined;
}
