import { lstatSync, type Stats } from 'node:fs';
import { type Machine, thisMachine } from './machine.ts';
import { shellWord } from './shell-word.ts';

/** The rights of everybody but the owner. */
const OTHERS = 0o077;

/**
 * What to say of a file that should be its owner's alone and is not: `what` names it as its sentence begins ("The log calls.log"). Undefined
 * where nobody else can read or write it, where it is no regular file, and on Windows, whose rights do not show in the mode.
 */
export function looseRights(
  found: Stats,
  what: string,
  file: string,
  { platform }: Pick<Machine, 'platform'> = thisMachine,
): string | undefined {
  if (platform === 'win32' || !found.isFile() || (found.mode & OTHERS) === 0) return undefined;
  const mode = (found.mode & 0o777).toString(8).padStart(4, '0');
  const can = found.mode & 0o022 ? 'read or changed' : 'read';
  return `${what} can be ${can} by other users of this machine (mode ${mode}). Run \`chmod 600 ${shellWord(file)}\`.`;
}

/**
 * What to say of a folder that others can write to: whatever lies in it can be replaced. Undefined where only its owner can, or a group that
 * is the owner's alone by custom (of the same number), where there is no folder, and on Windows.
 */
export function writableByOthers(folder: string, { platform }: Pick<Machine, 'platform'> = thisMachine): string | undefined {
  if (platform === 'win32') return undefined;
  let found: Stats | undefined;
  try {
    found = lstatSync(`${folder}/.`, { throwIfNoEntry: false });
  } catch {
    return undefined;
  }
  if (found === undefined) return undefined;
  const byAll = (found.mode & 0o002) !== 0;
  const byGroup = (found.mode & 0o020) !== 0 && found.gid !== found.uid;
  if (!byAll && !byGroup) return undefined;
  const who = byAll ? `Every user of this machine can write to ${folder}` : `The group of ${folder} can write to it`;
  const command = `chmod ${byAll ? 'o' : 'g'}-w ${shellWord(folder)}`;
  return `${who}, and so replace what is saved there. If that is not intended, run \`${command}\`.`;
}
