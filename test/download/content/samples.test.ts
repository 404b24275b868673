import { describe, expect, test } from 'vitest';
import { isGsm, looksLikeSamples } from '../../../src/download/content/samples.ts';
import { noise } from './collection.ts';

const alternating = (length: number, ...bytes: number[]) => Buffer.from(Array.from({ length }, (_, at) => bytes[at % bytes.length] ?? 0));

/** A tone of 300 Hz, soft enough for one byte to tell nothing of it. */
const tone = (write: 'writeInt16LE' | 'writeInt16BE', volume: number) => {
  const bytes = Buffer.alloc(8000);
  for (let at = 0; at < 4000; at += 1) bytes[write](Math.round(volume * Math.sin((2 * Math.PI * 300 * at) / 8000)), at * 2);
  return bytes;
};

/**
 * Samples of which half is like the one before and half is chance: enough to be sound, but only where they are read as they were written. Of any other
 * way to read them little more than the greatest digit is right.
 */
const rough = (write: (sample: number) => number[], spread: number, centre = 0) => {
  let sample = 0;
  const chance = noise(8000 * 4);
  return Buffer.from(
    Array.from({ length: 8000 }, (_, at) => {
      const sum = chance.subarray(at * 4, at * 4 + 4).reduce((all, byte) => all + byte - 127.5, 0);
      sample = sample / 2 + (sum / 148) * spread * 0.866;
      return write(Math.round(centre + sample));
    }).flat(),
  );
};
const magnitude = (sample: number) => Math.min(0x7f, Math.abs(sample)) | (sample < 0 ? 0 : 0x80);

describe('samples', () => {
  test.each<[string, Buffer]>([
    ['a loud tone of 16 bit', tone('writeInt16LE', 30_000)],
    ['a tone of 16 bit that reaches over two bytes', tone('writeInt16LE', 600)],
    ['the same, the other way round', tone('writeInt16BE', 600)],
    ['silence with 80 bytes', alternating(80, 0xff)],
    ['the softest values of µ-law', alternating(800, 0xff, 0x7f, 0xf8, 0x78)],
    ['the softest values of A-law', alternating(800, 0xd5, 0x55, 0xd2, 0x52)],
    ['unsigned silence', alternating(800, 0x80)],
    ['silence in nine places of ten', alternating(800, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0)],
    ['rough sound in signed bytes', rough((sample) => [sample & 0xff], 20)],
    ['rough sound in unsigned bytes', rough((sample) => [sample & 0xff], 20, 0x80)],
    ['rough sound in µ-law', rough((sample) => [magnitude(sample) ^ 0x7f], 20)],
    ['rough sound in A-law', rough((sample) => [magnitude(sample) ^ 0x55], 20)],
    ['rough sound of 16 bit', rough((sample) => [sample & 0xff, (sample >> 8) & 0xff], 64, 320)],
    ['rough sound of 16 bit, the other way round', rough((sample) => [(sample >> 8) & 0xff, sample & 0xff], 64, 320)],
  ])('are %s', (_, bytes) => {
    expect(looksLikeSamples(bytes)).toBe(true);
  });

  test.each<[string, Buffer]>([
    ['79 bytes of silence', alternating(79, 0xff)],
    ['noise', noise(8000)],
    ['values that are one louder than the softest', alternating(800, 0xff, 0x77)],
    ['silence in eight places of ten', alternating(800, 0x80, 0x80, 0x80, 0x80, 0, 0x80, 0x80, 0x80, 0x80, 0)],
    ['one value that is no silence', alternating(800, 0x33)],
  ])('are not %s', (_, bytes) => {
    expect(looksLikeSamples(bytes)).toBe(false);
  });
});

describe('GSM without a header', () => {
  const frames = (count: number, mark = 0xd5) => Buffer.concat(Array.from({ length: count }, (_, at) => noise(33, at).fill(mark, 0, 1)));

  test('has its mark at each of ten frames or more', () => {
    expect(isGsm(frames(10))).toBe(true);
    expect(isGsm(frames(9))).toBe(false);
    expect(isGsm(frames(10, 0xc5))).toBe(false);
    expect(isGsm(Buffer.concat([frames(10), noise(33).fill(0, 0, 1)]))).toBe(false);
    expect(isGsm(Buffer.concat([frames(10), Buffer.alloc(32)]))).toBe(true);
  });
});
