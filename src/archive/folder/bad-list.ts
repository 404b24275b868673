import { constants, lstatSync } from 'node:fs';
import { rename, unlink, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { fileError } from '../../disk/file-error.ts';
import { openPlain } from '../../disk/open-plain.ts';
import { unlinkIfThere } from '../../disk/unlink.ts';
import { RecordingError } from '../../errors.ts';
import { BAD_ROWS_FIRST_LINE, BAD_ROWS_NAME, foreignBadRows } from '../bad-rows.ts';

/** Puts a folder's `bad-rows.txt` in its place; see `Archive.listBadRows`. Throws `FILE_SYSTEM`, and `FILE_EXISTS` where it is not ours. */
export async function writeBadList(folder: string, text: string | undefined): Promise<string | undefined> {
  const file = path.join(folder, BAD_ROWS_NAME);
  const growing = `${file}.part`;
  try {
    const stands = lstatSync(file, { throwIfNoEntry: false });
    const isOurs = stands === undefined || (await isOwnList(file));
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

/** Whether a file begins as ours do. A link, a device or a pipe is not ours. */
async function isOwnList(file: string): Promise<boolean> {
  const handle = await openPlain(file, constants.O_RDONLY, { links: 'any' }).catch((error: unknown) => {
    if (error instanceof RecordingError) return undefined;
    throw error;
  });
  if (handle === undefined) return false;
  try {
    const { buffer, bytesRead } = await handle.read(Buffer.alloc(BAD_ROWS_FIRST_LINE.length), 0);
    return buffer.toString('utf8', 0, bytesRead) === BAD_ROWS_FIRST_LINE;
  } finally {
    await handle.close();
  }
}
