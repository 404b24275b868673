import { fstatSync, lstatSync } from 'node:fs';

/**
 * Whether an open file still lies under a path; undefined where nothing lies there. A network share that makes up inode numbers is believed
 * where length and time are the same. Throws errors of the system.
 */
export function liesAt(descriptor: number, path: string): boolean | undefined {
  const own = fstatSync(descriptor, { bigint: true });
  const found = lstatSync(path, { bigint: true, throwIfNoEntry: false });
  if (found === undefined) return undefined;
  if (found.ino === own.ino && found.dev === own.dev) return true;
  return found.isFile() && found.size === own.size && found.mtimeNs === own.mtimeNs;
}
