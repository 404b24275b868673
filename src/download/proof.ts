import { RecordingError } from '../errors.ts';
import type { Unfinished } from '../events.ts';
import { claimsFormat, extensionByName, otherThanAudio } from './audio-type.ts';
import { Content } from './content/content.ts';
import { LEAST_BYTES, looksLikeSamples } from './content/samples.ts';
import { type Digests, startDigest } from './digest.ts';

/** What is no more than zeros or a tag so far is held back up to here: a tag with a picture has some hundred KB. */
export const HELD_BYTES = 2 ** 20;

/** What the store and the link say of an object, to hold its bytes against. */
export interface Claims {
  /** The object's length, where the store told. */
  totalBytes: number | undefined;
  /** Whether the end of the body could be told from a broken connection. */
  endIsMarked: boolean;
  /** The MD5 of the object, 32 lower-case hexadecimal digits, where its ETag is one. */
  md5: string | undefined;
  contentType: string | null;
  /** The path of the object in the store. */
  path: string;
}

/** What a proven recording is. */
export interface Proven {
  sha256: string;
  /** How its file is to be named: by its bytes, else its Content-Type, else its link. Without a dot. */
  extension: string;
  /** The file's own header announces more than is there, which is all that the store has. */
  incomplete?: Unfinished;
  /** `etag`: the store's ETag looks like the MD5 of the bytes and is not, and two whole copies were equal. */
  unconfirmed?: 'etag';
}

/** A copy that is whole and audio, and whose only fault is its MD5. */
export interface Copy {
  bytes: number;
  sha256: string;
}

/** `CONTENT_MISMATCH` of a copy that is otherwise right, so that the next one can be held against it. */
export class UnconfirmedError extends RecordingError {
  /** Undefined where nothing but the MD5 could have shown that it is whole. */
  readonly copy: Copy | undefined;

  constructor(message: string, copy: Copy | undefined) {
    super('CONTENT_MISMATCH', message, { hint: MISMATCH_HINT });
    this.copy = copy;
  }
}

/**
 * Hashes a recording while its bytes stream by, finds out what they are, and says at the end whether they are the recording. The bytes must be
 * given in order, from the first.
 */
export class Proof {
  readonly #digest;
  readonly #content = new Content();
  #isAdmitted = false;

  /** `md5` says whether the ETag can be compared with that. */
  constructor(md5: boolean) {
    this.#digest = startDigest(md5);
  }

  get bytes(): number {
    return this.#content.bytes;
  }

  /** Takes the next bytes, which may be changed afterwards. */
  add(chunk: Uint8Array): void {
    this.#content.add(chunk);
    this.#digest.update(chunk);
  }

  /**
   * Whether the bytes so far may leave this tool: they are a recording, or there are over {@link HELD_BYTES} of them, and nothing speaks against it.
   * What is left of the proof follows at the end. Throws `CONTENT_MISMATCH` where they are none, so that an endless page is not read to its end.
   */
  admits(claims: Claims): boolean | Promise<boolean> {
    if (this.#isAdmitted) return true;
    const looking = this.#content.look(false);
    return looking === undefined ? this.#admitsNow(claims) : looking.then(() => this.#admitsNow(claims));
  }

  /** What its file will most likely be called by, as far as the bytes so far show: an extension without a dot. */
  likelyExtension(claims: Claims): string {
    const { kind } = this.#content;
    return kind !== undefined && 'extension' in kind ? kind.extension : extensionByName(claims);
  }

  /**
   * Throws `CONTENT_MISMATCH` unless all that can be checked fits: the length, that it is audio, and the MD5. Nothing can follow.
   *
   * `earlier` is a copy that was fetched before: where this one is equal to it, bytes and all, the MD5 is taken for the store's mistake.
   */
  async finish(claims: Claims, earlier?: Copy): Promise<Proven> {
    const { bytes } = this;
    if (claims.totalBytes !== undefined && claims.totalBytes !== bytes) {
      throw mismatch(`The store announced ${claims.totalBytes} bytes and sent ${bytes}.`);
    }
    if (bytes === 0) throw mismatch('The store sent an empty file instead of the recording.');
    await this.#content.look(true);
    this.#refuseOther(claims);
    const digests = this.#digest.end();
    const unconfirmed = claims.md5 !== undefined && claims.md5 !== digests.md5;
    if (unconfirmed) this.#demandEqual(claims, digests, earlier);
    if (claims.md5 === undefined && !isWhole(claims)) {
      throw mismatch('The store gave neither a length nor a checksum, so there is no telling whether the recording is complete.');
    }
    const { announced } = this.#content;
    return {
      sha256: digests.sha256,
      extension: this.likelyExtension(claims),
      ...(announced > bytes && { incomplete: { announced, bytes } }),
      ...(unconfirmed && { unconfirmed: 'etag' }),
    };
  }

  #admitsNow(claims: Claims): boolean {
    if (this.#content.isOpen) return this.bytes > HELD_BYTES;
    this.#refuseOther(claims);
    this.#isAdmitted = true;
    return true;
  }

  #refuseOther(claims: Claims): void {
    const { kind, window } = this.#content;
    if (kind !== undefined) {
      if ('other' in kind) throw notAudio(kind.other);
      return;
    }
    const other = otherThanAudio(claims.contentType);
    if (other !== undefined) throw notAudio(other);
    const isLittle = this.bytes < LEAST_BYTES;
    if (isLittle || (claimsFormat(claims) && !looksLikeSamples(window))) throw notAudio('data that is not audio');
  }

  #demandEqual(claims: Claims, { md5, sha256 }: Digests, earlier: Copy | undefined): void {
    const { bytes } = this;
    const isEqual = earlier !== undefined && earlier.bytes === bytes && earlier.sha256 === sha256;
    if (isEqual && isWhole(claims)) return;
    const message = `The recording's MD5 is ${md5 ?? 'unknown'}, but the store's ETag says ${claims.md5}.`;
    throw new UnconfirmedError(message, isWhole(claims) ? { bytes, sha256 } : undefined);
  }
}

/** What a person should know of a recording that is kept, as sentences. */
export function noticesOf(id: string, { incomplete, unconfirmed }: Proven): string[] {
  const notices: string[] = [];
  if (incomplete !== undefined) {
    const { announced, bytes } = incomplete;
    notices.push(`${id} is incomplete: its header announces ${announced} bytes, but the store has only ${bytes}. It is kept as it is.`);
  }
  if (unconfirmed !== undefined) {
    notices.push(`${id} does not match the MD5 in the store's ETag, but two downloads of it were identical. It is kept.`);
  }
  return notices;
}

/** Whether the end of the object could be told from a broken connection. */
function isWhole({ totalBytes, endIsMarked }: Claims): boolean {
  return totalBytes !== undefined || endIsMarked;
}

const MISMATCH_HINT = 'Nothing was saved. Try again later; if it keeps happening, ask Kaleyra about this recording.';

/** `CONTENT_MISMATCH`: the store did not send the recording. `message` is the whole sentence. */
export function mismatch(message: string): RecordingError {
  return new RecordingError('CONTENT_MISMATCH', message, { hint: MISMATCH_HINT });
}

function notAudio(what: string): RecordingError {
  return mismatch(`The store sent ${what} instead of the recording.`);
}
