import { RecordingError } from '../errors.ts';

const WHY: Readonly<Record<string, [why: string, hint: string]>> = {
  ENOSPC: ['the disk is full', 'Make room, and run the same command again.'],
  EDQUOT: ['the disk quota is used up', 'Make room, and run the same command again.'],
  EFBIG: ['the file would be too large for this disk', 'Choose a folder on another disk.'],
  EACCES: ['permission is denied', 'Choose another folder, or have its permissions changed.'],
  EPERM: ['it is not permitted', 'Choose another folder, or have its permissions changed.'],
  EROFS: ['the disk is read-only', 'Choose another folder.'],
  EISDIR: ['a folder stands there', 'Move the folder away, or choose another name.'],
  ENOTDIR: ['a file stands where a folder belongs', 'Move the file away, or choose another folder.'],
  ENOENT: ['it does not exist, or vanished meanwhile', 'Check the path, and that nobody else clears the folder.'],
  ENAMETOOLONG: ['the path is too long', 'Choose a shorter folder or file name.'],
  ELOOP: ['a symbolic link stands there, or links go round in circles', 'Choose another name.'],
  EMFILE: ['too many files are open', 'Lower --concurrency, or raise the limit of open files (ulimit -n).'],
  ENFILE: ['too many files are open on this machine', 'Lower --concurrency.'],
  EIO: ['the disk reports a read or write error', 'Check the disk; choose a folder on another one.'],
};

/**
 * `FILE_SYSTEM` for an error of the file system. `action` completes "Cannot …": `save recordings/a.mp3`. What is a RecordingError already, or
 * no error of the system at all, comes back as it is.
 */
export function fileError(error: unknown, action: string): unknown {
  if (error instanceof RecordingError || !isSystemError(error)) return error;
  const [why, hint] = WHY[error.code] ?? [error.code, 'Check the disk and the folder, and try again.'];
  return new RecordingError('FILE_SYSTEM', `Cannot ${action}: ${why}.`, { hint, cause: error });
}

/** Whether a thrown value is an error of the system with this code, `ENOENT` for instance. */
export function hasCode(error: unknown, ...codes: string[]): boolean {
  return isSystemError(error) && codes.includes(error.code);
}

function isSystemError(error: unknown): error is Error & { code: string } {
  return error instanceof Error && typeof (error as { code?: unknown }).code === 'string' && 'syscall' in error;
}
