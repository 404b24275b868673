// @ts-check
import { createHash, randomBytes } from 'node:crypto';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/**
 * The sizes that recordings come in, by the name that stands in their ids.
 *
 * @type {Readonly<Record<Size, { bytes: number, kinds: number }>>}
 */
export const SIZES = {
  '1k': { bytes: 1000, kinds: 100 },
  '100k': { bytes: 100_000, kinds: 100 },
  '100m': { bytes: 100_000_000, kinds: 1 },
};

/** @typedef {'1k' | '100k' | '100m'} Size */

/**
 * The ids of so many recordings of a size. The last two digits say which of the stored files each is: a hundred kinds of bytes are enough
 * to notice a mix-up, and stay in the server's memory.
 *
 * @param {Size} size
 * @param {number} count
 */
export function idsOf(size, count) {
  const { kinds } = SIZES[size];
  return Array.from({ length: count }, (_, index) => `${size}x${String(kinds === 1 ? index * 100 : index).padStart(7, '0')}`);
}

/**
 * Writes the files of a size, `<folder>/<size>/<two digits>.wav`: WAV files of random bytes.
 *
 * @param {string} folder
 * @param {Size} size
 * @returns {{ name: string, md5: string }[]} each file as `<size>/<two digits>`
 */
export function writeObjects(folder, size) {
  const { bytes, kinds } = SIZES[size];
  mkdirSync(join(folder, size), { recursive: true });
  return Array.from({ length: kinds }, (_, kind) => {
    const name = `${size}/${String(kind).padStart(2, '0')}`;
    const content = wav(bytes);
    writeFileSync(join(folder, `${name}.wav`), content);
    return { name, md5: createHash('md5').update(content).digest('hex') };
  });
}

/**
 * A WAV file (16 bits, mono, 8 kHz, as telephony has it) of so many bytes, header included.
 *
 * @param {number} bytes
 */
function wav(bytes) {
  const header = Buffer.alloc(44);
  header.write('RIFF', 0);
  header.writeUInt32LE(bytes - 8, 4);
  header.write('WAVEfmt ', 8);
  header.writeUInt32LE(16, 16);
  header.writeUInt16LE(1, 20);
  header.writeUInt16LE(1, 22);
  header.writeUInt32LE(8000, 24);
  header.writeUInt32LE(16_000, 28);
  header.writeUInt16LE(2, 32);
  header.writeUInt16LE(16, 34);
  header.write('data', 36);
  header.writeUInt32LE(bytes - 44, 40);
  return Buffer.concat([header, randomBytes(bytes - 44)]);
}
