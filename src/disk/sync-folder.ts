import { constants } from 'node:fs';
import { type FileHandle, open } from 'node:fs/promises';
import { hasCode } from './file-error.ts';
import { NO_FLUSHING } from './sync-file.ts';

/**
 * Makes the names in a folder safe against a crash of the machine (fsync of a directory, as POSIX systems need it; Windows neither needs
 * nor allows it, and some network shares do not know it). Throws errors of the system.
 */
export async function syncFolder(folder: string): Promise<void> {
  let handle: FileHandle | undefined;
  try {
    handle = await open(folder, constants.O_RDONLY);
    await handle.sync();
  } catch (error) {
    if (!hasCode(error, 'EISDIR', 'EPERM', 'EACCES', 'EBADF', ...NO_FLUSHING)) throw error;
  } finally {
    await handle?.close();
  }
}
