import { constants, lstatSync } from 'node:fs';
import { rename, unlink, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { fileError } from '../../disk/file-error.ts';
import { openPlain } from '../../disk/open-plain.ts';
import { unlinkIfThere } from '../../disk/unlink.ts';
import { BAD_ROWS_FIRST_LINE, BAD_ROWS_NAME, foreignBadRows } from '../bad-rows.ts';

/** Puts a folder's `bad-rows.txt` in its place; see `Archive.listBadRows`. Throws `FILE_SYSTEM`, and `FILE_EXISTS` where it is not ours. */
export async function writeBadList(folder: string, text: string | undefined): Promise<string | undefined> {
  const file = path.join(folder, BAD_ROWS_NAME);
  const growing = `${file}.part`;
  try {
    const stands = lstatSync(file, { throwIfNoEntry: false });
    const isOurs = stands === undefined || (stands.isFile() && (await beginsAsOurs(file)));
    if (text === undefined) {
      if (stands !== undefined && isOurs) await unlinkIfThere(file);
      return undefined;
    }
    if (!isOurs) throw foreignBadRows(file);
    await unlinkIfThere(growing);
    try {
      await writeFile(growing, text, { flag: 'wx' });
      await rename(growing, file);
    } catch (error) {
      // Rows of a report are personal data: what has no place does not stay beside it.
      await unlink(growing).catch(() => undefined);
      throw error;
    }
    return file;
  } catch (error) {
    throw fileError(error, `write ${file}`);
  }
}

/** Looks at no more than the first line: a file that is not ours can have any length. */
async function beginsAsOurs(file: string): Promise<boolean> {
  const first = Buffer.from(BAD_ROWS_FIRST_LINE);
  const handle = await openPlain(file, constants.O_RDONLY, { links: 'any' });
  try {
    const { bytesRead, buffer } = await handle.read(Buffer.alloc(first.length), 0, first.length, 0);
    return first.equals(buffer.subarray(0, bytesRead));
  } finally {
    await handle.close();
  }
}
