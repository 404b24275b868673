import { createHash } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { startDigest } from '../../src/download/digest.ts';

const hash = (algorithm: 'sha256' | 'md5', bytes: Uint8Array) => createHash(algorithm).update(bytes).digest('hex');

describe('startDigest', () => {
  test('hashes the same, however the bytes are cut and whatever becomes of them afterwards', () => {
    fc.assert(
      fc.property(fc.array(fc.uint8Array({ maxLength: 300 })), (pieces) => {
        const digest = startDigest(true);
        const whole = Buffer.concat(pieces);
        for (const piece of pieces) {
          digest.update(piece);
          piece.fill(0);
        }
        expect(digest.end()).toEqual({ sha256: hash('sha256', whole), md5: hash('md5', whole) });
      }),
    );
  });

  test('makes no MD5 where none is wanted', () => {
    expect(startDigest(false).end()).toEqual({ sha256: hash('sha256', new Uint8Array(0)), md5: undefined });
    const digest = startDigest(false);
    digest.update(Buffer.from('a'));
    expect(digest.end()).toEqual({ sha256: hash('sha256', Buffer.from('a')), md5: undefined });
  });
});
