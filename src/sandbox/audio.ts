import { TONE_CYCLES, toneFrames } from './mp3-frames.ts';

/** Bytes that are made when they are read, so that their number costs no memory. */
export interface Content {
  /** How many bytes there are. */
  readonly size: number;
  /**
   * The bytes from `start` up to, and without, `end`, in pieces of at most 64 KiB. Reading the same bounds again gives the same bytes.
   * Both bounds must lie within 0 and `size`.
   */
  read(start: number, end: number): Iterable<Buffer>;
}

/** An audio file as {@link Content}. */
export interface Audio extends Content {
  readonly contentType: 'audio/wav' | 'audio/mpeg';
  /** As a file's name ends. */
  readonly extension: '.wav' | '.mp3';
}

/** The largest WAV file there can be: RIFF counts its bytes in 32 bits. */
export const MAX_WAV_BYTES = 0xffff_ffff;

/** A WAV header without a title: the smallest WAV file there is. */
export const MIN_WAV_BYTES = 44;

const SAMPLE_RATE = 8000;
const SAMPLES_PER_FRAME = 576;
const FRAMES_PER_NOTE = 5;
const PIECE_BYTES = 64 * 1024;

/**
 * A WAV file (RIFF, PCM, 16 bit, 8 kHz, mono) that plays one soft note after the other.
 *
 * @param tune which note follows which: a byte a note, from the start again when it ends; at least one byte
 * @param bytes the size of the file, from {@link MIN_WAV_BYTES} to {@link MAX_WAV_BYTES}; throws a RangeError outside of them
 * @param title stands in the file as its name (an INFO chunk), where there is room for it
 */
export function wavAudio(tune: Uint8Array, bytes: number, title = ''): Audio {
  if (!Number.isInteger(bytes) || bytes < MIN_WAV_BYTES || bytes > MAX_WAV_BYTES) {
    throw new RangeError(`A WAV file cannot have ${bytes} bytes.`);
  }
  const info = titleChunk(title);
  const head = wavHeader(bytes, MIN_WAV_BYTES + info.length <= bytes ? info : Buffer.alloc(0));
  return { contentType: 'audio/wav', extension: '.wav', ...tuneContent(head, wavNotes(), tune, bytes) };
}

/**
 * An MP3 file (MPEG-2.5 layer III, 32 kbit/s, 8 kHz, mono) that plays one soft note after the other, behind an ID3v2 tag with a title.
 *
 * @param tune which note follows which: a byte a note, from the start again when it ends; at least one byte
 * @param bytes about how large the file is to be: it ends with the last whole note that fits, and has at least one
 * @param title stands in the tag as the name of the piece
 */
export function mp3Audio(tune: Uint8Array, bytes: number, title: string): Audio {
  const head = id3Tag(title);
  const notes = mp3Notes();
  const noteBytes = notes[0]?.length ?? 1;
  const count = Math.max(1, Math.floor((bytes - head.length) / noteBytes));
  return { contentType: 'audio/mpeg', extension: '.mp3', ...tuneContent(head, notes, tune, head.length + count * noteBytes) };
}

/** Bytes that are held in memory as {@link Content}. */
export function heldContent(bytes: Buffer): Content {
  return { size: bytes.length, read: (start, end) => (start < end ? [bytes.subarray(start, end)] : []) };
}

/** A head, then notes as the tune has them, cut off at `size`. The notes are all of one length, so that any byte can be had without those before it. */
function tuneContent(head: Buffer, notes: readonly Buffer[], tune: Uint8Array, size: number): Content {
  const noteBytes = notes[0]?.length ?? 1;
  const noteAt = (index: number) => notes[(tune[index % tune.length] ?? 0) % notes.length] ?? head;

  function fill(piece: Buffer, start: number): void {
    let filled = start < head.length ? head.copy(piece, 0, start) : 0;
    while (filled < piece.length) {
      const at = start + filled - head.length;
      filled += noteAt(Math.floor(at / noteBytes)).copy(piece, filled, at % noteBytes);
    }
  }

  return {
    size,
    *read(start, end) {
      for (let at = start; at < end; at += PIECE_BYTES) {
        const piece = Buffer.allocUnsafe(Math.min(PIECE_BYTES, end - at));
        fill(piece, at);
        yield piece;
      }
    },
  };
}

