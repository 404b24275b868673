import { describe, expect, test } from 'vitest';
import { secondsOf } from '../../src/archive/audio-length.ts';
import { readWavHeader } from '../../src/archive/wav.ts';

const latin1 = (text: string) => Buffer.from(text, 'latin1');
const four = (value: number) => {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32LE(value);
  return bytes;
};
const chunk = (name: string, size: number, ...content: Buffer[]) => Buffer.concat([latin1(name), four(size), ...content]);

/** The `fmt ` chunk: format, channels, samples and bytes a second, bytes a sample, bits a sample, and what an extensible one has behind. */
function format(codec: number, channels: number, rate: number, bytesPerSecond: number, bits: number, ...more: Buffer[]): Buffer {
  const head = Buffer.alloc(16);
  head.writeUInt16LE(codec, 0);
  head.writeUInt16LE(channels, 2);
  head.writeUInt32LE(rate, 4);
  head.writeUInt32LE(bytesPerSecond, 8);
  head.writeUInt16LE((channels * bits) / 8, 12);
  head.writeUInt16LE(bits, 14);
  const content = Buffer.concat([head, ...more]);
  return chunk('fmt ', content.length, content);
}

const wav = (...chunks: Buffer[]) => Buffer.concat([chunk('RIFF', 1000), latin1('WAVE'), ...chunks]);
const PCM = format(1, 2, 8000, 32_000, 16);

describe('the header of a WAV file', () => {
  const said = { codec: 1, channels: 2, sampleRate: 8000, bytesPerSecond: 32_000, bitsPerSample: 16 };
  // What a subformat begins with, behind the number of further bytes, the bits that hold sound, and the speakers.
  const sub = (codec: number) => Buffer.concat([four(0x0010_0016), four(3), four(codec), Buffer.alloc(12)]);

  test.each<[string, Buffer, object | undefined]>([
    ['as it mostly is', wav(PCM, chunk('data', 500)), { ...said, dataStart: 44, dataBytes: 500 }],
    [
      'with another chunk before its sound',
      wav(chunk('LIST', 4, four(1)), PCM, chunk('data', 500)),
      { ...said, dataStart: 56, dataBytes: 500 },
    ],
    ['with a chunk of odd length', wav(PCM, chunk('LIST', 3, four(1)), chunk('data', 500)), { ...said, dataStart: 56, dataBytes: 500 }],
    ['with no length', wav(PCM, chunk('data', 0)), { ...said, dataStart: 44, dataBytes: undefined }],
    ['with a length that is not known', wav(PCM, chunk('data', 0xffff_ffff)), { ...said, dataStart: 44, dataBytes: undefined }],
    [
      'extensible',
      wav(format(0xfffe, 2, 8000, 32_000, 16, sub(7)), chunk('data', 500)),
      { ...said, codec: 7, dataStart: 68, dataBytes: 500 },
    ],
    [
      'extensible, cut short',
      wav(format(0xfffe, 2, 8000, 32_000, 16), chunk('data', 9)),
      { ...said, codec: 0xfffe, dataStart: 44, dataBytes: 9 },
    ],
    [
      'another one that is longer',
      wav(format(7, 2, 8000, 32_000, 16, sub(1)), chunk('data', 9)),
      { ...said, codec: 7, dataStart: 68, dataBytes: 9 },
    ],
    ['without a format', wav(chunk('data', 500)), undefined],
    ['whose sound is not there yet', wav(PCM), undefined],
    ['that is cut', wav(PCM, chunk('data', 500)).subarray(0, 43), undefined],
    ['that is cut within the format', wav(PCM).subarray(0, 35), undefined],
    ['of 11 bytes', wav(PCM).subarray(0, 11), undefined],
    ['of RIFF that is no WAVE', Buffer.concat([chunk('RIFF', 1000), latin1('AVI '), PCM, chunk('data', 500)]), undefined],
    ['that is no RIFF', Buffer.concat([chunk('RIFX', 1000), latin1('WAVE'), PCM, chunk('data', 500)]), undefined],
  ])('%s', (_, head, header) => {
    expect(readWavHeader(head)).toEqual(header);
  });
});

