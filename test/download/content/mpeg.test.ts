import { describe, expect, test } from 'vitest';
import { announcedByFrames, framesAtStart, framesWithin } from '../../../src/download/content/mpeg.ts';

/** A file of frames with this header (four bytes, hexadecimal), each of so many bytes. */
function frames(header: string, length: number, count = 2): Buffer {
  const frame = Buffer.alloc(length);
  frame.set(Buffer.from(header.replaceAll(' ', ''), 'hex'));
  return Buffer.concat(Array.from({ length: count }, () => frame));
}

describe('frames of MPEG audio', () => {
  // ISO/IEC 11172-3, 2.4.3.1: 144 (72 in layer III of MPEG-2 and 2.5) times the bit rate over the sample rate, and one more where it is padded.
  test.each<[string, header: string, length: number]>([
    ['MPEG-1, 128 kbit/s, 44.1 kHz', 'ff fb 90 00', 417],
    ['the same, padded', 'ff fb 92 00', 418],
    ['MPEG-1, 320 kbit/s, 48 kHz', 'ff fb e4 00', 960],
    ['MPEG-1, 32 kbit/s, 32 kHz', 'ff fb 18 00', 144],
    ['MPEG-1 with a checksum', 'ff fa 90 00', 417],
    ['MPEG-1, layer II, 192 kbit/s, 48 kHz', 'ff fd a4 00', 576],
    ['MPEG-1, layer II, 384 kbit/s, 32 kHz', 'ff fd e8 00', 1728],
    ['MPEG-2, 64 kbit/s, 22.05 kHz', 'ff f3 80 00', 208],
    ['MPEG-2, 160 kbit/s, 24 kHz', 'ff f3 e4 00', 480],
    ['MPEG-2, layer II, 64 kbit/s, 16 kHz', 'ff f5 88 00', 576],
    ['MPEG-2.5, 8 kbit/s, 8 kHz', 'ff e3 18 c4', 72],
    ['MPEG-2.5, 16 kbit/s, 11.025 kHz', 'ff e3 20 00', 104],
  ])('are as long as their header says: %s', (_, header, length) => {
    expect(framesAtStart(frames(header, length), false)).toEqual({ extension: 'mp3', start: 0 });
    for (const wrong of [length - 1, length + 1]) expect(framesAtStart(frames(header, wrong), false)).toBeUndefined();
  });

  test('of AAC in ADTS are as long as theirs says', () => {
    expect(framesAtStart(frames('ff f1 6c 40 0c 9f fc', 100), false)).toEqual({ extension: 'aac', start: 0 });
    expect(framesAtStart(frames('ff f9 6c 43 00 1f fc', 6144), false)).toEqual({ extension: 'aac', start: 0 });
    expect(framesAtStart(frames('ff f1 70 40 0c 9f fc', 100), false), 'the lowest sample rate').toBeDefined();
    expect(framesAtStart(frames('ff f1 6c 40 01 1f fc', 8), false), 'the shortest there are').toBeDefined();
    expect(framesAtStart(frames('ff f1 6c 40 0c 9f fc', 99), false)).toBeUndefined();
    expect(framesAtStart(frames('ff f1 74 40 0c 9f fc', 100), false), 'a sample rate that there is not').toBeUndefined();
    expect(framesAtStart(frames('ff f1 6c 40 00 ff fc', 7), false), 'no longer than its header').toBeUndefined();
  });

  test.each([
    ['no sync', 'fe fb 90 00', 417],
    ['half a sync', 'ff db 90 00', 417],
    // As long as it would be in MPEG-2.5.
    ['a version that is reserved', 'ff eb 90 00', 522],
    ['layer I', 'ff ff 90 00', 417],
    ['a free bit rate', 'ff fb 00 00', 417],
    ['no bit rate', 'ff fb f0 00', 417],
    ['no sample rate', 'ff fb 9c 00', 417],
    ['an emphasis that is reserved', 'ff fb 90 02', 417],
  ])('have none of these headers: %s', (_, header, length) => {
    expect(framesAtStart(frames(header, length, 4), true)).toBeUndefined();
    expect(framesWithin(frames(header, length, 4), true)).toBeUndefined();
  });

  test('are at least two where they begin a file, or one that is all of it', () => {
    const [one, two] = [frames('ff fb 90 00', 417, 1), frames('ff fb 90 00', 417)];
    expect(framesAtStart(two, false)).toBeDefined();
    expect(framesAtStart(one, true)).toBeDefined();
    expect(framesAtStart(one, false)).toBeUndefined();
    expect(framesAtStart(one.subarray(0, 416), true)).toBeUndefined();
    expect(framesAtStart(Buffer.concat([one, Buffer.alloc(1)]), true)).toBeUndefined();
    expect(framesAtStart(Buffer.concat([one, frames('ff fd a4 00', 576, 1)]), false), 'of two kinds').toBeUndefined();
    expect(framesAtStart(Buffer.from('fffb90', 'hex'), true)).toBeUndefined();
    expect(framesAtStart(Buffer.alloc(0), true)).toBeUndefined();
  });

  test.each([
    ['MP3', 'ff fb 90 00', 417, 4],
    ['AAC', 'ff f1 6c 40 0c 9f', 100, 6],
  ])('count from the last byte of their header on: %s', (_, header, length, headerBytes) => {
    const bytes = frames(header, length);
    expect(framesAtStart(bytes.subarray(0, length + headerBytes), false)).toBeDefined();
    expect(framesAtStart(bytes.subarray(0, length + headerBytes - 1), false)).toBeUndefined();
  });

  test('behind junk are at least four, or two that end with the file or before a tag', () => {
    const junk = Buffer.from([1, 0xff, 2]);
    const behind = (count: number, ...tail: Buffer[]) => Buffer.concat([junk, frames('ff fb 90 00', 417, count), ...tail]);
    expect(framesWithin(behind(4, junk), false)).toEqual({ extension: 'mp3', start: 3 });
    expect(framesWithin(behind(3, junk), true)).toBeUndefined();
    expect(framesWithin(behind(2), true)).toEqual({ extension: 'mp3', start: 3 });
    expect(framesWithin(behind(2), false)).toBeUndefined();
    expect(framesWithin(behind(1), true)).toBeUndefined();
    for (const tag of ['TAG', 'APETAGEX', 'LYRICSBEGIN']) expect(framesWithin(behind(2, Buffer.from(tag)), true)).toBeDefined();
    expect(framesWithin(behind(2, Buffer.from('xTAG')), true)).toBeUndefined();
  });
});

