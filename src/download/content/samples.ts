/** How far neighbours must be alike on average: speech and tones at 8 kHz reach 0.6 to 0.99, what is compressed or encrypted 0. */
const LEAST_CORRELATION = 0.4;
/** 10 ms at 8 kHz. Less of it could be anything. */
export const LEAST_BYTES = 80;

/** How headerless telephony audio is written: each gives the sample at a place, on any scale that goes up with the sound. */
const ENCODINGS: readonly { step: number; sample: (bytes: Uint8Array, at: number) => number }[] = [
  { step: 1, sample: (bytes, at) => signed(bytes[at] ?? 0) },
  { step: 1, sample: (bytes, at) => bytes[at] ?? 0 },
  // µ-law, whose magnitudes are inverted, and A-law, of which every other bit is: ITU-T G.711.
  { step: 1, sample: (bytes, at) => companded((bytes[at] ?? 0) ^ 0x7f) },
  { step: 1, sample: (bytes, at) => companded((bytes[at] ?? 0) ^ 0x55) },
  { step: 2, sample: (bytes, at) => signed(bytes[at + 1] ?? 0) * 256 + (bytes[at] ?? 0) },
  { step: 2, sample: (bytes, at) => signed(bytes[at] ?? 0) * 256 + (bytes[at + 1] ?? 0) },
];

/**
 * Whether these bytes can be samples of sound without a header: µ-law, A-law, 8 or 16 bit PCM, or the silence of one of them. Sound is smooth, so
 * that a sample is like the one before it, which holds for no other file that bears no signature. Zeros alone are not taken for silence.
 */
export function looksLikeSamples(bytes: Uint8Array): boolean {
  if (bytes.length < LEAST_BYTES) return false;
  if (isSilence(bytes)) return true;
  return ENCODINGS.some(({ step, sample }) => correlation(bytes, step, sample) >= LEAST_CORRELATION);
}

/** GSM 06.10 without a header: each of its frames, of 33 bytes, begins with the same four bits (RFC 3551, 4.5.8.1). */
export function isGsm(bytes: Uint8Array): boolean {
  const frames = Math.floor(bytes.length / 33);
  for (let frame = 0; frame < frames; frame += 1) if ((bytes[frame * 33] ?? 0) >> 4 !== 0xd) return false;
  return frames >= 10;
}

/** Nearly nothing but the softest values: 0xFF and 0x7F (µ-law), 0xD5 and 0x55 (A-law), 0x80 (unsigned). */
function isSilence(bytes: Uint8Array): boolean {
  const soft = [0x7f, 0x55].map((mask) => bytes.reduce((sum, byte) => sum + (((byte ^ mask) & 0x7f) < 8 ? 1 : 0), 0));
  const middle = bytes.reduce((sum, byte) => sum + (byte === 0x80 ? 1 : 0), 0);
  return Math.max(...soft, middle) >= bytes.length * 0.9;
}

/** How much the second of two samples is like the first, from -1 to 1 (Pearson's). */
function correlation(bytes: Uint8Array, step: number, sample: (bytes: Uint8Array, at: number) => number): number {
  const count = Math.floor(bytes.length / step) - 1;
  let [x, y, xx, yy, xy] = [0, 0, 0, 0, 0];
  for (let index = 0; index < count; index += 1) {
    const one = sample(bytes, index * step);
    const two = sample(bytes, (index + 1) * step);
    x += one;
    y += two;
    xx += one * one;
    yy += two * two;
    xy += one * two;
  }
  const spread = Math.sqrt((xx - (x * x) / count) * (yy - (y * y) / count));
  return spread === 0 ? 0 : (xy - (x * y) / count) / spread;
}

function signed(byte: number): number {
  return byte < 0x80 ? byte : byte - 0x100;
}

function companded(byte: number): number {
  return byte & 0x80 ? byte & 0x7f : -(byte & 0x7f);
}
