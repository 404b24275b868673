import { createHash } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { DigestMap, shortDigest } from '../../src/archive/digest-map.ts';

describe('DigestMap', () => {
  it('knows nothing at first', () => {
    const map = new DigestMap();
    expect(map.size).toBe(0);
    expect(map.get('a')).toBeUndefined();
    expect(map.has('')).toBe(false);
  });

  it('keeps zero, negative and large numbers apart from what is not there', () => {
    const map = new DigestMap();
    map.set('zero', 0);
    map.set('minus', -1);
    map.set('large', Number.MAX_SAFE_INTEGER);
    expect([map.get('zero'), map.get('minus'), map.get('large')]).toEqual([0, -1, Number.MAX_SAFE_INTEGER]);
    expect(map.has('zero')).toBe(true);
  });

  it('says whether a text is new, and counts it once', () => {
    const map = new DigestMap();
    expect(map.set('a', 1)).toBe(true);
    expect(map.set('a', 2)).toBe(false);
    expect(map.get('a')).toBe(2);
    expect(map.size).toBe(1);
  });

  it('tells texts apart that differ in letter case, blanks, composition or emptiness alone', () => {
    const texts = ['a', 'A', 'a ', '', '\u00e9', 'e\u0301', '1', '01', '__proto__', 'constructor'];
    const map = new DigestMap();
    for (const [index, text] of texts.entries()) map.set(text, index);
    expect(texts.map((text) => map.get(text))).toEqual(texts.map((_, index) => index));
  });

  it('still holds everything after it has grown many times over', () => {
    const map = new DigestMap();
    for (let n = 0; n < 20_000; n += 1) map.set(`id-${n}`, n);
    expect(map.size).toBe(20_000);
    const wrong = Array.from({ length: 20_000 }, (_, n) => n).filter((n) => map.get(`id-${n}`) !== n);
    expect(wrong).toEqual([]);
    expect(map.has('id-20000')).toBe(false);
  });

  it('does as a Map does, whatever is set in whatever order', () => {
    fc.assert(
      fc.property(fc.array(fc.tuple(fc.string({ maxLength: 3 }), fc.integer())), (entries) => {
        const map = new DigestMap();
        const model = new Map<string, number>();
        for (const [text, value] of entries) {
          expect(map.set(text, value)).toBe(!model.has(text));
          model.set(text, value);
        }
        expect(map.size).toBe(model.size);
        for (const [text, value] of model) expect(map.get(text)).toBe(value);
      }),
    );
  });
});

describe('shortDigest', () => {
  it('is the first 52 bits of the SHA-256, whole as a number, and told apart by them', () => {
    // The words of the digest are read in the machine's own order, so that the reference must be as well.
    const bytes = createHash('sha256').update('id').digest();
    const words = new Uint32Array(bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + 8));
    expect(BigInt(shortDigest('id'))).toBe((BigInt(words[0] ?? 0) << 20n) | BigInt((words[1] ?? 0) >>> 12));
    expect(Number.isSafeInteger(shortDigest('id'))).toBe(true);
    expect(shortDigest('id')).not.toBe(shortDigest('Id'));
  });
});