describe('how long a file is to be', () => {
  const first = (header: string, at: number, ...content: (string | number)[]) => {
    const frame = frames(header, 200, 1);
    let to = at;
    for (const part of content) to = typeof part === 'string' ? to + frame.write(part, to, 'latin1') : frame.writeUInt32BE(part, to);
    return frame;
  };

  test.each<[string, Buffer, number | undefined]>([
    ['MPEG-1, stereo', first('ff fb 90 00', 36, 'Xing', 3, 9, 5000), 5000],
    ['MPEG-1, mono', first('ff fb 90 c0', 21, 'Info', 3, 9, 5000), 5000],
    ['MPEG-2, stereo', first('ff f3 80 00', 21, 'Xing', 3, 9, 5000), 5000],
    ['MPEG-2, mono', first('ff f3 80 c0', 13, 'Info', 3, 9, 5000), 5000],
    ['no count of frames', first('ff fb 90 00', 36, 'Xing', 2, 5000, 9), 5000],
    ['no count of bytes', first('ff fb 90 00', 36, 'Xing', 1, 9, 5000), undefined],
    ['VBRI', first('ff fb 90 00', 36, 'VBRI', 0, 0).fill(Buffer.from([0, 0, 0x13, 0x88]), 46, 50), 5000],
    ['another word', first('ff fb 90 00', 36, 'Ring', 3, 9, 5000), undefined],
    ['a word at the place of others', first('ff fb 90 00', 21, 'Xing', 3, 9, 5000), undefined],
    ['no frame', first('ff fb f0 00', 36, 'Xing', 3, 9, 5000), undefined],
    ['AAC', first('ff f1 6c 40 19 1f', 36, 'VBRI').fill(Buffer.from([0, 0, 0x13, 0x88]), 46, 50), undefined],
    ['a header that is cut', first('ff fb 90 00', 36, 'Xing', 3, 9, 5000).subarray(0, 51), undefined],
    ['one that is just there', first('ff fb 90 00', 36, 'Xing', 3, 9, 5000).subarray(0, 52), 5000],
    ['a VBRI header that is cut', first('ff fb 90 00', 36, 'VBRI', 0, 0).subarray(0, 49), undefined],
    ['a VBRI header that is just there', first('ff fb 90 00', 36, 'VBRI', 0, 0).subarray(0, 50).fill(1, 49), 1],
  ])('stands in its first frame: %s', (_, bytes, announced) => {
    expect(announcedByFrames(bytes)).toBe(announced);
  });
});
