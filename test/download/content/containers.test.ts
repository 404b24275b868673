import { describe, expect, test } from 'vitest';
import { audioBrand, descriptionBehind, isMp4, trackKind } from '../../../src/download/content/containers.ts';
import { matroska, mp4, noise } from './collection.ts';

const latin1 = (text: string) => Buffer.from(text, 'latin1');
const VIDEO = { other: 'a video' };
const asf = (streamType: string) => Buffer.concat([noise(200), Buffer.from(streamType, 'hex'), noise(200)]);

describe('a container', () => {
  test.each<[container: string, holding: string, bytes: Uint8Array, kind: ReturnType<typeof trackKind>]>([
    ['mkv', 'audio', matroska('matroska', ['A_AAC']), { extension: 'mka' }],
    ['mkv', 'both', matroska('matroska', ['A_AAC', 'V_VP8']), VIDEO],
    ['mkv', 'the words of a video', latin1('V_VP8 \x86 V_VP8 \x86\x85v_vp8'), { extension: 'mka' }],
    ['webm', 'audio', matroska('webm', ['A_OPUS']), { extension: 'webm' }],
    ['webm', 'a video', matroska('webm', ['V_VP8']), VIDEO],
    ['asf', 'audio', asf('409e69f84d5bcf11a8fd00805f5c442b'), { extension: 'wma' }],
    ['asf', 'a video', asf('c0ef19bc4d5bcf11a8fd00805f5c442b'), VIDEO],
    ...['3gp', '3g2'].flatMap((container): [string, string, Uint8Array, ReturnType<typeof trackKind>][] => [
      [container, 'audio', mp4('3gp4', ['soun'], 'first'), { extension: '3gp' }],
      [container, 'both', mp4('3gp4', ['soun', 'vide'], 'first'), VIDEO],
    ]),
    ...['mp4', 'mov', 'm4a', 'm4b', 'm4p', 'f4a', 'f4b'].flatMap(
      (container): [string, string, Uint8Array, ReturnType<typeof trackKind>][] => [
        [container, 'audio', mp4('isom', ['soun'], 'first'), { extension: 'm4a' }],
        [container, 'both', mp4('isom', ['soun', 'vide'], 'first'), VIDEO],
        [container, 'the words of a video', latin1('hdlr 1234567 vide, 12345678vide'), { extension: 'm4a' }],
      ],
    ),
    ['pdf', 'a video', mp4('isom', ['vide'], 'first'), undefined],
  ])('is named by its tracks: %s with %s', (container, _, bytes, kind) => {
    expect(trackKind(container, bytes)).toEqual(kind);
  });
});

describe('an MP4 file', () => {
  test.each([
    ['\0\0\0\x18ftypisom', true, 'm4a'],
    ['\0\0\0\x18ftyp3gp4', true, '3gp'],
    ['\0\0\0\x18ftyp3ivx', true, 'm4a'],
    ['\0\0\0\x18ftypx3gp', true, 'm4a'],
    ['\0\0\x18ftyp3gp4', false, undefined],
    ['\0\0\0\x18Ftyp3gp4', false, undefined],
  ])('is known by its first box, and its brand says what it is without a picture: %j', (start, is, brand) => {
    expect(isMp4(latin1(start))).toBe(is);
    if (is) expect(audioBrand(latin1(start))).toBe(brand);
  });

  const box = (length: number, type: string, content: Buffer = Buffer.alloc(Math.max(0, length - 8))) => {
    const head = Buffer.alloc(8);
    head.writeUInt32BE(length);
    head.write(type, 4, 'latin1');
    return Buffer.concat([head, content]);
  };
  const large = (length: number) => {
    const content = Buffer.alloc(8);
    content.writeBigUInt64BE(BigInt(length));
    return box(1, 'mdat', content);
  };
  const start = box(16, 'ftyp');

  test.each<[string, Buffer[], number | undefined]>([
    ['within these bytes', [start, box(100, 'moov')], undefined],
    ['within them, cut', [start, box(16, 'moov')], undefined],
    ['where too little is there to know it', [start, box(15, 'moov')], 16],
    ['behind the samples', [start, box(5000, 'mdat', noise(40))], 5016],
    ['behind the samples, which are just there', [start, box(40, 'mdat')], 56],
    ['behind two boxes', [start, box(24, 'free'), box(5000, 'mdat', noise(40))], 5040],
    ['behind an empty box', [start, box(8, 'free'), box(5000, 'mdat', noise(40))], 5024],
    ['behind more than 4 GiB', [start, large(10_000_000_000)], 10_000_000_016],
    ['nowhere behind a box that goes on up to the end', [start, box(0, 'mdat', noise(40))], undefined],
    ['nowhere behind a box that is shorter than its header', [start, box(7, 'mdat', noise(40))], undefined],
  ])('is described %s', (_, boxes, at) => {
    expect(descriptionBehind(Buffer.concat(boxes))).toBe(at);
  });
});
