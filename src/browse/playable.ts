import { readWavHeader, type WavFormat } from '../archive/wav.ts';

/** The sound of a recording in a form that browsers play. */
export interface PlayableSource {
  /** The type to say: what the bytes are once they are read through this. */
  contentType: string;
  /** How many bytes there are in that form. */
  bytes: number;
  /** Which bytes of the file hold these of that form; both first and last included. */
  fileRange(from: number, to: number): { from: number; to: number };
  /** These bytes of that form, made of what {@link fileRange} said. */
  convert(file: Uint8Array, from: number, to: number): Uint8Array;
}

/** How a recording is to be played: as the file stands, converted on its way, or not at all in a browser, with what it is. */
export type Playable =
  | { kind: 'as it is'; contentType: string }
  | { kind: 'converted'; source: PlayableSource }
  | { kind: 'not'; what: string };

/** So many first bytes of a file decide it. */
export const PLAYABLE_HEAD_BYTES = 4096;

const TYPES: Readonly<Record<string, string>> = {
  wav: 'audio/wav',
  mp3: 'audio/mpeg',
  ogg: 'audio/ogg',
  opus: 'audio/ogg',
  m4a: 'audio/mp4',
  aac: 'audio/aac',
  flac: 'audio/flac',
  webm: 'audio/webm',
};

/** The names of WAV codecs that nothing here converts (RFC 2361). */
const CODECS: Readonly<Record<number, string>> = {
  2: 'Microsoft ADPCM',
  17: 'IMA ADPCM',
  34: 'TrueSpeech',
  49: 'GSM 6.10',
  66: 'G.723',
  69: 'G.726',
  131: 'G.729',
};

/** Decides how a file is played, by its name, its first bytes and its length. */
export function playableOf(file: string, head: Uint8Array, bytes: number): Playable {
  const extension = /\.([a-z0-9]+)$/iu.exec(file)?.[1]?.toLowerCase() ?? '';
  const wav = readWavHeader(head);
  if (wav !== undefined) return playableWav(wav, bytes);
  const contentType = TYPES[extension];
  if (contentType !== undefined && extension !== 'wav') return { kind: 'as it is', contentType };
  return { kind: 'not', what: extension === '' ? 'of an unknown kind' : `.${extension}` };
}

function playableWav(wav: WavFormat, fileBytes: number): Playable {
  const dataBytes = Math.max(0, Math.min(wav.dataBytes ?? Number.POSITIVE_INFINITY, fileBytes - wav.dataStart));
  switch (wav.codec) {
    case 1:
    case 3:
      return { kind: 'as it is', contentType: 'audio/wav' };
    case 6:
    case 7:
      return { kind: 'converted', source: lawSource(wav, dataBytes, wav.codec === 6 ? fromALaw : fromMuLaw) };
    default:
      return { kind: 'not', what: CODECS[wav.codec] ?? `WAV with codec ${wav.codec}` };
  }
}

/** The length of the header that {@link pcmHeader} makes. */
export const PCM_HEADER_BYTES = 44;

/** The header of a WAV file of 16-bit samples. */
export function pcmHeader({ channels, sampleRate }: Pick<WavFormat, 'channels' | 'sampleRate'>, dataBytes: number): Buffer {
  const header = Buffer.alloc(PCM_HEADER_BYTES);
  header.write('RIFF', 0);
  header.writeUInt32LE(Math.min(0xffffffff, dataBytes + 36), 4);
  header.write('WAVEfmt ', 8);
  header.writeUInt32LE(16, 16);
  header.writeUInt16LE(1, 20);
  header.writeUInt16LE(channels, 22);
  header.writeUInt32LE(sampleRate, 24);
  header.writeUInt32LE(sampleRate * channels * 2, 28);
  header.writeUInt16LE(channels * 2, 32);
  header.writeUInt16LE(16, 34);
  header.write('data', 36);
  header.writeUInt32LE(Math.min(0xffffffff, dataBytes), 40);
  return header;
}

/** G.711: a byte of the file is a sample, so that any part of the sound can be converted alone. */
function lawSource(wav: WavFormat, dataBytes: number, decode: (value: number) => number): PlayableSource {
  const samples = Int16Array.from({ length: 256 }, (_, value) => decode(value));
  const header = pcmHeader(wav, dataBytes * 2);
  const sampleAt = (byte: number) => Math.max(0, Math.floor((byte - PCM_HEADER_BYTES) / 2));
  return {
    contentType: 'audio/wav',
    bytes: PCM_HEADER_BYTES + dataBytes * 2,
    fileRange: (from, to) => ({ from: wav.dataStart + sampleAt(from), to: wav.dataStart + sampleAt(to) }),
    convert(file, from, to) {
      const first = sampleAt(from);
      const pcm = Buffer.alloc(file.length * 2);
      for (const [index, value] of file.entries()) pcm.writeInt16LE(samples[value] ?? 0, index * 2);
      return partOf(header, pcm, first * 2, from, to);
    },
  };
}

/** The bytes from `from` up to and including `to` of a header and what follows it, of which `pcm` is what begins at `pcmStart`. */
export function partOf(header: Uint8Array, pcm: Uint8Array, pcmStart: number, from: number, to: number): Uint8Array {
  const head = header.subarray(Math.min(from, header.length), Math.min(to + 1, header.length));
  const start = Math.max(0, from - header.length) - pcmStart;
  const end = Math.max(0, to + 1 - header.length) - pcmStart;
  return Buffer.concat([head, pcm.subarray(Math.max(0, start), Math.max(0, end))]);
}

/** ITU-T G.711, table 1: A-law, even bits inverted. */
function fromALaw(value: number): number {
  const code = value ^ 0x55;
  const exponent = (code >> 4) & 0b111;
  const mantissa = ((code & 0b1111) << 4) + 8;
  const magnitude = exponent === 0 ? mantissa : (mantissa + 0x100) << (exponent - 1);
  return (code & 0x80) === 0 ? -magnitude : magnitude;
}

/** ITU-T G.711, table 2: µ-law, all bits inverted. */
function fromMuLaw(value: number): number {
  const code = ~value & 0xff;
  const magnitude = ((((code & 0b1111) << 3) + 0x84) << ((code >> 4) & 0b111)) - 0x84;
  return (code & 0x80) === 0 ? magnitude : -magnitude;
}
