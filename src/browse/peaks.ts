import type { ArchiveReader } from '../archive/reader.ts';
import { readWavHeader, type WavFormat } from '../archive/wav.ts';
import { headOf } from './sound.ts';

/** How many peaks a waveform is drawn of. */
const PEAKS = 800;
/** So many bytes of the file are looked at for each peak: enough for a fifth of a second of telephony, so that 100 MB are surveyed in a moment. */
const BYTES_A_PEAK = 3200;

/**
 * The loudness of a WAV recording over its length, from 0 to 1, as a waveform is drawn; read in samples here and there, so that a long one is drawn as
 * soon as a short one. Undefined for other kinds, which the page decodes itself where they are small.
 */
export async function peaksOf(file: string, reader: ArchiveReader): Promise<{ peaks: number[]; seconds: number } | undefined> {
  const size = await reader.size(file);
  if (size === undefined) return undefined;
  const wav = readWavHeader(await headOf(file, size, reader));
  const loudness = wav && LOUDNESS[wav.codec]?.(wav);
  if (wav === undefined || loudness === undefined || wav.bytesPerSecond === 0) return undefined;
  const bytes = Math.max(0, Math.min(wav.dataBytes ?? Number.POSITIVE_INFINITY, size - wav.dataStart));
  const frame = Math.max(1, (wav.bitsPerSample / 8) * wav.channels);
  const count = Math.max(1, Math.min(PEAKS, Math.floor(bytes / frame)));
  const peaks: number[] = [];
  for (let index = 0; index < count; index += 1) {
    const start = Math.floor((bytes * index) / count / frame) * frame;
    const length = Math.min(BYTES_A_PEAK, Math.ceil(bytes / count), bytes - start);
    const pieces: Buffer[] = [];
    const from = wav.dataStart + start;
    for await (const piece of reader.read(file, { from, to: from + Math.max(1, length) - 1 })) pieces.push(piece as Buffer);
    peaks.push(Math.round(loudness(Buffer.concat(pieces)) * 1000) / 1000);
  }
  return { peaks, seconds: bytes / wav.bytesPerSecond };
}

/** By codec, what gives the loudest of some samples. */
const LOUDNESS: Readonly<Record<number, (wav: WavFormat) => ((bytes: Buffer) => number) | undefined>> = {
  1: ({ bitsPerSample }) => (bitsPerSample === 16 ? loudest16 : bitsPerSample === 8 ? loudest8 : undefined),
  // Seven bits on a scale of loudness already: what the ear hears is close enough to what is drawn.
  6: () => (bytes) => bytes.reduce((most, value) => Math.max(most, lawLoudness((value ^ 0x55) & 0x7f)), 0),
  7: () => (bytes) => bytes.reduce((most, value) => Math.max(most, lawLoudness(~value & 0x7f)), 0),
};

function loudest16(bytes: Buffer): number {
  let most = 0;
  for (let at = 0; at + 1 < bytes.length; at += 2) most = Math.max(most, Math.abs(bytes.readInt16LE(at)));
  return most / 32_768;
}

function loudest8(bytes: Buffer): number {
  return bytes.reduce((most, value) => Math.max(most, Math.abs(value - 128)), 0) / 128;
}

/** G.711's exponent and mantissa as a share of the loudest. */
function lawLoudness(code: number): number {
  return (((code & 0b1111) + 16) << (code >> 4)) / (31 << 7);
}
