import { createHash } from 'node:crypto';
import { appendFile, mkdir, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { ManifestLine } from '../../src/archive/manifest.ts';

/** What a test says of a recording in an archive; the rest is ordinary. */
export interface Archived extends Partial<ManifestLine> {
  id: string;
  /** The file's bytes; left out for none. */
  content?: Uint8Array;
}

/** Writes an archive as runs of `batch` leave it: a line of the manifest for each, and the files of those that have some. */
export async function writeArchive(folder: string, recordings: readonly Archived[]): Promise<void> {
  await mkdir(folder, { recursive: true });
  const lines: string[] = [];
  for (const { content, ...given } of recordings) {
    const file = given.file === undefined ? (content === undefined ? null : `${given.id}.wav`) : given.file;
    if (content !== undefined && file !== null) {
      await mkdir(dirname(join(folder, file)), { recursive: true });
      await writeFile(join(folder, file), content);
    }
    const line: ManifestLine = {
      status: content === undefined ? 'failed' : 'saved',
      bytes: content?.length ?? null,
      sha256: content === undefined ? null : createHash('sha256').update(content).digest('hex'),
      contentType: content === undefined ? null : 'audio/wav',
      etag: null,
      attempts: 1,
      at: '2026-11-20T10:00:00.000Z',
      error: null,
      ...given,
      file,
    };
    lines.push(`${JSON.stringify(line)}\n`);
  }
  await appendFile(join(folder, 'manifest.jsonl'), lines.join(''));
}

/** A WAV file that plays a soft tone for so many seconds: PCM of 16 bits at 8 kHz, or a codec by its number with a byte a sample. */
export function toneWav(seconds: number, codec = 1): Buffer {
  const samples = Math.round(seconds * 8000);
  const bits = codec === 1 ? 16 : 8;
  const data = Buffer.alloc((samples * bits) / 8, codec === 1 ? 0 : 0xd5);
  if (codec === 1) for (let at = 0; at < samples; at += 1) data.writeInt16LE(Math.round(8000 * Math.sin(at / 3)), at * 2);
  const header = Buffer.alloc(44);
  header.write('RIFF', 0);
  header.writeUInt32LE(data.length + 36, 4);
  header.write('WAVEfmt ', 8);
  header.writeUInt32LE(16, 16);
  header.writeUInt16LE(codec, 20);
  header.writeUInt16LE(1, 22);
  header.writeUInt32LE(8000, 24);
  header.writeUInt32LE((8000 * bits) / 8, 28);
  header.writeUInt16LE(bits / 8, 32);
  header.writeUInt16LE(bits, 34);
  header.write('data', 36);
  header.writeUInt32LE(data.length, 40);
  return Buffer.concat([header, data]);
}
