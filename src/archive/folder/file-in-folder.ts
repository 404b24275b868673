import { lstatSync, type Stats } from 'node:fs';
import path from 'node:path';
import { hasCode } from '../../disk/file-error.ts';

/** The path of a manifest's file; undefined where the manifest, as another hand may have written it, points out of the folder or nowhere. */
export function fileInFolder(folder: string, file: string | null): string | undefined {
  if (file === null || file === '' || file.includes('\0') || path.isAbsolute(file)) return undefined;
  const normal = path.normalize(file);
  return normal === '..' || normal.startsWith(`..${path.sep}`) ? undefined : path.join(folder, normal);
}

/** A file as it lies there. */
export interface FoundFile {
  path: string;
  /** What stands under that name itself: of a link, the link. */
  stats: Stats;
}

/**
 * A manifest's file as it lies there; undefined where it does not. Its name may have been composed or decomposed since (`é` as one
 * character or two), as it is on the way through macOS. Throws errors of the system.
 */
export function findInFolder(folder: string, file: string | null): FoundFile | undefined {
  const place = fileInFolder(folder, file);
  if (place === undefined) return undefined;
  const found = look(place);
  if (found !== undefined || file === null || isAscii(file)) return found && { path: place, stats: found };
  return findSegments(folder, path.normalize(file).split(path.sep));
}

/** Folders and file may have kept their form or not, each for itself. */
function findSegments(folder: string, [name, ...below]: readonly string[]): FoundFile | undefined {
  if (name === undefined) return undefined;
  for (const form of new Set([name, name.normalize('NFC'), name.normalize('NFD')])) {
    const place = path.join(folder, form);
    const stats = look(place);
    if (stats === undefined) continue;
    const found = below.length === 0 ? { path: place, stats } : findSegments(place, below);
    if (found !== undefined) return found;
  }
  return undefined;
}

function look(place: string): Stats | undefined {
  try {
    return lstatSync(place, { throwIfNoEntry: false });
  } catch (error) {
    if (hasCode(error, 'ENOTDIR', 'ELOOP', 'ENAMETOOLONG')) return undefined;
    throw error;
  }
}

function isAscii(text: string): boolean {
  return /^[\0-\x7f]*$/.test(text);
}
