import { unlink } from 'node:fs/promises';
import { hasCode } from './file-error.ts';

/** Removes a file; that there is none is right as well. */
export async function unlinkIfThere(file: string): Promise<void> {
  await unlink(file).catch(ignoreMissing);
}

/** For `catch`: undefined where a file is missing, anything else is thrown on. */
export function ignoreMissing(error: unknown): undefined {
  if (!hasCode(error, 'ENOENT')) throw error;
  return undefined;
}
