import { constants, lstatSync } from 'node:fs';
import { type FileHandle, open, rename, unlink } from 'node:fs/promises';
import path from 'node:path';
import { fileError } from '../../disk/file-error.ts';
import { openPlain } from '../../disk/open-plain.ts';
import { syncFile } from '../../disk/sync-file.ts';
import { syncFolder } from '../../disk/sync-folder.ts';
import { unlinkIfThere } from '../../disk/unlink.ts';
import { writeAll } from '../../disk/write-all.ts';
import { RecordingError } from '../../errors.ts';
import { MAX_ROW_LENGTH } from '../../list/list-row.ts';
import { FAILED_NAME, failedList, OwnList } from '../failed-rows.ts';
import { Manifest } from '../manifest.ts';

/** So many characters are written together. */
const PIECE_CHARACTERS = 64 * 1024;

/**
 * Brings a folder's `failed.txt` up to what its manifest says (see {@link failedList}), in one step that cannot be half done; takes it away
 * where no row failed. Returns its path, undefined where there is none. Throws `FILE_SYSTEM`, and `FILE_EXISTS` where rows failed and another's
 * file bears its name.
 */
export async function writeFailedList(folder: string, failed: number): Promise<string | undefined> {
  const file = path.join(folder, FAILED_NAME);
  const stands = lstatSync(file, { throwIfNoEntry: false }) !== undefined;
  if (failed === 0 && !stands) return undefined;
  const own = stands ? new OwnList() : undefined;
  const manifest = await Manifest.open(folder, (line) => own?.add(line));
  try {
    const isOwn = own === undefined || (await isOwnList(file, own));
    if (failed === 0) {
      if (isOwn) await unlinkIfThere(file);
      return undefined;
    }
    if (!isOwn) throw foreignError(file);
    await replace(
      file,
      failedList(() => manifest.failedLines()),
    );
    return file;
  } catch (error) {
    throw fileError(error, `write ${file}`);
  } finally {
    await manifest.close();
  }
}

/** Whether each line of a file is ours. A link, a device or a pipe is not, and neither is a line without end. */
async function isOwnList(file: string, own: OwnList): Promise<boolean> {
  const handle = await openPlain(file, constants.O_RDONLY).catch((error: unknown) => {
    if (error instanceof RecordingError) return undefined;
    throw error;
  });
  if (handle === undefined) return false;
  let first: string | undefined;
  let rest = '';
  const isOwn = (line: string) => {
    first ??= line;
    return own.holds(line, first);
  };
  for await (const chunk of handle.createReadStream({ encoding: 'utf8' })) {
    // A line that goes on is looked at when it ends, and not with each piece of it.
    if (rest.length <= MAX_ROW_LENGTH && !chunk.includes('\n')) {
      rest += chunk;
      continue;
    }
    const lines = (rest + chunk).split('\n');
    rest = lines.pop() ?? '';
    if (rest.length > MAX_ROW_LENGTH || !lines.every((line) => isOwn(line.replace(/\r$/u, '')))) return false;
  }
  return rest === '' || isOwn(rest);
}

async function replace(file: string, lines: Iterable<string>): Promise<void> {
  const growing = `${file}.part`;
  // Always anew: a run that was killed, or another user's link, may have left something under that name.
  await unlinkIfThere(growing);
  const handle = await open(growing, 'wx');
  try {
    await writeLines(handle, lines);
    await syncFile(handle);
    await rename(growing, file);
  } catch (error) {
    // Rows of a report are personal data: what has no place does not stay beside it.
    await unlink(growing).catch(() => undefined);
    throw error;
  } finally {
    await handle.close().catch(() => undefined);
  }
  await syncFolder(path.dirname(file));
}

async function writeLines(handle: FileHandle, lines: Iterable<string>): Promise<void> {
  let piece = '';
  let written = 0;
  const flush = async () => {
    const bytes = Buffer.from(piece);
    piece = '';
    await writeAll(handle, [bytes], written);
    written += bytes.length;
  };
  for (const line of lines) {
    piece += `${line}\n`;
    if (piece.length >= PIECE_CHARACTERS) await flush();
  }
  await flush();
}

function foreignError(file: string): RecordingError {
  if (lstatSync(file, { throwIfNoEntry: false })?.isDirectory()) {
    return new RecordingError('FILE_SYSTEM', `Cannot write ${file}: a folder stands there.`, { hint: MOVE_HINT });
  }
  return new RecordingError('FILE_EXISTS', `Cannot list the rows that failed: ${file} was not written by kaleyra-rec.`, {
    hint: MOVE_HINT,
  });
}

const MOVE_HINT = 'Move it away, and run the same command again; until then manifest.jsonl names the rows that failed.';
