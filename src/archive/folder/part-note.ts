import { constants, fstatSync } from 'node:fs';
import { type FileHandle, rename, writeFile } from 'node:fs/promises';
import { hasCode } from '../../disk/file-error.ts';
import { openPlain } from '../../disk/open-plain.ts';
import { unlinkIfThere } from '../../disk/unlink.ts';
import { RecordingError } from '../../errors.ts';
import { isStrongEtag } from '../../http/etag.ts';

/** What is noted beside a part file: which object its bytes belong to, and how many of them are safe on the disk. */
export interface PartNote {
  /** The recording's id. */
  id: string;
  /** The object's ETag as the store sent it; a strong one. */
  etag: string;
  /** The whole object's bytes, null where the store did not tell. */
  totalBytes: number | null;
  /** The bytes that were flushed before the note was written: a crash of the machine can leave anything behind them. */
  bytes: number;
}

/** More than any note of ours comes to. */
const MOST_BYTES = 16 * 1024;

/** What can be sent as a header, as an ETag is to guard a resume: Latin-1 without control characters. */
const SENDABLE = /^[\x20-\x7e\x80-\xff]+$/;

/**
 * The note at a path: undefined where there is none, `unreadable` where it is torn, huge, no regular file or not one of ours. Throws errors of
 * the system.
 */
export async function readPartNote(file: string): Promise<PartNote | 'unreadable' | undefined> {
  let handle: FileHandle;
  try {
    handle = await openPlain(file, constants.O_RDONLY);
  } catch (error) {
    if (error instanceof RecordingError || hasCode(error, 'EACCES', 'EPERM')) return 'unreadable';
    if (hasCode(error, 'ENOENT')) return undefined;
    throw error;
  }
  try {
    if (fstatSync(handle.fd).size > MOST_BYTES) return 'unreadable';
    const { buffer, bytesRead } = await handle.read(Buffer.alloc(MOST_BYTES), 0, MOST_BYTES, 0);
    return parseNote(buffer.toString('utf8', 0, bytesRead));
  } finally {
    await handle.close();
  }
}

function parseNote(text: string): PartNote | 'unreadable' {
  try {
    const note: unknown = JSON.parse(text);
    return isNote(note) ? note : 'unreadable';
  } catch {
    return 'unreadable';
  }
}

/**
 * Writes a note, in one step in place of the one that `isThere`: a run that is killed meanwhile has the old one or the new one. As a file of
 * its own each time, so that nothing is ever written through a link that somebody has put there. Throws errors of the system.
 */
export async function writePartNote(file: string, note: PartNote, isThere: boolean): Promise<void> {
  const text = `${JSON.stringify(note)}\n`;
  const fresh = isThere ? replacementOf(file) : file;
  await unlinkIfThere(fresh);
  await writeFile(fresh, text, { flag: 'wx' });
  if (isThere) await rename(fresh, file);
}

/** Removes what a run that was killed has left of a note's replacement. Throws errors of the system. */
export async function clearReplacement(file: string): Promise<void> {
  await unlinkIfThere(replacementOf(file));
}

function replacementOf(file: string): string {
  return `${file}.new`;
}

function isNote(value: unknown): value is PartNote {
  const { id, etag, totalBytes, bytes } = (value ?? {}) as Partial<Record<keyof PartNote, unknown>>;
  return (
    typeof id === 'string' &&
    typeof etag === 'string' &&
    isStrongEtag(etag) &&
    SENDABLE.test(etag) &&
    (totalBytes === null || isCount(totalBytes)) &&
    isCount(bytes) &&
    bytes <= (totalBytes ?? Number.POSITIVE_INFINITY)
  );
}

function isCount(value: unknown): value is number {
  return Number.isSafeInteger(value) && (value as number) >= 0;
}
