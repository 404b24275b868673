import { closeSync, constants, existsSync, fstatSync, lstatSync, mkdirSync, openSync, type Stats, statSync } from 'node:fs';
import path from 'node:path';
import { FileSystemError, hasCode } from '../../disk/file-error.ts';
import { type Machine, thisMachine } from '../../disk/machine.ts';
import { isMeant, strangersLink } from './make-way.ts';

/** A folder below an archive that is held open, so that whatever is put under its name meanwhile, what is saved comes to lie in it. */
export interface HeldFolder {
  /** The folders that had to be made for it, from the top down. */
  readonly made: readonly string[];
  /** A path that leads to this name in the folder itself. */
  at(name: string): string;
  /** Whether the folder can still be found where it was. */
  isInPlace(): boolean;
  close(): void;
}

/** Linux's names of what a process has open; a path can go on behind one. */
const OPEN_FILES = '/proc/self/fd';
/** As the way to what is in it (O_PATH, which Node does not name): a folder may be written to that may not be read. */
const DIRECTORY = 0o10000000 | (constants.O_DIRECTORY ?? 0);

/**
 * Opens the folder of a file below an archive, name by name, each in the one before, and makes what is missing. A link in the place of a folder is
 * entered where {@link isMeant} says so. Undefined where the file lies in the archive itself, and on systems that cannot open a file relative
 * to a folder. Throws `FILE_SYSTEM` for another user's link, and errors of the system.
 */
export function holdFolder(archive: string, file: string, { uid, platform }: Machine = thisMachine): HeldFolder | undefined {
  const folder = path.dirname(file);
  const below = path.relative(archive, folder);
  if (below === '' || uid === undefined || platform !== 'linux' || !existsSync(OPEN_FILES)) return undefined;
  const made: string[] = [];
  let at = archive;
  let held = openSync(archive, DIRECTORY);
  try {
    for (const name of below.split(path.sep)) {
      at = path.join(at, name);
      const next = enter(`${OPEN_FILES}/${held}/${name}`, () => made.push(at), {
        refusal: () => strangersLink(file, at),
        isMeant: (link) => isMeant(link, archive, uid),
      });
      closeSync(held);
      held = next;
    }
  } catch (error) {
    closeSync(held);
    throw error;
  }
  return {
    made,
    at: (name) => `${OPEN_FILES}/${held}/${name}`,
    isInPlace() {
      const own = fstatSync(held, { bigint: true });
      const found = statSync(folder, { bigint: true, throwIfNoEntry: false });
      return found !== undefined && found.ino === own.ino && found.dev === own.dev;
    },
    close: () => closeSync(held),
  };
}

/** `FILE_SYSTEM`: a file was saved in a folder that has since lost its place. */
export function displaced(file: string): FileSystemError {
  return new FileSystemError(`Cannot save ${file}: another folder took the place of ${path.dirname(file)} meanwhile.`, {
    hint: 'Check that nobody else is writing to the folder, and try again.',
    of: 'one',
  });
}

/** Opens a folder, which is made where it is missing; a link only where it is the same before and after, and meant. */
function enter(at: string, onMade: () => void, rule: { refusal: () => FileSystemError; isMeant: (link: Stats) => boolean }): number {
  for (;;) {
    try {
      return openSync(at, DIRECTORY | constants.O_NOFOLLOW);
    } catch (error) {
      if (hasCode(error, 'ENOENT')) {
        try {
          mkdirSync(at);
          onMade();
        } catch (failure) {
          if (!hasCode(failure, 'EEXIST')) throw failure;
        }
        continue;
      }
      if (!hasCode(error, 'ELOOP', 'ENOTDIR')) throw error;
    }
    const before = lstatSync(at);
    if (before.isSymbolicLink() && !rule.isMeant(before)) throw rule.refusal();
    const opened = openSync(at, DIRECTORY);
    const after = lstatSync(at, { throwIfNoEntry: false });
    if (after?.ino === before.ino && after.ctimeMs === before.ctimeMs) return opened;
    closeSync(opened);
    throw rule.refusal();
  }
}
