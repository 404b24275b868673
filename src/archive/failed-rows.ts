import { type FileHandle, open, rename, unlink } from 'node:fs/promises';
import path from 'node:path';
import { coalesce } from '../disk/coalesce.ts';
import { fileError } from '../disk/file-error.ts';
import { liesAt } from '../disk/lies-at.ts';
import { syncFolder } from '../disk/sync-folder.ts';
import { unlinkIfThere } from '../disk/unlink.ts';
import { writeAll } from '../disk/write-all.ts';
import { RecordingError } from '../errors.ts';
import type { ListRow, ReportHeader } from '../list/list-row.ts';

/** The name of the list of rows that are worth another run. */
export const FAILED_NAME = 'failed.txt';

/** Under this name the list grows, until the run is over: a run that is killed leaves the last whole list as it was. */
const GROWING_NAME = `${FAILED_NAME}.part`;

const BUFFER_CHARACTERS = 64 * 1024;

/** `failed.txt`: the rows worth another run, as they came, under the report's header where there is one; a list that `batch` takes again. */
export class FailedRows {
  readonly #file: string;
  readonly #growing: string;
  readonly #header: ReportHeader | undefined;
  readonly #write = coalesce(() => this.#writePending());
  #handle: FileHandle | undefined;
  #pending = '';
  /** How many bytes are in the file for certain. What a disk that became full took of the next ones is written over. */
  #written = 0;
  #any = false;
  /** Whether writing has failed: what comes is kept until {@link close}, when those that are cut have made room. */
  #hasFailed = false;

  /** The list of a folder that exists; nothing is written yet. `header` is the report's, where the rows come from one. */
  constructor(folder: string, header: ReportHeader | undefined) {
    this.#file = path.join(folder, FAILED_NAME);
    this.#growing = path.join(folder, GROWING_NAME);
    this.#header = header;
  }

  /** Adds a row. Several may be added at once. Throws `FILE_SYSTEM`, once; no row is lost by that, if only the disk has room in the end. */
  async add(row: ListRow): Promise<void> {
    if (!this.#any && this.#header !== undefined) this.#pending += `${this.#header.raw}\n`;
    this.#any = true;
    this.#pending += `${row.raw}\n`;
    if (!this.#hasFailed && this.#pending.length >= BUFFER_CHARACTERS) await this.#write();
  }

  /** Writes what was added, so that the disk has room for it whatever comes next. Throws `FILE_SYSTEM`; no row is lost by that. */
  async flush(): Promise<void> {
    if (this.#any) await this.#write();
  }

  /** Puts the list in its place, or takes the last one away where no row failed. Throws `FILE_SYSTEM`; the last list then stays. */
  async close(): Promise<void> {
    try {
      if (this.#any) {
        await this.#write();
        await this.#handle?.datasync();
        this.#refuseOther();
        await rename(this.#growing, this.#file);
        await this.#handle?.close().catch(() => undefined);
        this.#handle = undefined;
        await syncFolder(path.dirname(this.#file));
      } else {
        await unlinkIfThere(this.#file);
        await unlinkIfThere(this.#growing);
      }
    } catch (error) {
      await this.abandon();
      throw fileError(error, `write ${this.#file}`);
    }
  }

  /** Lets go of what was added, all of which must have been taken by then: the last list stays as it is. Never throws. */
  async abandon(): Promise<void> {
    const handle = this.#handle;
    this.#handle = undefined;
    this.#pending = '';
    if (handle === undefined) return;
    try {
      if (liesAt(handle.fd, this.#growing) === true) await unlink(this.#growing);
    } catch {
      // A later run takes it away.
    }
    await handle.close().catch(() => undefined);
  }

  /** After a machine that stood still has lost its lock, another run's list may grow there. */
  #refuseOther(): void {
    if (this.#handle === undefined || liesAt(this.#handle.fd, this.#growing) !== false) return;
    throw new RecordingError('FILE_SYSTEM', `Cannot write ${this.#file}: another run is at work on it.`, {
      hint: 'Wait for that run to end, and run the same command again.',
    });
  }

  async #writePending(): Promise<void> {
    const text = this.#pending;
    this.#pending = '';
    try {
      this.#handle ??= await this.#create();
      const bytes = Buffer.from(text);
      await writeAll(this.#handle, [bytes], this.#written);
      this.#written += bytes.length;
    } catch (error) {
      this.#pending = text + this.#pending;
      this.#hasFailed = true;
      throw fileError(error, `write ${this.#file}`);
    }
  }

  /** Always anew: another run, or another user's link, may have left something under that name. */
  async #create(): Promise<FileHandle> {
    await unlinkIfThere(this.#growing);
    return open(this.#growing, 'wx');
  }
}
