import { constants, fstatSync, lstatSync } from 'node:fs';
import { type FileHandle, open, unlink } from 'node:fs/promises';
import path from 'node:path';
import { fileError, hasCode } from '../../disk/file-error.ts';
import type { Machine } from '../../disk/machine.ts';
import { makeFolders } from '../../disk/make-folder.ts';
import { openPlain } from '../../disk/open-plain.ts';
import { isOwnFile } from '../../disk/owner.ts';
import { RecordingError } from '../../errors.ts';

/**
 * Opens the part that an earlier run has left; undefined where none is there that this run may write to: a regular file of this user's own
 * with one name. Another user may have planted it, and a crash between the two steps of giving a new name leaves one with two names, so
 * that writing to it would change the finished recording. Throws errors of the system.
 */
export async function openEarlierPart(file: string, machine?: Machine): Promise<FileHandle | undefined> {
  let handle: FileHandle;
  try {
    handle = await openPlain(file, constants.O_RDWR);
  } catch (error) {
    // What stands there instead is cleared away when the part is made.
    if (error instanceof RecordingError || hasCode(error, 'ENOENT', 'EACCES', 'EPERM')) return undefined;
    throw error;
  }
  if (await isOwnFile(fstatSync(handle.fd), file, `${path.basename(file)}.lock.probe`, machine)) return handle;
  await handle.close();
  return undefined;
}

/** Makes a part anew, in place of whatever stands there. Throws `FILE_SYSTEM`, which ends a batch: all parts are made in one folder. */
export async function createPart(file: string): Promise<FileHandle> {
  try {
    return await open(file, 'wx+').catch(async (error: unknown) => {
      // The folder is there but for the first time, so that it is made only when it turns out to be missing.
      if (hasCode(error, 'ENOENT')) await makeFolders(path.dirname(file));
      else if (hasCode(error, 'EEXIST')) await unlink(file);
      else throw error;
      return open(file, 'wx+');
    });
  } catch (error) {
    // What cannot be cleared away here, a folder or another user's file, is in no other recording's way.
    throw fileError(error, `write ${file}`, stands(file) ? 'one' : 'all');
  }
}

function stands(file: string): boolean {
  try {
    return lstatSync(file, { throwIfNoEntry: false }) !== undefined;
  } catch {
    return false;
  }
}
