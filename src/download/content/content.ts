import { audioBrand, descriptionBehind, isMp4, trackKind } from './containers.ts';
import type { Kind } from './kind.ts';
import { announcedByFrames, framesAtStart, framesWithin } from './mpeg.ts';
import { kindBySignature, telephonyAtStart } from './signatures.ts';
import { documentAtStart, kindOfText } from './text.ts';
import { announcedByWave, isWave } from './wave.ts';

/** The most bytes of a file that are looked at: 8 seconds of a call at its plainest. */
export const WINDOW_BYTES = 64 * 1024;

/** With so many bytes a first look is taken, and then each time there are twice as many. */
const FIRST_LOOK_BYTES = 512;
const ID3_HEADER_BYTES = 10;
const ID3V1_BYTES = 128;
/** No file that is shorter holds audio behind its header: a WAV's takes as many. */
const LEAST_FILE_BYTES = 44;

/**
 * Finds out what a file is while it streams by. The window on it holds at most {@link WINDOW_BYTES}, and begins behind what says nothing: zeros,
 * an ID3 tag of any size, or the samples of an MP4 file that describes them at its end.
 */
export class Content {
  readonly #buffer = Buffer.allocUnsafe(WINDOW_BYTES);
  #length = 0;
  /** Where in the file the window begins, and where the next byte goes. */
  #start = 0;
  #position = 0;
  /** How many of the next bytes are passed over. */
  #skip = 0;
  #nextLook = FIRST_LOOK_BYTES;
  #isLookedThrough = false;
  #hasTag = false;
  /** Of an MP4 file that is described at its end: what its brand stands for. */
  #mp4: '3gp' | 'm4a' | undefined;
  #kind: Kind | undefined;
  /** Where in the window the recording begins. */
  #from = 0;

  /** What it is, once that is certain. */
  get kind(): Kind | undefined {
    return this.#kind;
  }

  /** Whether more bytes can still tell what it is. */
  get isOpen(): boolean {
    return this.#kind === undefined && !this.#isLookedThrough;
  }

  /** How many bytes there were. */
  get bytes(): number {
    return this.#position;
  }

  /** The window. */
  get window(): Uint8Array {
    return this.#buffer.subarray(0, this.#length);
  }

