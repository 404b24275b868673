import type { Draft } from '../archive/draft.ts';
import { RecordingError } from '../errors.ts';
import { mismatch } from './proof.ts';

/**
 * The most bytes that a recording is believed to have, where the store announces them: 64 GiB. A WAV file ends at 4 GiB, and one that counts in
 * 64 bits (RF64) holds 50 days of a call with this.
 */
const ANNOUNCED_LIMIT = 2 ** 36;

/** For less the disk is not asked: it would take 0.1 ms for each of a thousand short calls. */
const WORTH_ASKING = 2 ** 20;

/**
 * To be called before the first byte is written. Throws `CONTENT_MISMATCH` where the announced length is no recording's, and `FILE_SYSTEM` where the
 * disk has no room for it, which is this recording's trouble alone: a smaller one may still fit.
 */
export async function refuseWhatDoesNotFit(totalBytes: number, draft: Pick<Draft, 'length' | 'room'>): Promise<void> {
  if (totalBytes > ANNOUNCED_LIMIT) {
    throw mismatch(`The store announced ${totalBytes} bytes, which is more than any recording has.`);
  }
  const missing = totalBytes - draft.length;
  if (missing < WORTH_ASKING) return;
  const room = await draft.room?.();
  if (room !== undefined && room < missing) throw noRoom(totalBytes, room);
}

function noRoom(totalBytes: number, room: number): RecordingError {
  return new RecordingError(
    'FILE_SYSTEM',
    `Cannot save the recording: there is not enough room for its ${totalBytes} bytes (${room} are free).`,
    {
      hint: 'Free some disk space, or choose a folder on another disk, and run the same command again.',
      // What the system says of one file that is too large for where it is to lie.
      cause: Object.assign(new Error('EFBIG: not enough room'), { code: 'EFBIG', syscall: 'write' }),
    },
  );
}
