import { lstatSync } from 'node:fs';
import { readFile, rename, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { fileError } from '../../disk/file-error.ts';
import { unlinkIfThere } from '../../disk/unlink.ts';
import { RecordingError } from '../../errors.ts';
import { maskForms } from '../../redact.ts';

/** The name of the list of rows that could not be read. */
export const BAD_ROWS_NAME = 'bad-rows.txt';

/** By this line a file of that name is known for ours. */
const FIRST_LINE = '# Rows that kaleyra-rec could not read, each below what is wrong with it.';
/** Rows beyond this are counted and not kept: a file of which so much cannot be read is no report. In characters. */
const MOST_CHARACTERS = 64 * 1024 * 1024;

/** The rows of a list that could not be read (`--skip-bad-rows`), gathered while it is worked through. */
export class BadRows {
  #lines: string[] = [];
  #characters = 0;
  #count = 0;

  /** How many there were. */
  get count(): number {
    return this.#count;
  }

  /** Takes a row as it came, and why it cannot be read, which names its line. Signatures in it are masked. */
  add(raw: string, _line: number, why: string): void {
    this.#count += 1;
    this.#characters += raw.length;
    if (this.#characters > MOST_CHARACTERS) return;
    // A row may hold a signed link: whoever has it can listen to the call.
    this.#lines.push(`# ${why}`, maskForms(raw));
  }

  /**
   * Writes them to `bad-rows.txt` of a folder, in the place of those of an earlier run, and takes that away where there are none. Returns the file's path;
   * undefined where there is none. Throws `FILE_SYSTEM`, and `FILE_EXISTS` where a file of that name is not ours.
   */
  async write(folder: string): Promise<string | undefined> {
    const file = path.join(folder, BAD_ROWS_NAME);
    const growing = `${file}.part`;
    try {
      const stands = lstatSync(file, { throwIfNoEntry: false });
      const isOurs = stands === undefined || (stands.isFile() && (await readFile(file, 'utf8')).startsWith(FIRST_LINE));
      if (this.#count === 0) {
        if (stands !== undefined && isOurs) await unlinkIfThere(file);
        return undefined;
      }
      if (!isOurs) {
        throw new RecordingError('FILE_EXISTS', `Cannot list the rows that could not be read: ${file} was not written by kaleyra-rec.`, {
          hint: 'Move it away, and run the same command again.',
        });
      }
      await unlinkIfThere(growing);
      await writeFile(growing, `${[FIRST_LINE, ...this.#lines].join('\n')}\n`, { flag: 'wx' });
      await rename(growing, file);
      return file;
    } catch (error) {
      throw fileError(error, `write ${file}`);
    }
  }
}
