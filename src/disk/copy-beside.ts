import { createHash } from 'node:crypto';
import { constants } from 'node:fs';
import { type FileHandle, open, unlink } from 'node:fs/promises';
import path from 'node:path';
import { RecordingError } from '../errors.ts';
import { openPlain } from './open-plain.ts';
import { syncFile } from './sync-file.ts';
import { unlinkIfThere } from './unlink.ts';
import { writeAll } from './write-all.ts';

const PIECE_BYTES = 256 * 1024;

/**
 * Copies a file, under its own name, into the folder of another path, and flushes it; gives the copy's path. Throws `CONTENT_MISMATCH` where
 * its bytes do not have this SHA-256, and errors of the system; nothing of the copy stays then.
 */
export async function copyBeside(from: string, to: string, sha256: string): Promise<string> {
  const copy = path.join(path.dirname(to), path.basename(from));
  const source = await openPlain(from, constants.O_RDONLY, { links: 'any' });
  try {
    // Always anew: a run that was killed, or another user, may have left something there.
    await unlinkIfThere(copy);
    const target = await open(copy, 'wx');
    try {
      if ((await copyBytes(source, target)) !== sha256) {
        throw new RecordingError('CONTENT_MISMATCH', `${from} changed while it was copied to another disk.`, {
          hint: 'Check the disk, and that nobody else is writing to the folder, and try again.',
        });
      }
      await syncFile(target);
    } catch (error) {
      await target.close().catch(() => undefined);
      await unlink(copy).catch(() => undefined);
      throw error;
    }
    await target.close();
    return copy;
  } finally {
    await source.close();
  }
}

/** Copies all of a file; gives the SHA-256 of what was read. */
async function copyBytes(source: FileHandle, target: FileHandle): Promise<string> {
  const hash = createHash('sha256');
  const buffer = Buffer.allocUnsafe(PIECE_BYTES);
  for (let position = 0; ; ) {
    const { bytesRead } = await source.read(buffer, 0, PIECE_BYTES, position);
    if (bytesRead === 0) return hash.digest('hex');
    const piece = buffer.subarray(0, bytesRead);
    hash.update(piece);
    await writeAll(target, [piece], position);
    position += bytesRead;
  }
}
