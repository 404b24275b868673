import { lstatSync } from 'node:fs';
import { readFile, rename, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { fileError } from '../../disk/file-error.ts';
import { unlinkIfThere } from '../../disk/unlink.ts';
import { BAD_ROWS_FIRST_LINE, BAD_ROWS_NAME, foreignBadRows } from '../bad-rows.ts';

/** Puts a folder's `bad-rows.txt` in its place; see `Archive.listBadRows`. Throws `FILE_SYSTEM`, and `FILE_EXISTS` where it is not ours. */
export async function writeBadList(folder: string, text: string | undefined): Promise<string | undefined> {
  const file = path.join(folder, BAD_ROWS_NAME);
  const growing = `${file}.part`;
  try {
    const stands = lstatSync(file, { throwIfNoEntry: false });
    const isOurs = stands === undefined || (stands.isFile() && (await readFile(file, 'utf8')).startsWith(BAD_ROWS_FIRST_LINE));
    if (text === undefined) {
      if (stands !== undefined && isOurs) await unlinkIfThere(file);
      return undefined;
    }
    if (!isOurs) throw foreignBadRows(file);
    await unlinkIfThere(growing);
    await writeFile(growing, text, { flag: 'wx' });
    await rename(growing, file);
    return file;
  } catch (error) {
    throw fileError(error, `write ${file}`);
  }
}
