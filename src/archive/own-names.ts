import { FAILED_NAME } from './failed-rows.ts';
import { foldName } from './file-name.ts';
import { LOCK_NAME, MANIFEST_NAME } from './manifest.ts';

/** A part, its note, and what a lock beside it is called for moments. */
const PART = /\.part(?:\.json(?:\.new)?|\.lock(?:\..*)?)?$/u;

/** What else a run writes beside the recordings: the rows that could not be read, and the failed rows of one share. */
const BESIDE = /^(?:bad-rows\.txt|failed-\d+-of-\d+\.txt)$/u;

/** What Windows, macOS, file systems and Synology's media indexer leave in folders. */
const BY_DESKTOP: ReadonlySet<string> = new Set(['.ds_store', 'thumbs.db', 'desktop.ini', 'lost+found', '@eadir']);

/** `._name` holds what macOS knows of a file, on disks that cannot; the others are files that were removed while they were open. */
const LEFT = /^(?:\._|\.nfs[0-9a-f]{8,}$|\.fuse_hidden[0-9a-f]+$)/u;

/**
 * Whether the tool gives this name to files of its own beside the recordings, or some disk would take it for one of theirs: one that
 * passes over letter case, for instance. `name` is one segment of a path.
 */
export function isOwnName(name: string): boolean {
  const folded = foldName(name);
  return isAtTop(folded) || PART.test(folded);
}

/** Whether a file of an archive, named relative to it with forward slashes, is one of the tool's own. Parts may lie in folders below. */
export function isToolsFile(file: string): boolean {
  return (!file.includes('/') && isAtTop(file)) || PART.test(file);
}

/** Whether a file or folder of this name comes from the system or the desktop, and not from a person. */
export function isLeftByDesktop(name: string): boolean {
  return BY_DESKTOP.has(name.toLowerCase()) || LEFT.test(name);
}

function isAtTop(name: string): boolean {
  return name === MANIFEST_NAME || name === FAILED_NAME || name.startsWith(LOCK_NAME) || BESIDE.test(name);
}
