import { readWavHeader } from './wav.ts';

/** So many of a file's first bytes tell how long it plays, unless pictures stand before the sound. */
export const LENGTH_HEAD_BYTES = 4096;

/** Bit rates of MPEG audio layer III in kbit/s (ISO/IEC 11172-3, 2.4.2.3, and 13818-3): version 1, then versions 2 and 2.5. */
const BIT_RATES = [
  [0, 32, 40, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320, 0],
  [0, 8, 16, 24, 32, 40, 48, 56, 64, 80, 96, 112, 128, 144, 160, 0],
];
const SAMPLE_RATES = [44_100, 48_000, 32_000, 0];

/**
 * How long a recording plays, in seconds, by its first bytes and its length; undefined where they do not tell. Exact for WAV, and for MP3 files of one bit
 * rate or with a Xing header, which counts their frames.
 */
export function secondsOf(head: Uint8Array, bytes: number): number | undefined {
  const wav = readWavHeader(head);
  if (wav !== undefined) {
    const there = Math.max(0, bytes - wav.dataStart);
    return wav.bytesPerSecond > 0 ? Math.min(there, wav.dataBytes ?? there) / wav.bytesPerSecond : undefined;
  }
  return mp3Seconds(Buffer.from(head.buffer, head.byteOffset, head.byteLength), bytes);
}

function mp3Seconds(head: Buffer, bytes: number): number | undefined {
  // An ID3v2 tag counts its length in four times seven bits (id3.org, "ID3 tag version 2.4.0", 3.1).
  const tagged = head.length > 10 && head.toString('latin1', 0, 3) === 'ID3';
  const start = tagged ? 10 + [6, 7, 8, 9].reduce((size, at) => size * 128 + ((head[at] ?? 0) & 0x7f), 0) : 0;
  for (let at = start; at + 4 <= head.length; at += 1) {
    const frame = frameAt(head, at);
    if (frame === undefined) continue;
    const mark = head.indexOf('Xing', at) >= 0 ? head.indexOf('Xing', at) : head.indexOf('Info', at);
    if (mark >= 0 && mark < at + 48 && mark + 12 <= head.length && ((head[mark + 7] ?? 0) & 1) === 1) {
      return (head.readUInt32BE(mark + 8) * frame.samples) / frame.sampleRate;
    }
    return ((bytes - at) * 8) / frame.bitRate;
  }
  return undefined;
}

function frameAt(head: Buffer, at: number): { samples: number; sampleRate: number; bitRate: number } | undefined {
  const [sync = 0, kind = 0, rates = 0] = head.subarray(at, at + 3);
  const version = (kind >> 3) & 0b11;
  if (sync !== 0xff || kind < 0xe0 || version === 0b01 || ((kind >> 1) & 0b11) !== 0b01) return undefined;
  const isFirst = version === 0b11;
  const bitRate = (BIT_RATES[isFirst ? 0 : 1]?.[rates >> 4] ?? 0) * 1000;
  const sampleRate = (SAMPLE_RATES[(rates >> 2) & 0b11] ?? 0) / (isFirst ? 1 : version === 0b10 ? 2 : 4);
  return bitRate > 0 && sampleRate > 0 ? { samples: isFirst ? 1152 : 576, sampleRate, bitRate } : undefined;
}
