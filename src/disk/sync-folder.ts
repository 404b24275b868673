import { constants } from 'node:fs';
import { type FileHandle, open } from 'node:fs/promises';
import { hasCode } from './file-error.ts';

/**
 * Makes the names in a folder safe against a crash of the machine (fsync of a directory, as POSIX systems need it; Windows neither needs
 * nor allows it).
 */
export async function syncFolder(folder: string): Promise<void> {
  let handle: FileHandle | undefined;
  try {
    handle = await open(folder, constants.O_RDONLY);
    await handle.sync();
  } catch (error) {
    if (!hasCode(error, 'EISDIR', 'EPERM', 'EINVAL', 'EACCES', 'ENOTSUP', 'EBADF')) throw error;
  } finally {
    await handle?.close();
  }
}
