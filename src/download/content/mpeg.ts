/** A frame of MPEG audio (layer II or III) or of AAC in ADTS: how many bytes it has, and what all frames of one file have in common. */
interface Frame {
  length: number;
  kind: number;
}

/** What a run of frames turns out to be. */
export interface Frames {
  extension: 'mp3' | 'aac';
  /** Where the first frame begins. */
  start: number;
}

/** Frames in a row that leave no doubt, wherever they stand. At the very beginning of a file two are enough. */
const CERTAIN_FRAMES = 4;

const LAYER_3 = 0b01;
const LAYER_2 = 0b10;
const MPEG_1 = 0b11;
/** In kbit/s by the four bits of the header; none for free bit rates, which recorders do not make. ISO/IEC 11172-3, 2.4.2.3. */
const RATES_LAYER_2 = [0, 32, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320, 384];
const RATES_LAYER_3 = [0, 32, 40, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320];
/** MPEG-2 and 2.5, of either layer: ISO/IEC 13818-3, 2.4.2.3. */
const RATES_LOW = [0, 8, 16, 24, 32, 40, 48, 56, 64, 80, 96, 112, 128, 144, 160];
const SAMPLE_RATES = [44_100, 48_000, 32_000];

/**
 * Frames that start with the first byte: at least two, or one that is all there is. `isWhole` says that the bytes are the whole rest of the file.
 */
export function framesAtStart(bytes: Uint8Array, isWhole: boolean): Frames | undefined {
  const { count, end } = run(bytes, 0);
  const isOne = count === 1 && isWhole && end === bytes.length;
  return count >= 2 || isOne ? { extension: extensionAt(bytes, 0), start: 0 } : undefined;
}

/**
 * The first frames behind whatever junk there is. One header occurs in any bytes by chance, so that four in a row are asked for, or fewer that
 * fill the file exactly up to its end.
 */
export function framesWithin(bytes: Uint8Array, isWhole: boolean): Frames | undefined {
  for (let at = bytes.indexOf(0xff); at !== -1; at = bytes.indexOf(0xff, at + 1)) {
    const { count, end } = run(bytes, at);
    const fillsFile = isWhole && count >= 2 && (end === bytes.length || isTag(bytes, end));
    if (count >= CERTAIN_FRAMES || fillsFile) return { extension: extensionAt(bytes, at), start: at };
  }
  return undefined;
}

/**
 * How many bytes the first frame announces for the file, counted from that frame on: LAME's and FFmpeg's Xing or Info header, or Fraunhofer's
 * VBRI. Undefined where it announces nothing.
 */
export function announcedByFrames(bytes: Uint8Array): number | undefined {
  const view = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const kind = frameAt(bytes, 0)?.kind;
  if (kind === undefined || extensionAt(bytes, 0) !== 'mp3') return undefined;
  const isMono = (view.readUInt8(3) & 0xc0) === 0xc0;
  const sideBytes = ((view.readUInt8(1) >> 3) & 0b11) === MPEG_1 ? (isMono ? 17 : 32) : isMono ? 9 : 17;
  const xing = 4 + sideBytes;
  if (view.length >= xing + 16 && ['Xing', 'Info'].includes(view.toString('latin1', xing, xing + 4))) {
    const flags = view.readUInt32BE(xing + 4);
    const hasFrames = (flags & 1) !== 0;
    return (flags & 2) === 0 ? undefined : view.readUInt32BE(xing + (hasFrames ? 12 : 8));
  }
  return view.length >= 50 && view.toString('latin1', 36, 40) === 'VBRI' ? view.readUInt32BE(46) : undefined;
}

/** Frames of one kind, one behind the other: how many of them begin within the bytes, and where the last ends. */
function run(bytes: Uint8Array, start: number): { count: number; end: number } {
  let count = 0;
  let at = start;
  const first = frameAt(bytes, at);
  for (let frame = first; frame !== undefined && frame.kind === first?.kind && count < CERTAIN_FRAMES; frame = frameAt(bytes, at)) {
    count += 1;
    at += frame.length;
  }
  return { count, end: at };
}

function frameAt(bytes: Uint8Array, at: number): Frame | undefined {
  const [sync = 0, kind = 0, rates = 0, mode = 0, high = 0, low = 0] = bytes.subarray(at, at + 6);
  if (sync !== 0xff || at + 4 > bytes.length) return undefined;
  // ADTS: the sync bits, then layer 0 (ISO/IEC 13818-7, 6.2).
  if ((kind & 0xf6) === 0xf0) {
    const length = ((mode & 0b11) << 11) | (high << 3) | (low >> 5);
    const sampleRate = (rates >> 2) & 0b1111;
    return at + 6 <= bytes.length && length >= 8 && sampleRate <= 12 ? { length, kind: (kind << 8) | (rates & 0xfc) } : undefined;
  }
  const version = (kind >> 3) & 0b11;
  const layer = (kind >> 1) & 0b11;
  const sampleRate = SAMPLE_RATES[(rates >> 2) & 0b11];
  const bitRate = (version !== MPEG_1 ? RATES_LOW : layer === LAYER_2 ? RATES_LAYER_2 : RATES_LAYER_3)[rates >> 4];
  const isFrame = kind >= 0xe0 && version !== 0b01 && (layer === LAYER_3 || layer === LAYER_2) && (mode & 0b11) !== 0b10;
  if (!isFrame || !sampleRate || !bitRate) return undefined;
  const slowed = version === MPEG_1 ? 1 : version === 0b10 ? 2 : 4;
  const perFrame = layer === LAYER_3 && version !== MPEG_1 ? 72 : 144;
  const length = Math.floor((perFrame * bitRate * 1000 * slowed) / sampleRate) + ((rates >> 1) & 1);
  return { length, kind: (kind << 8) | (rates & 0b1100) };
}

function extensionAt(bytes: Uint8Array, at: number): 'mp3' | 'aac' {
  return ((bytes[at + 1] ?? 0) & 0b110) === 0 ? 'aac' : 'mp3';
}

/** What may stand behind the last frame: ID3v1, APE or Lyrics3 tags. */
function isTag(bytes: Uint8Array, at: number): boolean {
  return /^(?:TAG|APETAGEX|LYRICSBEGIN)/.test(String.fromCharCode(...bytes.subarray(at, at + 11)));
}
