import type { FileHandle } from 'node:fs/promises';
import { FileSystemError } from './file-error.ts';

/**
 * Writes all of these pieces to a file, from a position on; a disk that becomes full takes a part of them first, and says so at the next
 * call. Throws errors of the system, and `FILE_SYSTEM` for a file that takes nothing and does not say why.
 */
export async function writeAll(file: Pick<FileHandle, 'writev'>, pieces: readonly Uint8Array[], position: number): Promise<void> {
  let at = position;
  for (let left = pieces.filter(({ length }) => length > 0); left.length > 0; ) {
    const { bytesWritten } = await file.writev(left, at);
    if (bytesWritten === 0) {
      const message = 'Cannot write: the disk accepts no more data, and does not say why.';
      throw new FileSystemError(message, { hint: 'Check the disk, and try again.', of: 'all' });
    }
    at += bytesWritten;
    left = without(left, bytesWritten);
  }
}

/** What is left of these pieces behind so many bytes of them. */
function without(pieces: Uint8Array[], bytes: number): Uint8Array[] {
  let passed = bytes;
  let index = 0;
  for (const { length } of pieces) {
    if (passed < length) break;
    passed -= length;
    index += 1;
  }
  const [first, ...others] = pieces.slice(index);
  return first === undefined ? [] : [first.subarray(passed), ...others];
}
