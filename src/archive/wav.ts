/** What the header of a WAV file says. */
export interface WavFormat {
  /** The `wFormatTag`: 1 PCM, 2 Microsoft ADPCM, 3 floating point, 6 A-law, 7 µ-law, 0x11 IMA ADPCM, 0x31 GSM 6.10; of an extensible one its subformat's. */
  codec: number;
  channels: number;
  /** Samples a second, of each channel. */
  sampleRate: number;
  bytesPerSecond: number;
  bitsPerSample: number;
  /** Where the sound begins, in bytes from the start of the file. */
  dataStart: number;
  /** How many bytes of sound the header announces; undefined where it leaves it open (0 or 0xFFFFFFFF, as a recorder that streams writes it). */
  dataBytes: number | undefined;
}

const EXTENSIBLE = 0xfffe;

/**
 * Reads the header of a WAV file (RIFF, "Multimedia Programming Interface and Data Specifications 1.0") from the file's first bytes. Undefined where
 * they are no WAV file, or its sound begins behind them.
 */
export function readWavHeader(head: Uint8Array): WavFormat | undefined {
  const view = Buffer.from(head.buffer, head.byteOffset, head.byteLength);
  if (view.length < 12 || view.toString('latin1', 0, 4) !== 'RIFF' || view.toString('latin1', 8, 12) !== 'WAVE') return undefined;
  let format: Omit<WavFormat, 'dataStart' | 'dataBytes'> | undefined;
  for (let at = 12; at + 8 <= view.length; ) {
    const name = view.toString('latin1', at, at + 4);
    const size = view.readUInt32LE(at + 4);
    const start = at + 8;
    if (name === 'fmt ' && start + 16 <= view.length) format = readFormat(view, start, size);
    if (name === 'data') return format && { ...format, dataStart: start, dataBytes: size === 0 || size === 0xffffffff ? undefined : size };
    at = start + size + (size % 2);
  }
  return undefined;
}

function readFormat(view: Buffer, at: number, size: number): Omit<WavFormat, 'dataStart' | 'dataBytes'> {
  const tag = view.readUInt16LE(at);
  const codec = tag === EXTENSIBLE && size >= 26 && at + 26 <= view.length ? view.readUInt16LE(at + 24) : tag;
  return {
    codec,
    channels: view.readUInt16LE(at + 2),
    sampleRate: view.readUInt32LE(at + 4),
    bytesPerSecond: view.readUInt32LE(at + 8),
    bitsPerSample: view.readUInt16LE(at + 14),
  };
}
