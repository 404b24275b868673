import { describe, expect, test } from 'vitest';
import { LeastRate } from '../../src/download/least-rate.ts';
import { type Claims, Proof } from '../../src/download/proof.ts';
import { takeBody } from '../../src/download/take-body.ts';
import { testSystem } from '../helpers/test-system.ts';
import { noise } from './content/collection.ts';
import { wav } from './recordings.ts';
import { readOf, whole } from './scripted-store.ts';

const audio = wav(2000);
const claims: Claims = { totalBytes: 2000, endIsMarked: true, md5: undefined, contentType: 'audio/mpeg', path: '/b/k' };

/** Takes a body that comes in these pieces, into a draft that holds `earlier` already. What happens is noted in the order in which it does. */
async function take(
  pieces: readonly Uint8Array[],
  { earlier = new Uint8Array(0) as Uint8Array, limit = 2000, writeMs = 0, told = claims, happened = [] as string[] } = {},
) {
  const clock = testSystem();
  const proof = new Proof(false);
  if (earlier.length > 0) proof.add(earlier);
  const written: Uint8Array[] = [];
  let length = earlier.length;
  const draft = {
    get length() {
      return length;
    },
    expect: (extension: string) => void happened.push(`expect ${extension}`),
    write: (bytes: Uint8Array) => {
      happened.push(`write ${bytes.length}`);
      written.push(Buffer.from(bytes));
      length += bytes.length;
      return writeMs === 0 ? undefined : Promise.resolve().then(() => clock.sleep(writeMs));
    },
  };
  async function* chunks() {
    yield* pieces;
  }
  const answer = { ...whole(audio)(undefined), read: readOf(chunks()) };
  const onProgress = (bytes: number) => void happened.push(`progress ${bytes}`);
  const held = await takeBody(answer, told, { proof, draft, limit, rate: new LeastRate(clock), onProgress });
  return { held, happened, written: Buffer.concat(written) };
}

const cut = (bytes: Uint8Array, ...at: number[]) => [0, ...at].map((from, index) => bytes.subarray(from, at[index]));

describe('the bytes of an answer', () => {
  test('are held back until they show what they are, and then come as one and in order', async () => {
    const { held, happened, written } = await take(cut(audio, 200, 400, 700, 1500));
    expect(happened).toEqual(['progress 700', 'expect wav', 'write 700', 'progress 1500', 'write 800', 'progress 2000', 'write 500']);
    expect(Buffer.compare(written, audio)).toBe(0);
    expect(held).toBeUndefined();
  });

  test('are held back to the end where they show nothing by then', async () => {
    const { held, happened } = await take(cut(audio.subarray(0, 500), 200));
    expect(happened).toEqual([]);
    expect(held).toEqual(Buffer.from(audio.subarray(0, 500)));
  });

  test('are held back no more where an earlier attempt has let some of them through', async () => {
    const earlier = audio.subarray(0, 100);
    const { held, happened } = await take(cut(audio.subarray(100, 400), 100), { earlier });
    expect(happened).toEqual(['progress 200', 'write 100', 'progress 400', 'write 200']);
    expect(held).toBeUndefined();
  });

  test('are called by what is said of them where they show nothing for a megabyte', async () => {
    const zeros = Array.from({ length: 17 }, () => new Uint8Array(65_536));
    const { happened } = await take(zeros, { limit: 2 ** 21, told: { ...claims, totalBytes: 2 ** 21 } });
    expect(happened).toEqual([`progress ${17 * 65_536}`, 'expect mp3', `write ${17 * 65_536}`]);
  });

  test('do not go on before it is certain that they may', async () => {
    const happened: string[] = [];
    const taking = take([noise(70_000)], { limit: 70_000, told: { ...claims, totalBytes: 70_000 }, happened });
    await expect(taking).rejects.toMatchObject({ message: expect.stringContaining('not audio') });
    expect(happened).toEqual([]);
  });

  test('are refused where there are more than there may be', async () => {
    await expect(take(cut(audio, 1000), { limit: 1999 })).rejects.toMatchObject({
      code: 'CONTENT_MISMATCH',
      message: 'The recording does not end after 1999 bytes.',
    });
  });

  test('do not come too slowly where it is the disk that is slow', async () => {
    const { written } = await take(cut(audio, 1000, 1400, 1800), { writeMs: 600_000 });
    expect(Buffer.compare(written, audio)).toBe(0);
  });
});
