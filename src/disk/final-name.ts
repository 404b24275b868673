import { link, lstat, rename, unlink } from 'node:fs/promises';
import { RecordingError } from '../errors.ts';
import { hasCode } from './file-error.ts';
import { ignoreMissing } from './unlink.ts';

/**
 * Gives a file a new name that nobody bears yet: `link` fails where it is taken, where `rename` would replace. Throws `FILE_EXISTS`, and
 * errors of the system.
 */
export async function moveNew(from: string, to: string): Promise<void> {
  try {
    await link(from, to);
  } catch (error) {
    if (hasCode(error, 'EEXIST')) throw await takenError(to);
    // Disks without hard links (FAT, some network shares): the gap between the look and the rename is all that can be had there.
    if (!hasCode(error, 'EPERM', 'ENOTSUP', 'EOPNOTSUPP', 'ENOSYS', 'EMLINK', 'EACCES')) throw error;
    if ((await lstat(to).catch(ignoreMissing)) !== undefined) throw await takenError(to);
    await rename(from, to);
    return;
  }
  await unlink(from);
}

/** The error for a path where something stands already: `FILE_EXISTS`, naming the flags that mend it, or `FILE_SYSTEM` for a folder. */
export async function takenError(file: string): Promise<RecordingError> {
  const found = await lstat(file).catch(ignoreMissing);
  if (found?.isDirectory()) {
    return new RecordingError('FILE_SYSTEM', `Cannot save ${file}: a folder stands there.`, { hint: 'Choose another name with --output.' });
  }
  return new RecordingError('FILE_EXISTS', `${file} exists already.`, {
    hint: 'Use --force to replace it, or --skip-existing to leave it and succeed.',
  });
}
