import { type FileHandle, open, rename, unlink } from 'node:fs/promises';
import path from 'node:path';
import { fileError, hasCode } from '../file-error.ts';
import { coalesce } from './coalesce.ts';
import type { ListRow, ReportHeader } from './list-row.ts';

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
  readonly #flush = coalesce(() => this.#writePending());
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
    if (!this.#hasFailed && this.#pending.length >= BUFFER_CHARACTERS) await this.#flush();
  }

  /** Puts the list in its place, or takes the last one away where no row failed. Throws `FILE_SYSTEM`; the last list then stays. */
  async close(): Promise<void> {
    try {
      if (this.#any) {
        await this.#flush();
        await this.#handle?.datasync();
        await this.#closeHandle();
        await rename(this.#growing, this.#file);
      } else {
        await unlinkIfThere(this.#file);
        await unlinkIfThere(this.#growing);
      }
    } catch (error) {
      await this.#closeHandle().catch(() => undefined);
      await unlinkIfThere(this.#growing).catch(() => undefined);
      throw fileError(error, `write ${this.#file}`);
    }
  }

  /** Lets go of what was added, all of which must have been taken by then: the last list stays as it is. Never throws. */
  async abandon(): Promise<void> {
    this.#pending = '';
    await this.#closeHandle().catch(() => undefined);
    await unlinkIfThere(this.#growing).catch(() => undefined);
  }

  async #writePending(): Promise<void> {
    const text = this.#pending;
    this.#pending = '';
    try {
      this.#handle ??= await open(this.#growing, 'w');
      const bytes = Buffer.from(text);
      for (let at = 0; at < bytes.length; ) {
        const { bytesWritten } = await this.#handle.write(bytes, at, bytes.length - at, this.#written + at);
        at += bytesWritten;
      }
      this.#written += bytes.length;
    } catch (error) {
      this.#pending = text + this.#pending;
      this.#hasFailed = true;
      throw fileError(error, `write ${this.#file}`);
    }
  }

  async #closeHandle(): Promise<void> {
    const handle = this.#handle;
    this.#handle = undefined;
    await handle?.close();
  }
}

async function unlinkIfThere(file: string): Promise<void> {
  await unlink(file).catch((error: unknown) => {
    if (!hasCode(error, 'ENOENT')) throw error;
  });
}
