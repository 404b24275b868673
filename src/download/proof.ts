import { RecordingError } from '../errors.ts';
import { audioExtension, HEAD_BYTES, whyNotAudio } from './audio-type.ts';
import type { Digest } from './digest.ts';

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
  extension: string;
}

/**
 * Hashes a recording while its bytes stream by, and says at the end whether they are the recording. The bytes must be given in order, from
 * the first.
 */
export class Proof {
  readonly #digest: Digest;
  #head: Uint8Array = new Uint8Array(0);
  #bytes = 0;

  /** `digest` hashes the bytes; with MD5 where the ETag can be compared with it. */
  constructor(digest: Digest) {
    this.#digest = digest;
  }

  get bytes(): number {
    return this.#bytes;
  }

  /** Takes the next bytes. Where that takes time, a promise for when they may be changed. */
  add(chunk: Uint8Array): void {
    if (this.#head.length < HEAD_BYTES) this.#head = Buffer.concat([this.#head, chunk.subarray(0, HEAD_BYTES - this.#head.length)]);
    this.#bytes += chunk.length;
    this.#digest.update(chunk);
  }

  /** Whether enough bytes have come to tell a recording from a page. */
  get headIsWhole(): boolean {
    return this.#head.length === HEAD_BYTES;
  }

  /** Throws `CONTENT_MISMATCH` where the first bytes show that this is no recording, so that an endless page is not read to its end. */
  refuseWhatIsNoAudio(claims: Claims): void {
    const what = whyNotAudio(this.#evidence(claims));
    if (what !== undefined) throw mismatch(`it is ${what}`);
  }

  /** Throws `CONTENT_MISMATCH` unless all that can be checked fits: the length, the MD5, and that it is audio. Nothing can follow. */
  async finish(claims: Claims): Promise<Proven> {
    if (claims.totalBytes !== undefined && claims.totalBytes !== this.#bytes) {
      throw mismatch(`the store announced ${claims.totalBytes} bytes and sent ${this.#bytes}`);
    }
    if (this.#bytes === 0) throw mismatch('the store sent nothing at all');
    this.refuseWhatIsNoAudio(claims);
    const { sha256, md5 } = this.#digest.end();
    if (claims.md5 !== undefined && claims.md5 !== md5) {
      throw mismatch(`its MD5 is ${md5 ?? 'unknown'}, and the store's ETag says ${claims.md5}`);
    }
    if (claims.totalBytes === undefined && !claims.endIsMarked && claims.md5 === undefined) {
      throw mismatch('the store gave neither a length nor a checksum, so that nobody can tell whether it is whole');
    }
    return { sha256, extension: audioExtension(this.#evidence(claims)) };
  }

  #evidence(claims: Claims) {
    return { contentType: claims.contentType, linkPath: claims.path, head: this.#head };
  }
}

/** `CONTENT_MISMATCH`: what came is not the recording. `why` completes "What came is not the recording: …". */
export function mismatch(why: string): RecordingError {
  return new RecordingError('CONTENT_MISMATCH', `What came is not the recording: ${why}.`, {
    hint: 'Nothing was kept. Try again later; if it stays so, ask Kaleyra about this recording.',
  });
}
