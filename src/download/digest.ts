import { createHash } from 'node:crypto';
import type { BackgroundDigests } from './background-digest.ts';

/** Hashes of bytes: lower-case hexadecimal digits. */
export interface Digests {
  sha256: string;
  /** Undefined where it was not wanted. */
  md5: string | undefined;
}

/** Hashes bytes that come one after the other. */
export interface Digest {
  /** Takes the next bytes. Undefined; or, where that takes time, a promise for when they are taken, and may be changed by the caller. */
  update(bytes: Uint8Array): Promise<void> | undefined;
  /** The hashes of all that came. Nothing can follow. */
  end(): Digests | Promise<Digests>;
  /** It is not wanted any more. */
  drop(): void;
}

/** Makes a digest, of SHA-256 and, where `md5` says so, of MD5, for so many bytes; undefined where nobody knows how many will come. */
export type MakeDigest = (md5: boolean, totalBytes: number | undefined) => Digest | Promise<Digest>;

/**
 * Once a run has seen so many bytes, they are hashed in a thread of their own, while others come: it takes 0.2 s off one recording of 100 MB,
 * and 0.1 s off 1,000 of 100 KB. To begin the thread takes 25 ms, so that for less it is not worth it.
 */
const MANY = 8 * 1024 * 1024;
/** What is smaller is hashed sooner than it is sent there. */
const SMALL = 64 * 1024;

/** Makes the digests of a run, as suits their size: in the background, where that is worth it and the system gives a thread and the files for it. */
export function digestMaker(): MakeDigest {
  let seen = 0;
  let background: Promise<MakeDigest> | MakeDigest | undefined;
  return (md5, totalBytes = 0) => {
    seen += totalBytes;
    if (seen < MANY || totalBytes < SMALL) return immediateDigest(md5);
    background ??= inBackground().then((make) => {
      background = make;
      return make;
    });
    return background instanceof Promise ? background.then((make) => make(md5, totalBytes)) : background(md5, totalBytes);
  };
}

async function inBackground(): Promise<MakeDigest> {
  try {
    const { BackgroundDigests } = await import('./background-digest.ts');
    return whileItLives(new BackgroundDigests());
  } catch {
    return immediateDigest;
  }
}

/** Makes digests in the background as long as their thread lives; from then on where they are called, so that a run goes on without it. */
export function whileItLives(digests: BackgroundDigests): MakeDigest {
  return (md5) => (digests.hasFailed ? immediateDigest(md5) : digests.begin(md5));
}

/** A digest that is computed where it is called. */
export function immediateDigest(md5: boolean): Digest {
  const sha256 = createHash('sha256');
  const second = md5 ? createHash('md5') : undefined;
  return {
    update(bytes) {
      sha256.update(bytes);
      second?.update(bytes);
      return undefined;
    },
    end: () => ({ sha256: sha256.digest('hex'), md5: second?.digest('hex') }),
    drop() {},
  };
}