describe('how long a recording plays', () => {
  const mp3 = (header: string, ...more: Buffer[]) => Buffer.concat([Buffer.from(header, 'hex'), ...more, Buffer.alloc(100)]);
  const xing = (word: string, at: number, frames: number, flags = 1) => {
    const bytes = Buffer.alloc(at + 12);
    bytes.write(word, at, 'latin1');
    bytes.writeUInt32BE(flags, at + 4);
    bytes.writeUInt32BE(frames, at + 8);
    return bytes;
  };
  const tag = Buffer.concat([latin1('ID3\x03\0\0'), Buffer.from([0, 0, 1, 2]), Buffer.alloc(130)]);

  test.each<[string, head: Buffer, bytes: number, seconds: number | undefined]>([
    ['WAV', wav(PCM, chunk('data', 64_000)), 64_044, 2],
    ['WAV with more behind its sound', wav(PCM, chunk('data', 64_000)), 96_044, 2],
    ['WAV that is cut short', wav(PCM, chunk('data', 64_000)), 32_044, 1],
    ['WAV of no length', wav(PCM, chunk('data', 0)), 96_044, 3],
    ['WAV that ends with its header', wav(PCM, chunk('data', 0)), 40, 0],
    ['WAV without a rate', wav(format(1, 2, 8000, 0, 16), chunk('data', 64_000)), 64_044, undefined],
    ['MP3 of MPEG-1 at 128 kbit/s', mp3('fffb9000'), 160_000, 10],
    ['MP3 of MPEG-1 at 320 kbit/s', mp3('fffbe000'), 400_000, 10],
    ['MP3 of MPEG-2 at 64 kbit/s', mp3('fff38000'), 80_000, 10],
    ['MP3 of MPEG-2.5 at 8 kbit/s', mp3('ffe318c4'), 10_000, 10],
    ['MP3 behind a tag', Buffer.concat([tag, mp3('fffb9000')]), 160_140, 10],
    ['MP3 behind junk', Buffer.concat([Buffer.alloc(37), mp3('fffb9000')]), 160_037, 10],
    ['MP3 with a count of frames', mp3('fffb9000', xing('Xing', 32, 100)), 160_000, (100 * 1152) / 44_100],
    ['MP3 of MPEG-2 with one', mp3('fff38000', xing('Info', 17, 100)), 160_000, (100 * 576) / 22_050],
    ['MP3 of MPEG-2.5 with one', mp3('ffe318c4', xing('Xing', 9, 100)), 160_000, (100 * 576) / 11_025 / (8000 / 11_025)],
    ['MP3 whose header counts no frames', mp3('fffb9000', xing('Xing', 32, 100, 2)), 160_000, 10],
    ['MP3 with the word further down', mp3('fffb9000', xing('Xing', 44, 100)), 160_000, 10],
    ['MP3 that is cut within its header', mp3('fffb9000', xing('Xing', 32, 100)).subarray(0, 47), 160_000, 10],
    ['layer II', mp3('fffd9000'), 160_000, undefined],
    ['a version that is reserved', mp3('ffeb9000'), 160_000, undefined],
    ['a free bit rate', mp3('fffb0000'), 160_000, undefined],
    ['no bit rate', mp3('fffbf000'), 160_000, undefined],
    ['no sample rate', mp3('fffb9c00'), 160_000, undefined],
    ['no sync', mp3('ffdb9000'), 160_000, undefined],
    ['something else', Buffer.alloc(4096, 1), 160_000, undefined],
    ['nothing', Buffer.alloc(0), 0, undefined],
  ])('%s', (_, head, bytes, seconds) => {
    const found = secondsOf(head, bytes);
    if (seconds === undefined) expect(found).toBeUndefined();
    else expect(found).toBeCloseTo(seconds, 6);
  });
});
