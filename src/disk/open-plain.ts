import { closeSync, constants, fstatSync, lstatSync, openSync, type Stats } from 'node:fs';
import { type FileHandle, open } from 'node:fs/promises';
import type { RecordingError } from '../errors.ts';
import { FileSystemError, hasCode } from './file-error.ts';

/** What may stand under a name that is opened. */
export interface PlainOptions {
  /** Whether the file may have further names (hard links): what is written to it would be written to them. */
  links?: 'one' | 'any';
  /** The mode of a file that is made; 0666 less the umask where left out. */
  mode?: number;
}

/** A link there is not followed; and a pipe does not hold up whoever opens it. Windows knows neither, and there the look beforehand must do. */
export const CAREFULLY = (constants.O_NOFOLLOW ?? 0) | (constants.O_NONBLOCK ?? 0);

/**
 * Opens a file that must be one: no symbolic link, pipe, device or folder, and with one name unless `links` says otherwise. What was opened
 * is looked at, not what stood there before. `flags` are those of `fs.constants`; with `O_CREAT` a file is made only where nothing stands
 * (O_EXCL), so that it is never made behind a link. Throws errors of the system (ENOENT), and `FILE_SYSTEM` that says what stands there.
 */
export async function openPlain(file: string, flags: number, options: PlainOptions = {}): Promise<FileHandle> {
  const { existing, fresh } = flagsOf(flags);
  refuseOdd(lstatSync(file, { throwIfNoEntry: false }), file, options);
  const handle = await open(file, existing).catch((error: unknown) => {
    if (fresh === undefined || !hasCode(error, 'ENOENT')) throw linkError(error, file);
    return open(file, fresh, options.mode);
  });
  try {
    refuseOdd(fstatSync(handle.fd), file, options);
    return handle;
  } catch (error) {
    await handle.close();
    throw error;
  }
}

/** {@link openPlain} for what is read synchronously; gives the descriptor. */
export function openPlainSync(file: string, flags: number, options: PlainOptions = {}): number {
  refuseOdd(lstatSync(file, { throwIfNoEntry: false }), file, options);
  const { existing, fresh } = flagsOf(flags);
  let descriptor: number;
  try {
    descriptor = openSync(file, existing);
  } catch (error) {
    if (fresh === undefined || !hasCode(error, 'ENOENT')) throw linkError(error, file);
    descriptor = openSync(file, fresh, options.mode);
  }
  try {
    refuseOdd(fstatSync(descriptor), file, options);
    return descriptor;
  } catch (error) {
    closeSync(descriptor);
    throw error;
  }
}

/** What is opened, and what is made where that is missing. To open with O_CREAT what another user owns is refused in some shared folders. */
function flagsOf(flags: number): { existing: number; fresh: number | undefined } {
  const existing = (flags & ~constants.O_CREAT) | CAREFULLY;
  return { existing, fresh: flags & constants.O_CREAT ? existing | constants.O_CREAT | constants.O_EXCL : undefined };
}

function refuseOdd(found: Stats | undefined, file: string, { links = 'one' }: PlainOptions): void {
  if (found === undefined) return;
  if (found.isSymbolicLink()) throw oddError(file, 'it is a symbolic link', 'Put the file itself in its place.');
  if (found.isDirectory()) throw oddError(file, 'a folder stands there', 'Move the folder away.');
  if (!found.isFile()) throw oddError(file, 'it is not a regular file', 'Move away what stands there.');
  if (links === 'one' && found.nlink > 1) {
    const hint = 'Put a copy in its place (cp it to another name, then mv that over it), so that it stands alone.';
    throw oddError(file, `it has ${found.nlink} names (hard links), and what is written to it would change them all`, hint);
  }
}

/** Where a link is put there between the look and the opening. */
function linkError(error: unknown, file: string): unknown {
  return hasCode(error, 'ELOOP') ? oddError(file, 'it is a symbolic link', 'Put the file itself in its place.') : error;
}

function oddError(file: string, why: string, hint: string): RecordingError {
  return new FileSystemError(`Cannot use ${file}: ${why}.`, { hint, of: 'one' });
}
