import { describe, expect, test } from 'vitest';
import { announcedByWave, isOtherRiff, isWave } from '../../../src/download/content/wave.ts';
import { noise, rf64, wave } from './collection.ts';

const latin1 = (text: string) => Buffer.from(text, 'latin1');
const data = noise(4000);

describe('a RIFF file', () => {
  test.each(['RIFF\0\x01\0\0WAVE', 'RIFXabcdWAVE', 'RF64\xff\xff\xff\xffWAVEds64', 'BW64\n\r\n\rWAVE'])('is of WAVE audio: %j', (start) => {
    expect(isWave(latin1(start))).toBe(true);
    expect(isOtherRiff(latin1(start))).toBe(false);
  });

  test.each(['RIFF\0\x01\0\0AVI LIST', 'RIFX\0\x01\0\0RMID', 'RIFF\n\r\n\rWAVX'])('is of something else: %j', (start) => {
    expect(isWave(latin1(start))).toBe(false);
    expect(isOtherRiff(latin1(start))).toBe(true);
  });

  test.each([
    'RIFF\0\x01\0\0WAV',
    'RIFF\0\x01\0\0AVI',
    'RIFF\0\x01\0\0A\0I ',
    'RIFF\0\x01\0\0AVI\0',
    ' RIFF\0\x01\0\0AVI ',
    'Riff\0\x01\0\0WAVE',
  ])('is not what only looks like one: %j', (start) => {
    expect(isWave(latin1(start))).toBe(false);
    expect(isOtherRiff(latin1(start))).toBe(false);
  });

  test('may hold the speech of Qualcomm', () => {
    expect(isOtherRiff(latin1('RIFF\0\x01\0\0QLCMfmt '))).toBe(false);
  });
});

describe('the length that a WAVE file announces', () => {
  const chunk = (text: string) => latin1(text);

  test.each<[string, Uint8Array, number | undefined]>([
    ['is that of its samples', wave({ data, says: 5000 }), 5044],
    ['counts big-endian in RIFX', wave({ form: 'RIFX', data, says: 5000 }), 5044],
    ['counts what stands before them', wave({ data, says: 5000, before: chunk('LIST\x04\0\0\0abcd') }), 5056],
    ['counts the byte that fills up a chunk', wave({ data, says: 5000, before: chunk('LIST\x03\0\0\0abc\0') }), 5056],
    ['is that of its samples as soon as their header is there', wave({ data, says: 5000 }).subarray(0, 44), 5044],
    ['is that of the whole until then', wave({ data, says: 5000, riff: 6000 }).subarray(0, 43), 6008],
    ['is that of the whole, big-endian', wave({ form: 'RIFX', data, riff: 6000 }).subarray(0, 43), 6008],
    ['is not known where neither is', wave({ data, says: 5000, riff: 0xffff_ffff }).subarray(0, 43), undefined],
    ['is none where the samples are as many bytes as the file', wave({ data, says: 4044 }), undefined],
  ])('%s', (_, bytes, announced) => {
    expect(announcedByWave(bytes, 4044)).toBe(announced);
  });

  test.each([0, 0x7fff_f000, 0x7fff_ffff, 0x8000_0000, 0xffff_f000, 0xffff_ffff])('is not known where its header says %i', (says) => {
    expect(announcedByWave(wave({ data, says }), 4044)).toBeUndefined();
    expect(announcedByWave(wave({ data, riff: says }).subarray(0, 43), 4044)).toBeUndefined();
  });

  test.each([1, 0x7fff_efff, 0x8000_0001, 0xffff_efff])('is known where it says %i', (says) => {
    expect(announcedByWave(wave({ data, says }), 4044)).toBe(44 + says);
    expect(announcedByWave(wave({ data, riff: says }).subarray(0, 43), 4044)).toBe(8 + says);
  });

  test.each([1, 0x8000_0000, 0xffff_ffff, 10_000_000_000, 2 ** 52 - 1])('may be %i of more than 4 GiB', (says) => {
    expect(announcedByWave(rf64('RF64', data, says), 4080)).toBe(80 + says);
  });

  test.each([0, 2 ** 52, Number.MAX_SAFE_INTEGER])('of more than 4 GiB is not known where it says %i', (says) => {
    expect(announcedByWave(rf64('RF64', data, says), 4080)).toBeUndefined();
  });

  test('of more than 4 GiB is that of the whole until the header of its samples is there', () => {
    // The chunk with the lengths ends 36 bytes behind the form, and says the second of them up to the 24th.
    const bytes = rf64('RF64', data, 10_000_000_000);
    expect(announcedByWave(bytes.subarray(0, 79), 4080)).toBe(10_000_000_080);
    expect(announcedByWave(bytes.subarray(0, 36), 4080)).toBe(10_000_000_080);
    expect(announcedByWave(bytes.subarray(0, 35), 4080)).toBeUndefined();
  });

  test('is what stands at the samples themselves where that is a length', () => {
    const bytes = rf64('BW64', data, 10_000_000_000);
    bytes.writeUInt32LE(5000, 76);
    expect(announcedByWave(bytes, 4080)).toBe(5080);
  });
});
