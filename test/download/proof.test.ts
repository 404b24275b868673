import { createHash } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { type Claims, type Copy, noticesOf, Proof, UnconfirmedError } from '../../src/download/proof.ts';
import { wav } from './recordings.ts';

const bytes = wav(2000);
const md5 = createHash('md5').update(bytes).digest('hex');
const sha256 = createHash('sha256').update(bytes).digest('hex');
const claims: Claims = { totalBytes: 2000, endIsMarked: true, md5: undefined, contentType: 'audio/wav', path: '/b/k' };

function proofOf(content: Uint8Array, withMd5 = false): Proof {
  const proof = new Proof(withMd5);
  proof.add(content);
  return proof;
}

describe('Proof', () => {
  test('proves bytes that fit all that was claimed', async () => {
    expect(await proofOf(bytes, true).finish({ ...claims, md5 })).toEqual({ sha256, extension: 'wav' });
  });

  test.each([
    ['a length alone', { endIsMarked: false, md5: undefined }],
    ['a marked end alone', { totalBytes: undefined, md5: undefined }],
    ['an MD5 alone', { totalBytes: undefined, endIsMarked: false }],
  ])('is content with %s', async (_, change) => {
    expect((await proofOf(bytes, true).finish({ ...claims, md5, ...change })).sha256).toBe(sha256);
  });

  test.each<[string, Partial<Claims>, string]>([
    ['fewer bytes than announced', { totalBytes: 2001 }, 'announced 2001 bytes and sent 2000'],
    ['more bytes than announced', { totalBytes: 1999 }, 'announced 1999 bytes and sent 2000'],
    ['another MD5', { md5: md5.replace(/^./, (digit) => (digit === '0' ? '1' : '0')) }, 'MD5'],
    ['neither a length, nor a marked end, nor an MD5', { totalBytes: undefined, endIsMarked: false }, 'neither a length nor a checksum'],
  ])('refuses %s', async (_, change, why) => {
    const finished = proofOf(bytes, true).finish({ ...claims, ...change });
    await expect(finished).rejects.toMatchObject({
      code: 'CONTENT_MISMATCH',
      message: expect.stringContaining(why),
      hint: 'Nothing was saved. Try again later; if it keeps happening, ask Kaleyra about this recording.',
    });
  });

  test('says which MD5 was found, and which was to be', async () => {
    const other = '0'.repeat(32);
    await expect(proofOf(bytes, true).finish({ ...claims, md5: other })).rejects.toMatchObject({
      message: `The recording's MD5 is ${md5}, but the store's ETag says ${other}.`,
    });
  });

  test('refuses an MD5 that it was not made to check, rather than believe it', async () => {
    await expect(proofOf(bytes).finish({ ...claims, md5 })).rejects.toMatchObject({
      code: 'CONTENT_MISMATCH',
      message: `The recording's MD5 is unknown, but the store's ETag says ${md5}.`,
    });
  });

  test.each([0, undefined])('refuses nothing at all (%s bytes announced)', async (totalBytes) => {
    const finished = new Proof(false).finish({ ...claims, totalBytes });
    await expect(finished).rejects.toMatchObject({ message: expect.stringContaining('an empty file') });
  });

  test.each([
    ['<!DOCTYPE html><html><body>Sign in</body></html>', 'audio/wav', 'an HTML page'],
    ['<?xml version="1.0"?><Error><Code>InternalError</Code></Error>', 'application/octet-stream', 'an XML document'],
    ['{"error":"no"}', null, 'a JSON document'],
  ])('refuses what is no audio: %s', async (text, contentType, what) => {
    const proof = proofOf(Buffer.from(text));
    const page = { ...claims, totalBytes: text.length, contentType };
    await expect(proof.finish(page)).rejects.toMatchObject({ code: 'CONTENT_MISMATCH', message: expect.stringContaining(what) });
  });

  describe('of an MD5 that the bytes do not have', () => {
    const wrong = { ...claims, md5: '0'.repeat(32) };
    const copyOf = async (change: Partial<Claims> = {}): Promise<Copy | undefined> => {
      const error = await proofOf(bytes, true)
        .finish({ ...wrong, ...change })
        .catch((thrown: unknown) => thrown);
      expect(error).toBeInstanceOf(UnconfirmedError);
      return (error as UnconfirmedError).copy;
    };

    test('is content with a second copy that is equal, and says so', async () => {
      const copy = await copyOf();
      expect(copy).toEqual({ bytes: 2000, sha256 });
      expect(await proofOf(bytes, true).finish(wrong, copy)).toEqual({ sha256, extension: 'wav', unconfirmed: 'etag' });
    });

    test('refuses a second copy that differs', async () => {
      const copy = await copyOf();
      await expect(proofOf(wav(2000, 2), true).finish(wrong, copy)).rejects.toMatchObject({ code: 'CONTENT_MISMATCH' });
      await expect(proofOf(bytes, true).finish(wrong, { bytes: 1999, sha256 })).rejects.toMatchObject({ code: 'CONTENT_MISMATCH' });
    });

    test('refuses copies of which nobody can tell whether they are whole', async () => {
      const open = { totalBytes: undefined, endIsMarked: false };
      expect(await copyOf(open)).toBeUndefined();
      await expect(proofOf(bytes, true).finish({ ...wrong, ...open }, { bytes: 2000, sha256 })).rejects.toMatchObject({
        code: 'CONTENT_MISMATCH',
      });
    });
  });

  test('tells what a person should know of what is kept', () => {
    expect(noticesOf('call', { sha256, extension: 'wav' })).toEqual([]);
    const proven = { sha256, extension: 'wav', incomplete: { announced: 5000, bytes: 2000 }, unconfirmed: 'etag' as const };
    expect(noticesOf('call', proven)).toEqual([
      'call is incomplete: its header announces 5000 bytes, but the store has only 2000. It is kept as it is.',
      "call does not match the MD5 in the store's ETag, but two downloads of it were identical. It is kept.",
    ]);
  });

  test('comes to the same, however the bytes are cut, and keeps nothing of a buffer that is used again', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(fc.integer({ min: 1, max: 700 }), { minLength: 1 }), async (cuts) => {
        const proof = new Proof(true);
        const buffer = new Uint8Array(700);
        let position = 0;
        for (let turn = 0; position < bytes.length; turn += 1) {
          const chunk = bytes.subarray(position, position + (cuts[turn % cuts.length] ?? 1));
          buffer.set(chunk);
          proof.add(buffer.subarray(0, chunk.length));
          buffer.fill(0);
          position += chunk.length;
        }
        expect(await proof.finish({ ...claims, contentType: null, md5 })).toEqual({ sha256, extension: 'wav' });
      }),
    );
  });
});
