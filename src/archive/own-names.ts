import { FAILED_NAME } from './failed-rows.ts';
import { foldName } from './file-name.ts';
import { LOCK_NAME, MANIFEST_NAME } from './manifest.ts';

/** A part, its note, and what a lock beside it is called for moments. */
const PART = /\.part(?:\.json|\.lock(?:\..*)?)?$/u;

/**
 * Whether the tool gives this name to files of its own beside the recordings, or some disk would take it for one of theirs: one that
 * passes over letter case, for instance. `name` is one segment of a path.
 */
export function isOwnName(name: string): boolean {
  const folded = foldName(name);
  return folded === MANIFEST_NAME || folded === FAILED_NAME || folded.startsWith(LOCK_NAME) || PART.test(folded);
}
