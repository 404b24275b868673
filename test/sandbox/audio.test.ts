import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { heldContent, MAX_WAV_BYTES, MIN_WAV_BYTES, mp3Audio, wavAudio } from '../../src/sandbox/audio.ts';
import { allOf, readMp3, readWav } from './audio-files.ts';

const TUNE = Uint8Array.of(3, 1, 4, 1, 5, 250);

describe('a WAV file', () => {
  test('is 16 bit, 8 kHz, mono, and bears its title', () => {
    const { samples, ...format } = readWav(allOf(wavAudio(TUNE, 50_000, 'abc== é')));
    expect(format).toEqual({ channels: 1, rate: 8000, bits: 16, title: 'abc== é' });
    expect(samples.length).toBeGreaterThan(24_900);
  });

  test('is soft but can be heard, and jumps nowhere', () => {
    const { samples } = readWav(allOf(wavAudio(TUNE, 100_000)));
    expect(Math.max(...samples)).toBeGreaterThan(32_767 * 0.15);
    expect(Math.max(...samples)).toBeLessThan(32_767 * 0.25);
    const steps = samples.slice(1).map((sample, i) => Math.abs(sample - (samples[i] ?? 0)));
    // A full swing of 1 kHz at a fifth of the volume moves by 0.2 * 2 pi / 8 of it from one sample to the next.
    expect(Math.max(...steps)).toBeLessThan(32_767 * 0.16);
  });

  test.each([44, 45, 46, 47, 99, 100, 65_579, 65_580, 65_581])('of %d bytes has exactly so many, and is valid', (bytes) => {
    const file = allOf(wavAudio(TUNE, bytes, 'a title'));
    expect(file).toHaveLength(bytes);
    expect(readWav(file).rate).toBe(8000);
  });

  test('of 4 GiB can be read at its end without its beginning', () => {
    const audio = wavAudio(TUNE, MAX_WAV_BYTES);
    expect(Buffer.concat([...audio.read(MAX_WAV_BYTES - 1000, MAX_WAV_BYTES)])).toHaveLength(1000);
    const [head] = audio.read(0, 44);
    expect(head?.readUInt32LE(4)).toBe(MAX_WAV_BYTES - 8 - 1);
  });

  test.each([MIN_WAV_BYTES - 1, MAX_WAV_BYTES + 1, 50.5, Number.NaN])('of %d bytes cannot be', (bytes) => {
    expect(() => wavAudio(TUNE, bytes)).toThrow(RangeError);
  });
});

describe('an MP3 file', () => {
  test('is a tag and then whole frames that do not lean on each other', () => {
    const file = allOf(mp3Audio(TUNE, 50_000, 'abc== é'));
    expect(file.length).toBeLessThanOrEqual(50_000);
    expect(file.length).toBeGreaterThan(48_000);
    expect(readMp3(file)).toEqual({ title: 'abc== é', frames: (file.length - 29) / 288, rate: 8000, bitRate: 32_000 });
  });

  test('has a note even where its title is longer than it should be', () => {
    const title = 'x'.repeat(300);
    expect(readMp3(allOf(mp3Audio(TUNE, 100, title)))).toMatchObject({ title, frames: 5 });
  });
});

test('any part of a file is the same as that part of the whole', () => {
  const bounds = fc.tuple(fc.nat(200_000), fc.nat(200_000)).map(([a, b]) => [Math.min(a, b), Math.max(a, b)] as const);
  const files = [wavAudio(TUNE, 200_001, 'wav'), mp3Audio(TUNE, 210_000, 'mp3'), heldContent(Buffer.alloc(200_000, 'held'))];
  const wholes = files.map(allOf);
  fc.assert(
    fc.property(bounds, fc.nat(2), ([start, end], index) => {
      const part = Buffer.concat([...(files[index]?.read(start, end) ?? [])]);
      expect(wholes[index]?.subarray(start, end).equals(part)).toBe(true);
    }),
    { numRuns: 60 },
  );
});
