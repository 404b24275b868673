import { RecordingError } from '../errors.ts';
import { type Machine, thisMachine } from './machine.ts';

const WHY: Readonly<Record<string, [why: string, hint: string]>> = {
  ENOSPC: ['the disk is full', 'Free some space, and run the same command again.'],
  EDQUOT: ['the disk quota is used up', 'Free some space, and run the same command again.'],
  EFBIG: ['the file would be too large for this disk', 'Choose a folder on another disk.'],
  EACCES: ['permission is denied', 'Choose another folder, or have its permissions changed.'],
  EPERM: ['the operation is not permitted', 'Choose another folder, or have its permissions changed.'],
  EROFS: ['the disk is read-only', 'Choose another folder.'],
  EISDIR: ['a folder stands there', 'Move the folder away, or choose another name.'],
  ENOTDIR: ['a file stands where a folder belongs', 'Move the file away, or choose another folder.'],
  ENOENT: ['it does not exist, or has vanished', 'Check the path, and that nobody else is clearing the folder.'],
  ENAMETOOLONG: ['the path is too long', 'Choose a shorter folder or file name.'],
  ELOOP: ['a symbolic link stands there, or links go round in circles', 'Choose another name.'],
  EMFILE: ['too many files are open', 'Lower --concurrency, or raise the limit of open files (ulimit -n).'],
  ENFILE: ['too many files are open on this machine', 'Lower --concurrency.'],
  EIO: ['the disk reports a read or write error', 'Check the disk, or choose a folder on another one.'],
  EBUSY: ['another program is using it', 'Close whatever is using it, and try again.'],
  ESTALE: ['the network share has lost track of it', 'Check the share, and try again.'],
  EUCLEAN: ['the file system is damaged', 'Have the disk checked and repaired, or choose a folder on another one.'],
  ENOMEDIUM: ['the disk was removed', 'Connect the disk again, and run the same command again.'],
  ENXIO: ['nobody is reading from that pipe', 'Start the program that reads it first, or name a file.'],
  EXDEV: ['it lies on another disk', 'Choose a folder on the same disk.'],
};

/** What the disk says no to for every file on it, or this process has run out of. */
const EVERYWHERE: ReadonlySet<string> = new Set(['ENOSPC', 'EDQUOT', 'EROFS', 'EMFILE', 'ENFILE', 'ENOENT', 'EUCLEAN', 'ENOMEDIUM']);

/** `FILE_SYSTEM`, with whether it would befall every other file too: `of` one recording alone, or `all`. */
export class FileSystemError extends RecordingError {
  readonly of: 'one' | 'all';

  constructor(message: string, details: { hint: string; retryable?: boolean; cause?: unknown; of: 'one' | 'all' }) {
    super('FILE_SYSTEM', message, details);
    this.of = details.of;
  }
}

/**
 * `FILE_SYSTEM` for an error of the file system. `action` completes "Cannot …": `save recordings/a.mp3`. What is a RecordingError already, or
 * no error of the system at all, comes back as it is. `of` says whether the file is one that every recording needs (`all`: the archive's
 * own files, the folder that parts are made in), so that the error ends the whole batch; see {@link endsBatch}.
 */
export function fileError(error: unknown, action: string, of: 'one' | 'all' = 'one'): unknown {
  if (of === 'all' && error instanceof FileSystemError)
    return new FileSystemError(error.message, { hint: error.hint, cause: error.cause, of });
  if (error instanceof RecordingError || !isSystemError(error)) return error;
  const code = codeOf(error);
  const [why, hint] = WHY[code] ?? [code, 'Check the disk and the folder, and try again.'];
  return new FileSystemError(`Cannot ${action}: ${why}.`, { hint, cause: error, of: EVERYWHERE.has(code) ? 'all' : of });
}

/**
 * Whether an error of the disk stands in every recording's way, so that a batch ends with it: the disk is full or read-only, the folder
 * has vanished, or it befell a file that all of them need. What stands in one recording's way fails that recording alone (permission in one
 * subfolder, a file where its folder belongs, a name that is in use). False for errors that are not `FILE_SYSTEM`.
 */
export function endsBatch(error: RecordingError): boolean {
  if (error.code !== 'FILE_SYSTEM') return false;
  if (error instanceof FileSystemError) return error.of === 'all';
  return !isSystemError(error.cause) || EVERYWHERE.has(codeOf(error.cause));
}

/** Whether a thrown value is an error of the system with this code, `ENOENT` for instance. */
export function hasCode(error: unknown, ...codes: string[]): error is NodeJS.ErrnoException & { code: string } {
  return isSystemError(error) && codes.includes(codeOf(error));
}

/** Errors that Node has no name for: it calls them "Unknown system error -122". Source: errno.h of Linux, and of macOS and the BSDs. */
const UNNAMED: Readonly<Record<'linux' | 'bsd', Readonly<Record<number, string>>>> = {
  linux: { 116: 'ESTALE', 117: 'EUCLEAN', 122: 'EDQUOT', 123: 'ENOMEDIUM' },
  bsd: { 69: 'EDQUOT', 70: 'ESTALE' },
};

function codeOf({ code, errno }: NodeJS.ErrnoException, { platform }: Pick<Machine, 'platform'> = thisMachine): string {
  const named = errno === undefined ? undefined : UNNAMED[platform === 'linux' ? 'linux' : 'bsd'][-errno];
  return code?.startsWith('Unknown system error') && platform !== 'win32' && named !== undefined ? named : (code ?? '');
}

function isSystemError(error: unknown): error is Error & { code: string } {
  return error instanceof Error && typeof (error as { code?: unknown }).code === 'string' && 'syscall' in error;
}