function wavHeader(bytes: number, info: Buffer): Buffer {
  const head = Buffer.alloc(36);
  // PCM comes in whole samples: where the size is odd, its last byte lies behind the end of the RIFF chunk.
  const dataBytes = Math.floor((bytes - MIN_WAV_BYTES - info.length) / 2) * 2;
  head.write('RIFF', 0, 'latin1');
  head.writeUInt32LE(dataBytes + info.length + 36, 4);
  head.write('WAVEfmt ', 8, 'latin1');
  head.writeUInt32LE(16, 16);
  head.writeUInt16LE(1, 20); // PCM
  head.writeUInt16LE(1, 22); // channels
  head.writeUInt32LE(SAMPLE_RATE, 24);
  head.writeUInt32LE(SAMPLE_RATE * 2, 28); // bytes a second
  head.writeUInt16LE(2, 32); // bytes a sample
  head.writeUInt16LE(16, 34); // bits a sample
  const data = Buffer.alloc(8);
  data.write('data', 0, 'latin1');
  data.writeUInt32LE(dataBytes, 4);
  return Buffer.concat([head, info, data]);
}

/** A `LIST` chunk of type `INFO` that holds the title (`INAM`, ended by a zero, filled to an even length). Empty for an empty title. */
function titleChunk(title: string): Buffer {
  if (title === '') return Buffer.alloc(0);
  const text = Buffer.from(title, 'utf8');
  const textBytes = text.length + 1;
  const chunk = Buffer.alloc(20 + textBytes + (textBytes % 2));
  chunk.write('LIST', 0, 'latin1');
  chunk.writeUInt32LE(chunk.length - 8, 4);
  chunk.write('INFOINAM', 8, 'latin1');
  chunk.writeUInt32LE(textBytes, 16);
  text.copy(chunk, 20);
  return chunk;
}

/** An ID3v2.4 tag with a title in UTF-8 (`TIT2`). */
function id3Tag(title: string): Buffer {
  const text = Buffer.from(title, 'utf8');
  const tag = Buffer.alloc(21 + text.length);
  tag.write('ID3\x04', 0, 'latin1');
  writeSyncsafe(tag, tag.length - 10, 6);
  tag.write('TIT2', 10, 'latin1');
  writeSyncsafe(tag, text.length + 1, 14);
  tag[20] = 3; // the text is UTF-8
  text.copy(tag, 21);
  return tag;
}

/** ID3v2 counts in four bytes of seven bits each, so that no count looks like the start of an MP3 frame. */
function writeSyncsafe(target: Buffer, value: number, at: number): void {
  for (const [index, shift] of [21, 14, 7, 0].entries()) target[at + index] = (value >> shift) & 0x7f;
}

const mp3Notes = once(() => toneFrames().map((frame) => Buffer.concat(Array.from({ length: FRAMES_PER_NOTE }, () => frame))));

const wavNotes = once(() => TONE_CYCLES.map(wavNote));

/** A note of 0.36 s at a fifth of full volume, that swells and fades so that it does not click. */
function wavNote(cycles: number): Buffer {
  const samples = SAMPLES_PER_FRAME * FRAMES_PER_NOTE;
  const fade = samples / 10;
  const note = Buffer.alloc(samples * 2);
  for (let i = 0; i < samples; i++) {
    const volume = 0.2 * Math.min(1, i / fade, (samples - 1 - i) / fade);
    const swing = Math.sin((2 * Math.PI * cycles * i) / SAMPLES_PER_FRAME);
    note.writeInt16LE(Math.round(32767 * volume * swing), i * 2);
  }
  return note;
}

function once<T>(make: () => T): () => T {
  let made: T | undefined;
  return () => {
    made ??= make();
    return made;
  };
}