  /** How many bytes the file is to have at least, by the header of a WAV or MP3 file. */
  get announced(): number {
    const file = this.window.subarray(this.#from);
    const start = this.#start + this.#from;
    return start + ((isWave(file) ? announcedByWave(file, this.#position - start) : announcedByFrames(file)) ?? 0);
  }

  /** Takes the next bytes, which may be changed afterwards. */
  add(chunk: Uint8Array): void {
    let rest = chunk;
    while (rest.length > 0) {
      const taken = this.#passOver(rest) || this.#take(rest);
      this.#position += taken;
      rest = rest.subarray(taken);
      this.#jump();
    }
  }

  /**
   * Looks at the window, where it is worth it or where `isWhole` says that nothing follows. Resolves when {@link kind} is known, or will not be
   * before there is more.
   */
  look(isWhole: boolean): Promise<void> | undefined {
    const isFull = this.#length === WINDOW_BYTES;
    if (!this.isOpen || !(isWhole || isFull || this.#length >= this.#nextLook)) return undefined;
    this.#nextLook = this.#length * 2;
    this.#kind = this.#atFirstSight(isWhole);
    if (this.#kind !== undefined || !(isWhole || isFull)) return undefined;
    this.#isLookedThrough = true;
    return this.#thoroughly(isWhole).then((kind) => {
      this.#kind = kind;
    });
  }

  /** How many of these bytes come before the window. */
  #passOver(bytes: Uint8Array): number {
    const skipped = Math.min(this.#skip, bytes.length);
    this.#skip -= skipped;
    return skipped;
  }

  /** Takes bytes into the window, as many as it has room for before the next thing to be decided; those behind it count as taken. */
  #take(bytes: Uint8Array): number {
    if (this.#length === WINDOW_BYTES) return bytes.length;
    const until = [ID3_HEADER_BYTES, FIRST_LOOK_BYTES, WINDOW_BYTES].find((length) => length > this.#length);
    const piece = bytes.subarray(0, (until ?? WINDOW_BYTES) - this.#length);
    this.#buffer.set(piece, this.#length);
    this.#length += piece.length;
    return piece.length;
  }

  /** Moves the window behind a tag or zeros that it begins with, or to the description at an MP4 file's end. */
  #jump(): void {
    if (this.#length === ID3_HEADER_BYTES) {
      const tag = tagLength(this.window);
      this.#hasTag ||= tag > 0;
      this.#moveBy(tag);
    } else if (this.#length === FIRST_LOOK_BYTES && this.#mp4 === undefined) {
      if (this.#zeros() === FIRST_LOOK_BYTES) this.#moveBy(FIRST_LOOK_BYTES);
      else if (isMp4(this.window)) this.#moveToDescription();
    }
  }

  #moveToDescription(): void {
    const description = descriptionBehind(this.window);
    if (description === undefined) return;
    this.#mp4 = audioBrand(this.window);
    this.#moveBy(description);
  }

  /** How many zeros the window begins with. */
  #zeros(): number {
    const first = this.window.findIndex((byte) => byte !== 0);
    return first === -1 ? this.#length : first;
  }

  #moveBy(bytes: number): void {
    this.#skip = Math.max(0, bytes - this.#length);
    this.#buffer.copyWithin(0, bytes, this.#length);
    this.#length = Math.max(0, this.#length - bytes);
    this.#start += bytes;
  }

  #atFirstSight(isWhole: boolean): Kind | undefined {
    if (this.#mp4 !== undefined) return undefined;
    this.#from = this.#zeros();
    const file = this.window.subarray(this.#from);
    if (isWave(file)) return this.#unlessBare(file, { extension: 'wav' }, isWhole);
    const document = documentAtStart(file);
    if (document !== undefined) return { other: document };
    return framesAtStart(file, this.#isRest(isWhole));
  }

  async #thoroughly(isWhole: boolean): Promise<Kind | undefined> {
    const { window } = this;
    if (this.#mp4 !== undefined) return window.length === 0 ? { extension: this.#mp4 } : trackKind(this.#mp4, window);
    const file = window.subarray(this.#from);
    if (file.length === 0) return { other: this.#hasTag ? 'a tag without audio' : 'a file of zeros' };
    const text = kindOfText(window);
    if (text !== undefined) return { other: text };
    const marked = await this.#byMark(file);
    if (marked !== undefined) return this.#unlessBare(file, marked, isWhole);
    const isTag = this.#isRest(isWhole) && isOtherTag(file);
    return this.#behindJunk(isWhole) ?? (isTag ? { other: 'a tag without audio' } : undefined);
  }

  /** What the file's mark says, unless nothing but its header is there. */
  #unlessBare(file: Uint8Array, marked: Kind, isWhole: boolean): Kind {
    const isBare = 'extension' in marked && this.#isRest(isWhole) && file.length < LEAST_FILE_BYTES;
    return isBare ? { other: 'a header without audio' } : marked;
  }

  async #byMark(file: Uint8Array): Promise<Kind | undefined> {
    const telephony = telephonyAtStart(file);
    if (telephony !== undefined) return { extension: telephony };
    // Zeros are a part of some signatures.
    return (await kindBySignature(this.window)) ?? (await kindBySignature(file));
  }

  /** A recording that begins somewhere within the window. */
  #behindJunk(isWhole: boolean): Kind | undefined {
    for (const [mark, extension] of [
      ['RIFF', 'wav'],
      ['OggS\0', 'ogg'],
    ] as const) {
      const at = this.#buffer.subarray(0, this.#length).indexOf(mark);
      if (at === -1 || (extension === 'wav' && !isWave(this.window.subarray(at)))) continue;
      this.#from = at;
      return { extension };
    }
    const frames = framesWithin(this.window, this.#isRest(isWhole));
    if (frames !== undefined) this.#from = frames.start;
    return frames;
  }

  /** Whether the window reaches to the file's end. */
  #isRest(isWhole: boolean): boolean {
    return isWhole && this.#start + this.#length === this.#position;
  }
}

/** The bytes of an ID3v2 tag that begins here, with header and footer (id3.org, "ID3 tag version 2.4.0", 3.1); 0 where none does. */
function tagLength(bytes: Uint8Array): number {
  const [i, d, three, version = 0, , flags = 0, ...sizes] = bytes;
  const isTag = i === 0x49 && d === 0x44 && three === 0x33 && version >= 2 && version <= 4 && sizes.every((size) => size < 0x80);
  if (!isTag) return 0;
  const size = sizes.reduce((sum, seven) => sum * 128 + seven, 0);
  return ID3_HEADER_BYTES + size + (flags & 0x10 ? ID3_HEADER_BYTES : 0);
}

/** Whether these bytes begin with a tag of another kind than ID3v2: APE (wiki.hydrogenaud.io, "APEv2 specification"), or ID3v1 and nothing else. */
function isOtherTag(file: Uint8Array): boolean {
  const start = String.fromCharCode(...file.subarray(0, 8));
  return start === 'APETAGEX' || (start.startsWith('TAG') && file.length === ID3V1_BYTES);
}
