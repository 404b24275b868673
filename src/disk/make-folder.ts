import { mkdir, stat } from 'node:fs/promises';
import path from 'node:path';
import { RecordingError } from '../errors.ts';
import { fileError, hasCode } from './file-error.ts';

/** Makes the folder where it is missing. Throws `FILE_SYSTEM`. */
export async function makeFolder(folder: string): Promise<void> {
  try {
    await makeFolders(folder);
  } catch (error) {
    if (hasCode(error, 'EEXIST', 'ENOTDIR')) {
      throw new RecordingError('FILE_SYSTEM', `Cannot make the folder ${folder}: a file stands there.`, {
        hint: 'Move the file away, or name another folder with --dir.',
        cause: error,
      });
    }
    throw fileError(error, `make the folder ${folder}`);
  }
}

/**
 * Makes a folder and those above it where they are missing; gives the ones that it made, from the top down. Throws errors of the system.
 *
 * It climbs to what exists and comes down once: Node's own recursive `mkdir` never ends where a folder that exists says that it does not
 * (below `/proc`).
 */
export async function makeFolders(folder: string): Promise<string[]> {
  const missing: string[] = [];
  for (let at = folder; !(await isFolder(at)); at = path.dirname(at)) {
    missing.unshift(at);
    if (at === path.dirname(at)) break;
  }
  const made: string[] = [];
  for (const one of missing) if (await makeOne(one)) made.push(one);
  return made;
}

/** Makes one folder. False where another run was quicker. */
async function makeOne(folder: string): Promise<boolean> {
  try {
    await mkdir(folder);
    return true;
  } catch (error) {
    if (hasCode(error, 'EEXIST') && (await isFolder(folder))) return false;
    throw error;
  }
}

async function isFolder(folder: string): Promise<boolean> {
  const found = await stat(folder).catch(() => undefined);
  return found?.isDirectory() === true;
}
