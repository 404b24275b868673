import { lstatSync, statSync } from 'node:fs';
import { opendir } from 'node:fs/promises';
import path from 'node:path';
import { hasCode } from '../../disk/file-error.ts';

/** What stands below a folder, relative to it, with the system's own separator. */
export type Entry = { file: string; bytes: number } | { file: string; unreadable: string };

/** So many entries are read at once. */
const AT_ONCE = 256;

/**
 * Everything below a folder that is no folder; what `passes` refuses is left out, a folder with all that is in it. A linked folder is
 * entered only where `entersLink` says so, and is an entry itself otherwise. A folder that may not be read is told as one. Throws errors of
 * the system where that is the folder itself, and the signal's reason.
 */
export async function* filesBelow(
  folder: string,
  passes: (file: string) => boolean,
  entersLink: (file: string) => boolean,
  signal?: AbortSignal,
  below = '',
): AsyncGenerator<Entry> {
  const entries = await opendir(path.join(folder, below), { bufferSize: AT_ONCE }).catch((error: unknown) => {
    if (below === '' || !hasCode(error, 'EACCES', 'EPERM', 'EIO', 'ESTALE', 'ENOENT')) throw error;
    return error.code;
  });
  if (typeof entries === 'string') {
    yield { file: below, unreadable: entries };
    return;
  }
  for await (const entry of entries) {
    signal?.throwIfAborted();
    const file = path.join(below, entry.name);
    if (!passes(file)) continue;
    const place = path.join(folder, file);
    const isFolder = entry.isDirectory() || (entry.isSymbolicLink() && entersLink(file) && isDirectory(place));
    if (isFolder) yield* filesBelow(folder, passes, entersLink, signal, file);
    else yield { file, bytes: sizeOf(place) };
  }
}

function isDirectory(place: string): boolean {
  try {
    return statSync(place).isDirectory();
  } catch {
    return false;
  }
}

/** -1 for what is no regular file. */
function sizeOf(place: string): number {
  try {
    const found = lstatSync(place);
    return found.isFile() ? found.size : -1;
  } catch {
    return -1;
  }
}
