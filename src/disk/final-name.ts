import { link, lstat, rename, unlink } from 'node:fs/promises';
import { RecordingError } from '../errors.ts';
import type { Clock } from '../system.ts';
import { copyBeside } from './copy-beside.ts';
import { FileSystemError, hasCode } from './file-error.ts';
import type { Machine } from './machine.ts';
import { withPatience } from './patience.ts';
import { ignoreMissing } from './unlink.ts';

/** How a file gets its final name. */
export interface FinalNameOptions {
  /** Whether a file that stands there is replaced; if not, it is an error (`FILE_EXISTS`). */
  replace: boolean;
  /** The SHA-256 of the file's bytes, which a copy must have. */
  sha256: string;
  sleep: Clock['sleep'];
  machine?: Machine | undefined;
}

/**
 * Gives a file its final name, in one step that cannot be half done. To another disk (a subfolder that is a link or a mount) it is copied,
 * flushed and proven first, under its old name in the new folder. Tries again for a moment where something holds the file. Throws
 * `FILE_EXISTS`, `CONTENT_MISMATCH` for a copy that came out differently, and errors of the system.
 */
export async function giveFinalName(from: string, to: string, options: FinalNameOptions): Promise<void> {
  const { replace, sleep, machine } = options;
  const move = (file: string) => withPatience(() => (replace ? rename(file, to) : moveNew(file, to)), sleep, machine);
  try {
    await move(from);
  } catch (error) {
    if (!hasCode(error, 'EXDEV')) throw error;
    const copy = await copyBeside(from, to, options.sha256);
    try {
      await move(copy);
    } catch (failure) {
      await unlink(copy).catch(() => undefined);
      throw failure;
    }
    // The name is given: what stays of the part is cleared away by whoever fetches this recording next.
    await unlink(from).catch(() => undefined);
  }
}

/**
 * Gives a file a new name that nobody bears yet: `link` fails where it is taken, where `rename` would replace. Throws `FILE_EXISTS`, and
 * errors of the system.
 */
export async function moveNew(from: string, to: string): Promise<void> {
  try {
    await link(from, to);
  } catch (error) {
    if (hasCode(error, 'EEXIST')) {
      // A network file system can report a link as failed that it has made: the answer got lost, and the request was repeated.
      if (!(await isSame(from, to))) throw await takenError(to);
    } else {
      // Disks without hard links (FAT, some network shares): the gap between the look and the rename is all that can be had there.
      if (!hasCode(error, 'EPERM', 'ENOTSUP', 'EOPNOTSUPP', 'ENOSYS', 'EMLINK', 'EACCES')) throw error;
      if ((await lstat(to).catch(ignoreMissing)) !== undefined) throw await takenError(to);
      await rename(from, to);
      return;
    }
  }
  await unlink(from);
}

/** The error for a path where something stands already: `FILE_EXISTS`, naming the flags that mend it, or `FILE_SYSTEM` for a folder. */
export async function takenError(file: string): Promise<RecordingError> {
  const found = await lstat(file).catch(ignoreMissing);
  if (found?.isDirectory()) {
    return new FileSystemError(`Cannot save ${file}: a folder stands there.`, { hint: 'Choose another name with --output.', of: 'one' });
  }
  return existsError(file);
}

/** `FILE_EXISTS`, naming the flags that mend it. */
export function existsError(file: string): RecordingError {
  return new RecordingError('FILE_EXISTS', `${file} already exists.`, {
    hint: 'Use --force to replace it, or --skip-existing to leave it and succeed.',
  });
}

async function isSame(one: string, other: string): Promise<boolean> {
  const [first, second] = await Promise.all([one, other].map((file) => lstat(file, { bigint: true }).catch(ignoreMissing)));
  return first !== undefined && second !== undefined && first.ino === second.ino && first.dev === second.dev && first.ino !== 0n;
}
