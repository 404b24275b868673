import { constants, fstatSync, type Stats } from 'node:fs';
import { open, unlink } from 'node:fs/promises';
import path from 'node:path';
import { type Machine, thisMachine } from './machine.ts';

/**
 * Whether a file is this user's own: owned by them, or by whomever the disk gives the files that they make (a network share that maps all
 * users to one, a FAT disk, a container's bind mount). To find that out a file is made beside it for a moment, under the name `probe`; where
 * none can be made, the file is not ours. Always true on Windows, which tells no owner.
 */
export async function isOwnFile(found: Stats, file: string, probe: string, machine: Machine = thisMachine): Promise<boolean> {
  if (machine.uid === undefined || found.uid === machine.uid) return true;
  const name = path.join(path.dirname(file), probe);
  try {
    const handle = await open(name, constants.O_CREAT | constants.O_EXCL | constants.O_WRONLY, 0o600);
    const { uid } = fstatSync(handle.fd);
    await handle.close();
    await unlink(name);
    return found.uid === uid;
  } catch {
    return false;
  }
}
