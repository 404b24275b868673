import { closeSync, constants, readSync } from 'node:fs';
import { copyFile, type FileHandle, link } from 'node:fs/promises';
import { hasCode } from '../../disk/file-error.ts';
import { openPlain, openPlainSync } from '../../disk/open-plain.ts';
import type { Place } from './process-table.ts';

/** What a lock file says of the run that holds it. */
export interface LockOwner {
  /** Chosen by chance for each lock, so that no two are ever taken for each other. */
  readonly token: string;
  readonly pid: number;
  readonly place: Place;
  /** When the process started, as {@link ProcessTable} tells it; null where that is not known. */
  readonly startTime: string | null;
  /** When the lock was taken, ISO 8601, by the owner's clock. For people. */
  readonly at: string;
}

/** A lock file as it was found. */
export interface FoundLock {
  /** The owner's; for a torn file one made of what its inode says. */
  readonly token: string;
  /** Undefined when the file is torn: the machine crashed, or the other run is just writing it. */
  readonly owner: LockOwner | undefined;
  /** When its owner last gave a sign of life, by the file system's clock. */
  readonly modifiedMs: number;
}

/** The file's text for an owner. */
export function serialiseOwner(owner: LockOwner): string {
  return `${JSON.stringify(owner)}\n`;
}

/** More than any owner's JSON comes to. */
const MOST_BYTES = 4096;

/**
 * Opens a lock file. It has two names for a moment while it is published; no link is followed to another's file, and no pipe waited for.
 * Throws errors of the system, and `FILE_SYSTEM` for what is no regular file.
 */
export function openLockFile(path: string, flags: number = constants.O_RDONLY): Promise<FileHandle> {
  return openPlain(path, flags, { links: 'any' });
}

/** The token of a lock file, read at once; undefined where it cannot be read. */
export function readTokenSync(path: string): string | undefined {
  try {
    const descriptor = openPlainSync(path, constants.O_RDONLY, { links: 'any' });
    try {
      const buffer = Buffer.alloc(MOST_BYTES);
      return parseOwner(buffer.toString('utf8', 0, readSync(descriptor, buffer, 0, MOST_BYTES, 0)))?.token;
    } finally {
      closeSync(descriptor);
    }
  } catch {
    return undefined;
  }
}

/**
 * Reads a lock file; undefined where there is none. It is opened each time, and not only asked for its state: a network file system
 * answers the latter from its cache, and looks at the server when a file is opened (close-to-open consistency).
 */
export async function readLockFile(path: string): Promise<FoundLock | undefined> {
  let file: FileHandle;
  try {
    file = await openLockFile(path);
  } catch (error) {
    if (hasCode(error, 'ENOENT')) return undefined;
    throw error;
  }
  try {
    return await readOpenLockFile(file);
  } finally {
    await file.close();
  }
}

/** {@link readLockFile} for a file that is open. */
export async function readOpenLockFile(file: FileHandle): Promise<FoundLock> {
  const { ino, mtimeMs } = await file.stat();
  const { buffer, bytesRead } = await file.read(Buffer.alloc(MOST_BYTES), 0, MOST_BYTES, 0);
  const owner = parseOwner(buffer.toString('utf8', 0, bytesRead));
  return { token: owner?.token ?? `torn-${ino}-${Math.trunc(mtimeMs)}`, owner, modifiedMs: mtimeMs };
}

/** Reads the JSON of a lock file; undefined for anything that is not whole. */
export function parseOwner(text: string): LockOwner | undefined {
  let value: Partial<LockOwner> | null;
  try {
    value = JSON.parse(text);
  } catch {
    return undefined;
  }
  // The token becomes part of a file name, so it must look like the UUID that it is.
  if (typeof value?.token !== 'string' || !/^[\w-]{1,64}$/u.test(value.token)) return undefined;
  if (!Number.isSafeInteger(value.pid) || typeof value.place?.host !== 'string' || typeof value.at !== 'string') return undefined;
  return { ...(value as LockOwner), startTime: value.startTime ?? null };
}

/** Makes a hard link; rejects with EEXIST when the name is taken. */
export type Link = (existing: string, name: string) => Promise<void>;

/** The real hard link. */
export const hardLink: Link = link;

/**
 * Gives a whole file a second name, unless the name is taken: true when it was given, false when it was taken. With a hard link the name
 * shows the whole text from its first instant on. Where there are none (FAT, some shares) the file is copied under the new name, which
 * is as exclusive; but a reader, or a crash, can meet the copy half-written.
 */
export async function publish(draft: string, name: string, makeLink: Link): Promise<boolean> {
  try {
    await makeLink(draft, name);
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false;
  }
  try {
    await copyFile(draft, name, constants.COPYFILE_EXCL);
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false;
    throw error;
  }
}
