import { createHash } from 'node:crypto';
import { constants, lstatSync, readlinkSync, type Stats } from 'node:fs';
import { rename } from 'node:fs/promises';
import path from 'node:path';
import { FileSystemError, fileError } from '../../disk/file-error.ts';
import { moveNew } from '../../disk/final-name.ts';
import { sha256OfHandle } from '../../disk/hash-file.ts';
import { type Machine, thisMachine } from '../../disk/machine.ts';
import { openPlain } from '../../disk/open-plain.ts';
import { RecordingError } from '../../errors.ts';

/** Of files that differ and share so many digits, or were the same and were moved twice, the later ones get a number as well. */
const HASH_DIGITS = 8;

/**
 * Refuses a path below an archive on which somebody else has put a link in the place of a folder: what is saved would come to lie outside.
 * Throws `FILE_SYSTEM`. It looks at what is there now; where a folder can be held, `holdFolder` does better.
 */
export function refuseStrangersLink(folder: string, file: string, { uid }: Pick<Machine, 'uid'> = thisMachine): void {
  const below = path.relative(folder, path.dirname(file));
  if (below === '' || uid === undefined) return;
  let at = folder;
  for (const name of below.split(path.sep)) {
    at = path.join(at, name);
    const found = look(at);
    if (found === undefined) return;
    if (found.isSymbolicLink() && !isMeant(found, folder, uid)) throw strangersLink(file, at);
  }
}

/**
 * Whether a link in the place of a folder below an archive is meant to be there: one that this user, the archive's owner or the system's
 * administrator has made, for a month on another disk.
 */
export function isMeant(link: Pick<Stats, 'uid'>, folder: string, uid: number): boolean {
  return link.uid === uid || link.uid === 0 || link.uid === look(folder)?.uid;
}

/** The refusal of a link that another user has put in the place of a folder. */
export function strangersLink(file: string, at: string): FileSystemError {
  return new FileSystemError(`Cannot save ${file}: another user has put a symbolic link in the place of the folder ${at}.`, {
    hint: 'If it is meant to be there, have the owner of the archive make it; else delete it.',
    of: 'one',
  });
}

/**
 * Clears a name for a recording. What stands there is replaced only where its bytes are those that were recorded (`known`, any of these
 * SHA-256); anything else is moved aside, to `<name>.changed-<8 digits of its hash>`, and never deleted. Gives the new path of what was
 * moved; undefined where nothing had to be. `at` is the way to the file, where its path may come to lead elsewhere. Throws `FILE_SYSTEM`.
 */
export async function makeWay(file: string, known: readonly (string | null | undefined)[], at = file): Promise<string | undefined> {
  try {
    const found = look(at);
    if (found === undefined || found.isDirectory()) return undefined;
    const sha256 = found.isFile() ? await hashOf(at) : undefined;
    if (sha256 !== undefined && known.includes(sha256)) return undefined;
    const aside = await moveAside(at, found, sha256 ?? stampOf(at, found));
    return path.join(path.dirname(file), path.basename(aside));
  } catch (error) {
    throw fileError(error, `move ${file} aside`);
  }
}

async function moveAside(file: string, found: Stats, hash: string): Promise<string> {
  for (let attempt = 1; ; attempt += 1) {
    const aside = `${file}.changed-${hash.slice(0, HASH_DIGITS)}${attempt === 1 ? '' : `-${attempt}`}`;
    if (look(aside) !== undefined) continue;
    try {
      // A hard link to a symbolic link would be one to where that leads, on some systems.
      await (found.isFile() ? moveNew(file, aside) : rename(file, aside));
      return aside;
    } catch (error) {
      if (!(error instanceof RecordingError) || error.code !== 'FILE_EXISTS') throw error;
    }
  }
}

/** Undefined for a file that cannot be read. */
async function hashOf(file: string): Promise<string | undefined> {
  try {
    const handle = await openPlain(file, constants.O_RDONLY, { links: 'any' });
    try {
      return await sha256OfHandle(handle);
    } finally {
      await handle.close();
    }
  } catch {
    return undefined;
  }
}

/** Stands for the hash of what has none: a link, by where it leads, and what is no file or cannot be read. */
function stampOf(file: string, found: Stats): string {
  const text = found.isSymbolicLink() ? readlinkSync(file) : `${found.ino} ${found.size} ${found.mtimeMs}`;
  return createHash('sha256').update(text).digest('hex');
}

function look(file: string): Stats | undefined {
  return lstatSync(file, { throwIfNoEntry: false });
}
