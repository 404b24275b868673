import { type FileHandle, open, rename, unlink } from 'node:fs/promises';
import path from 'node:path';
import { fileError, hasCode } from '../file-error.ts';
import type { ListRow, ReportHeader } from './list-row.ts';

/** The name of the list of rows that are worth another run. */
export const FAILED_NAME = 'failed.txt';

/** Under this name the list grows, until the run is over: a run that is killed leaves the last whole list as it was. */
const GROWING_NAME = `${FAILED_NAME}.part`;

const BUFFER_CHARACTERS = 64 * 1024;

/** `failed.txt`: the rows worth another run, as they came, under the report's header where there is one; a list that `batch` takes again. */
export class FailedRows {
  readonly #folder: string;
  readonly #header: ReportHeader | undefined;
  #handle: FileHandle | undefined;
  #pending = '';
  #any = false;

  constructor(folder: string, header: ReportHeader | undefined) {
    this.#folder = folder;
    this.#header = header;
  }

  /** Adds a row. Throws `FILE_SYSTEM`. */
  async add(row: ListRow): Promise<void> {
    if (!this.#any && this.#header !== undefined) this.#pending += `${this.#header.raw}\n`;
    this.#any = true;
    this.#pending += `${row.raw}\n`;
    if (this.#pending.length >= BUFFER_CHARACTERS) await this.#write();
  }

  /** Puts the list in its place, or takes the last one away where no row failed. Throws `FILE_SYSTEM`. */
  async close(): Promise<void> {
    const file = path.join(this.#folder, FAILED_NAME);
    try {
      if (!this.#any) {
        await unlink(file).catch((error: unknown) => {
          if (!hasCode(error, 'ENOENT')) throw error;
        });
        return;
      }
      await this.#write();
      await this.#handle?.datasync();
      await this.#handle?.close();
      await rename(path.join(this.#folder, GROWING_NAME), file);
    } catch (error) {
      throw fileError(error, `write ${file}`);
    }
  }

  async #write(): Promise<void> {
    const text = this.#pending;
    this.#pending = '';
    try {
      this.#handle ??= await open(path.join(this.#folder, GROWING_NAME), 'w');
      await this.#handle.appendFile(text);
    } catch (error) {
      throw fileError(error, `write ${path.join(this.#folder, FAILED_NAME)}`);
    }
  }
}
