import { createHash } from 'node:crypto';

/** Hashes of bytes: lower-case hexadecimal digits. */
export interface Digests {
  sha256: string;
  /** Undefined where it was not wanted. */
  md5: string | undefined;
}

/** Hashes bytes that come one after the other. */
export interface Digest {
  /** Takes the next bytes, which may be changed afterwards. */
  update(bytes: Uint8Array): void;
  /** The hashes of all that came. Nothing can follow. */
  end(): Digests;
}

/**
 * Begins a SHA-256 and, where `md5` says so, an MD5.
 *
 * They are computed where they are called. Moving them to a thread saved at most 0.15 s of the 0.76 s that 100 MB take from a server on the same
 * machine (medians of 7 by turns: 0.93 s with the thread, 0.91 s without, on two busy cores), cost 0.1 s of processor time, and took 220 lines.
 */
export function startDigest(md5: boolean): Digest {
  const sha256 = createHash('sha256');
  const second = md5 ? createHash('md5') : undefined;
  return {
    update(bytes) {
      sha256.update(bytes);
      second?.update(bytes);
    },
    end: () => ({ sha256: sha256.digest('hex'), md5: second?.digest('hex') }),
  };
}
