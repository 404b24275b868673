import { createCipheriv, createHash } from 'node:crypto';

/** A recording as the store holds it. */
export interface StoredObject {
  bytes: Buffer;
  /** As it stands in the header, quotes and all; null where the store sends none. */
  etag: string | null;
  contentType: string;
  /** Headers beside the usual ones. */
  headers: Readonly<Record<string, string>>;
}

/** What kind of ETag an object has; `md5` is the one that proves its bytes. */
export type EtagKind = 'md5' | 'weak' | 'multipart' | 'encrypted' | 'unquoted' | 'none';

const HEADER_BYTES = 44;

/**
 * A WAV file of so many bytes, filled with noise: the same for the same id and version, and different from any other from its 45th byte on.
 * Noise, so that no byte can stand in for another: a file put together wrongly has another hash.
 */
export function storedObject(id: string, options: { bytes?: number; version?: number; etag?: EtagKind } = {}): StoredObject {
  const { bytes: size = 300_000, version = 1, etag = 'md5' } = options;
  const seed = createHash('sha256').update(`${id}\n${version}`).digest();
  const noise = createCipheriv('aes-128-ctr', seed.subarray(0, 16), seed.subarray(16)).update(Buffer.alloc(size - HEADER_BYTES));
  const bytes = Buffer.concat([wavHeader(size), noise]);
  return {
    bytes,
    etag: etagOf(bytes, etag),
    contentType: 'audio/wav',
    headers: etag === 'encrypted' ? { 'x-amz-server-side-encryption': 'aws:kms' } : {},
  };
}

/** The SHA-256 of some bytes, as the tool prints it. */
export function sha256(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex');
}

function etagOf(bytes: Buffer, kind: EtagKind): string | null {
  const md5 = createHash('md5').update(bytes).digest('hex');
  switch (kind) {
    case 'md5':
      return `"${md5}"`;
    case 'weak':
      return `W/"${md5}"`;
    case 'unquoted':
      return md5;
    case 'multipart':
      return `"${createHash('md5').update(md5).digest('hex')}-2"`;
    case 'encrypted':
      return `"${createHash('md5').update(md5).digest('hex')}"`;
    case 'none':
      return null;
  }
}

/** RIFF, PCM, 8 kHz, 16 bit, mono. */
function wavHeader(size: number): Buffer {
  const header = Buffer.alloc(HEADER_BYTES);
  header.write('RIFF', 0, 'latin1');
  header.writeUInt32LE(size - 8, 4);
  header.write('WAVEfmt ', 8, 'latin1');
  header.writeUInt32LE(16, 16);
  header.writeUInt16LE(1, 20);
  header.writeUInt16LE(1, 22);
  header.writeUInt32LE(8000, 24);
  header.writeUInt32LE(16_000, 28);
  header.writeUInt16LE(2, 32);
  header.writeUInt16LE(16, 34);
  header.write('data', 36, 'latin1');
  header.writeUInt32LE(size - HEADER_BYTES, 40);
  return header;
}
