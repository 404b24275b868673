import { createHash } from 'node:crypto';
import { constants, fstatSync } from 'node:fs';
import { type FileHandle, open } from 'node:fs/promises';
import { FileSystemError, fileError } from './file-error.ts';

const PIECE_BYTES = 256 * 1024;

/**
 * The SHA-256 of a file's bytes, 64 lower-case hexadecimal digits, read in pieces. Throws `FILE_SYSTEM`, also for a pipe or a device, and the
 * signal's reason once it is aborted.
 */
export async function sha256OfFile(file: string, signal?: AbortSignal): Promise<string> {
  let handle: FileHandle | undefined;
  try {
    // Without O_NONBLOCK a pipe would be waited for until somebody writes to it.
    handle = await open(file, constants.O_RDONLY | (constants.O_NONBLOCK ?? 0));
    if (!fstatSync(handle.fd).isFile()) throw notAFile(file);
    return await sha256OfHandle(handle, signal);
  } catch (error) {
    throw fileError(error, `read ${file}`);
  } finally {
    await handle?.close();
  }
}

/** {@link sha256OfFile} for a file that is open; throws errors of the system. */
export async function sha256OfHandle(handle: FileHandle, signal?: AbortSignal): Promise<string> {
  const hash = createHash('sha256');
  const buffer = Buffer.allocUnsafe(PIECE_BYTES);
  for (let position = 0; ; ) {
    signal?.throwIfAborted();
    const { bytesRead } = await handle.read(buffer, 0, PIECE_BYTES, position);
    if (bytesRead === 0) return hash.digest('hex');
    hash.update(buffer.subarray(0, bytesRead));
    position += bytesRead;
  }
}

function notAFile(file: string): FileSystemError {
  return new FileSystemError(`Cannot read ${file}: it is not a regular file.`, { hint: 'Move away what stands there.', of: 'one' });
}
