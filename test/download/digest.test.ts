import { createHash } from 'node:crypto';
import fc from 'fast-check';
import { afterAll, describe, expect, onTestFinished, test, vi } from 'vitest';
import { BackgroundDigests } from '../../src/download/background-digest.ts';
import { type Digest, digestMaker, immediateDigest, whileItLives } from '../../src/download/digest.ts';

const MIB = 2 ** 20;
const background = new BackgroundDigests();
afterAll(() => background.close());

const hash = (algorithm: 'sha256' | 'md5', bytes: Uint8Array) => createHash(algorithm).update(bytes).digest('hex');

/** Bytes that are nowhere alike. */
function bytesOf(length: number, seed = 1): Buffer {
  const bytes = Buffer.alloc(length);
  let state = seed;
  for (let index = 0; index < length; index += 1) {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    bytes[index] = state >>> 24;
  }
  return bytes;
}

/** Hashes bytes in pieces of these lengths, by turns, each out of one buffer that is spoilt as soon as it may be. */
async function digestOf(digest: Digest, bytes: Uint8Array, cuts: readonly number[]) {
  const buffer = new Uint8Array(Math.max(...cuts));
  for (let position = 0, turn = 0; position < bytes.length; turn += 1) {
    const piece = bytes.subarray(position, position + (cuts[turn % cuts.length] ?? 1));
    buffer.set(piece);
    await digest.update(buffer.subarray(0, piece.length));
    buffer.fill(0);
    position += piece.length;
  }
  return digest.end();
}

describe.each([
  ['an immediate digest', immediateDigest],
  ['a digest in the background', (md5: boolean) => background.begin(md5)],
])('%s', (_, make) => {
  test.each([
    ['nothing', 0],
    ['a byte', 1],
    ['a block', MIB / 4],
    ['a block and a byte', MIB / 4 + 1],
    ['more than is kept in memory', 9 * MIB],
  ])('hashes %s', async (_name, length) => {
    const bytes = bytesOf(length);
    const digests = await digestOf(make(true), bytes, [100_000, 1, 65_536]);
    expect(digests).toEqual({ sha256: hash('sha256', bytes), md5: hash('md5', bytes) });
  });

  test('takes a piece larger than all that is kept in memory', async () => {
    const bytes = bytesOf(5 * MIB);
    expect((await digestOf(make(true), bytes, [5 * MIB])).sha256).toBe(hash('sha256', bytes));
  });

  test('hashes the same, however the bytes are cut', async () => {
    const bytes = bytesOf(700_000);
    const expected = { sha256: hash('sha256', bytes), md5: hash('md5', bytes) };
    await fc.assert(
      fc.asyncProperty(fc.array(fc.integer({ min: 1000, max: 300_000 }), { minLength: 1, maxLength: 5 }), async (cuts) => {
        expect(await digestOf(make(true), bytes, cuts)).toEqual(expected);
      }),
      { numRuns: 30 },
    );
  });

  test('gives no MD5 that was not asked for', async () => {
    expect(await digestOf(make(false), bytesOf(10), [3])).toEqual({ sha256: hash('sha256', bytesOf(10)), md5: undefined });
  });

  test('keeps many apart that are under way at once, dropped ones among them', async () => {
    const all = Array.from({ length: 8 }, (_each, index) => bytesOf(MIB + index, index + 1));
    const dropped = make(true);
    await dropped.update(bytesOf(MIB));
    const digests = await Promise.all(all.map((bytes, index) => digestOf(make(true), bytes, [10_000 + index])));
    dropped.drop();
    dropped.drop();
    expect(digests.map(({ sha256 }) => sha256)).toEqual(all.map((bytes) => hash('sha256', bytes)));
  });
});

describe('a digest in the background, whose thread has ended', () => {
  test('fails while it is waited for, and so does one that is begun later', async () => {
    const ending = new BackgroundDigests();
    const digest = ending.begin(true);
    await digest.update(bytesOf(MIB));
    const ended = expect(digest.end()).rejects.toThrow('thread');
    await ending.close();
    await ended;
    await expect(digestOf(ending.begin(true), bytesOf(10), [10])).rejects.toThrow('thread');
    await expect(digestOf(ending.begin(true), bytesOf(6 * MIB), [MIB])).rejects.toThrow('thread');
  });
});

describe('a digest in the background that is dropped', () => {
  test('wakes who waits for it', async () => {
    const digest = background.begin(true);
    const waiting = digest.update(bytesOf(9 * MIB));
    expect(waiting).toBeInstanceOf(Promise);
    digest.drop();
    await expect(waiting).rejects.toThrow('dropped');
  });
});

describe('whileItLives', () => {
  test('goes on without the thread once it has ended', async () => {
    const ending = new BackgroundDigests();
    const make = whileItLives(ending);
    const before = await make(false, undefined);
    const digests = before.end();
    expect(digests).toBeInstanceOf(Promise);
    await digests;
    await ending.close();
    const after = await make(true, undefined);
    expect(await digestOf(after, bytesOf(1000), [300])).toEqual({ sha256: hash('sha256', bytesOf(1000)), md5: hash('md5', bytesOf(1000)) });
  });
});

describe('digestMaker', () => {
  /** Whether a digest is computed elsewhere, and so has to be waited for. */
  async function isInBackground(digest: Digest): Promise<boolean> {
    const digests = digest.end();
    expect(await digests).toEqual({ sha256: hash('sha256', bytesOf(0)), md5: undefined });
    return digests instanceof Promise;
  }

  test.each([undefined, 1000, 8 * MIB])('makes digests that hash the same, for %s bytes', async (totalBytes) => {
    const bytes = bytesOf(100_000);
    const digest = await digestMaker()(true, totalBytes);
    expect(await digestOf(digest, bytes, [30_000])).toEqual({ sha256: hash('sha256', bytes), md5: hash('md5', bytes) });
  });

  test('begins the thread once the run has seen many bytes, and sends it no small ones', async () => {
    const make = digestMaker();
    expect(await isInBackground(await make(false, 4 * MIB))).toBe(false);
    expect(await isInBackground(await make(false, 4 * MIB - 1))).toBe(false);
    expect(await isInBackground(await make(false, 65_536))).toBe(true);
    expect(await isInBackground(await make(false, 65_535))).toBe(false);
    expect(await isInBackground(await make(false, undefined))).toBe(false);
    expect(await isInBackground(await make(false, 100_000))).toBe(true);
  });

  test('goes on where the code of the thread cannot be loaded', async () => {
    vi.doMock('../../src/download/background-digest.ts', () => {
      throw new Error('no such file');
    });
    onTestFinished(() => void vi.doUnmock('../../src/download/background-digest.ts'));
    const make = digestMaker();
    for (let turn = 0; turn < 2; turn += 1) expect(await isInBackground(await make(false, 8 * MIB))).toBe(false);
  });
});
