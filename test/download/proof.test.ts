import { createHash } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { HEAD_BYTES } from '../../src/download/audio-type.ts';
import { startDigest } from '../../src/download/digest.ts';
import { type Claims, Proof } from '../../src/download/proof.ts';
import { wav } from './recordings.ts';

const bytes = wav(2000);
const md5 = createHash('md5').update(bytes).digest('hex');
const sha256 = createHash('sha256').update(bytes).digest('hex');
const claims: Claims = { totalBytes: 2000, endIsMarked: true, md5: undefined, contentType: 'audio/wav', path: '/b/k' };

function proofOf(content: Uint8Array, withMd5 = false): Proof {
  const proof = new Proof(startDigest(withMd5));
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
    await expect(finished).rejects.toMatchObject({ code: 'CONTENT_MISMATCH', message: expect.stringContaining(why) });
  });

  test('refuses an MD5 that it was not made to check, rather than believe it', async () => {
    await expect(proofOf(bytes).finish({ ...claims, md5 })).rejects.toMatchObject({ code: 'CONTENT_MISMATCH' });
  });

  test.each([0, undefined])('refuses nothing at all (%s bytes announced)', async (totalBytes) => {
    const finished = new Proof(startDigest(false)).finish({ ...claims, totalBytes });
    await expect(finished).rejects.toMatchObject({ message: expect.stringContaining('nothing at all') });
  });

  test.each([
    ['<!DOCTYPE html><html><body>Sign in</body></html>', 'audio/wav', 'an HTML page'],
    ['<?xml version="1.0"?><Error><Code>InternalError</Code></Error>', 'application/octet-stream', 'an XML document'],
    ['{"error":"no"}', null, 'a JSON document'],
  ])('refuses what is no audio, as soon as its first bytes are there: %s', async (text, contentType, what) => {
    const proof = proofOf(Buffer.from(text));
    const page = { ...claims, totalBytes: text.length, contentType };
    expect(() => proof.refuseWhatIsNoAudio(page)).toThrow(expect.objectContaining({ message: expect.stringContaining(what) }));
    await expect(proof.finish(page)).rejects.toMatchObject({ code: 'CONTENT_MISMATCH' });
  });

  test('knows when it has bytes enough to judge', () => {
    const proof = new Proof(startDigest(false));
    proof.add(bytes.subarray(0, HEAD_BYTES - 1));
    expect(proof.headIsWhole).toBe(false);
    proof.add(bytes.subarray(HEAD_BYTES - 1, HEAD_BYTES));
    expect(proof.headIsWhole).toBe(true);
    proof.add(bytes.subarray(HEAD_BYTES));
    expect(proof.headIsWhole).toBe(true);
    expect(proof.bytes).toBe(2000);
  });

  test('comes to the same, however the bytes are cut, and keeps nothing of a buffer that is used again', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(fc.integer({ min: 1, max: 700 }), { minLength: 1 }), async (cuts) => {
        const proof = new Proof(startDigest(true));
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
