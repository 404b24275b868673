import { fdatasyncSync } from 'node:fs';
import type { FileHandle } from 'node:fs/promises';
import { hasCode } from './file-error.ts';

/** How a disk says that it has no flushing: some network shares, FUSE and FAT. What was written is then as safe as it gets there. */
export const NO_FLUSHING = ['ENOTSUP', 'EOPNOTSUPP', 'EINVAL', 'ENOSYS', 'ENOTTY'];

/** Makes a file's bytes safe against a crash of the machine, as far as its disk can. Throws errors of the system. */
export async function syncFile(file: Pick<FileHandle, 'datasync'>): Promise<void> {
  try {
    await file.datasync();
  } catch (error) {
    if (!hasCode(error, ...NO_FLUSHING)) throw error;
  }
}

/** {@link syncFile} at once. */
export function syncFileSync(descriptor: number): void {
  try {
    fdatasyncSync(descriptor);
  } catch (error) {
    if (!hasCode(error, ...NO_FLUSHING)) throw error;
  }
}
