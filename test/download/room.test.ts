import { describe, expect, test } from 'vitest';
import { refuseWhatDoesNotFit } from '../../src/download/room.ts';

const MIB = 2 ** 20;
const GIB = 2 ** 30;
const draft = (length: number, free: number | undefined) => ({ length, room: async () => free });

describe('refuseWhatDoesNotFit', () => {
  test.each([
    ['there is just enough room', 3 * MIB, draft(0, 3 * MIB)],
    ['there is enough for what is missing', 3 * MIB, draft(2 * MIB, MIB)],
    ['nobody can tell how much room there is', 60 * GIB, draft(0, undefined)],
    ['it is not kept on a disk', 60 * GIB, { length: 0 }],
    ['it is too small for the question', MIB - 1, draft(0, 0)],
    ['it is the largest that there may be', 64 * GIB, draft(0, undefined)],
  ])('lets it come where %s', async (_, totalBytes, into) => {
    await expect(refuseWhatDoesNotFit(totalBytes, into)).resolves.toBeUndefined();
  });

  test('asks from a megabyte on', async () => {
    await expect(refuseWhatDoesNotFit(MIB, draft(0, 0))).rejects.toMatchObject({ code: 'FILE_SYSTEM' });
  });

  test('says that there is not enough room, as of a file that is too large and not of a disk that is full', async () => {
    await expect(refuseWhatDoesNotFit(3 * MIB, draft(0, 3 * MIB - 1))).rejects.toMatchObject({
      code: 'FILE_SYSTEM',
      message: `Cannot save the recording: there is not enough room for its ${3 * MIB} bytes (${3 * MIB - 1} are free).`,
      hint: 'Free some disk space, or choose a folder on another disk, and run the same command again.',
      cause: { code: 'EFBIG', syscall: 'write' },
    });
  });

  test.each([64 * GIB + 1, 1e15, Number.MAX_SAFE_INTEGER, Number.POSITIVE_INFINITY])(
    'believes in no recording of %d bytes',
    async (totalBytes) => {
      await expect(refuseWhatDoesNotFit(totalBytes, { length: 0 })).rejects.toMatchObject({
        code: 'CONTENT_MISMATCH',
        message: `The store announced ${totalBytes} bytes, which is more than any recording has.`,
      });
    },
  );
});
