import { createHash, type Hash } from 'node:crypto';
import type { Writable } from 'node:stream';
import type { Destination, Draft, Fetched, ObjectIdentity } from '../archive/draft.ts';
import { fileError } from '../disk/file-error.ts';
import type { SavedRecording } from '../events.ts';
import { mismatch } from './proof.ts';

/**
 * Standard output as a destination. What is written cannot be taken back, so that a transfer which starts again from nothing must bring the
 * same bytes once more: those are held against the hash of what went out, and only what follows is written.
 */
export function streamDestination(output: Writable): Destination {
  return {
    async open(id) {
      return new StreamDraft(id, output);
    },
  };
}

class StreamDraft implements Draft {
  readonly #id: string;
  readonly #output: Writable;
  #written: Hash = createHash('sha256');
  #writtenBytes = 0;
  /** After a restart: the bytes that have come again, until they are as many as were written. */
  #again: Hash | undefined;
  #length = 0;
  #identity: ObjectIdentity | undefined;

  constructor(id: string, output: Writable) {
    this.#id = id;
    this.#output = output;
  }

  get length(): number {
    return this.#length;
  }

  get identity(): ObjectIdentity | undefined {
    return this.#identity;
  }

  async *earlier(): AsyncGenerator<Uint8Array> {}

  async restart(identity: ObjectIdentity | undefined): Promise<void> {
    this.#identity = identity;
    this.#length = 0;
    this.#again = this.#writtenBytes > 0 ? createHash('sha256') : undefined;
  }

  async write(bytes: Uint8Array): Promise<void> {
    const fresh = this.#passOver(bytes);
    this.#length += bytes.length;
    if (fresh.length === 0) return;
    this.#written.update(fresh);
    this.#writtenBytes += fresh.length;
    await this.#send(fresh);
  }

  async commit({ extension, ...told }: Fetched): Promise<SavedRecording> {
    if (this.#again !== undefined) {
      throw mismatch('The recording changed, and became shorter, while it was being written to standard output.');
    }
    // Standard output can be a file on a full disk, which the last write tells late.
    await this.#send(new Uint8Array(0));
    return { id: this.#id, file: '-', ...told };
  }

  async keep(): Promise<void> {}

  async discard(): Promise<void> {}

  /** Resolves when the bytes are handed on. Not by `drain`: a stream that has been closed never tells it. */
  #send(bytes: Uint8Array): Promise<void> {
    return new Promise((resolve, reject) => {
      this.#output.write(bytes, (error) => (error ? reject(fileError(error, 'write to standard output')) : resolve()));
    });
  }

  /** Checks what comes again after a restart; returns the part of the chunk that is new. */
  #passOver(bytes: Uint8Array): Uint8Array {
    if (this.#again === undefined) return bytes;
    const missing = this.#writtenBytes - this.#length;
    const known = bytes.subarray(0, missing);
    this.#again.update(known);
    if (known.length === missing) {
      if (this.#again.digest('hex') !== this.#written.copy().digest('hex')) {
        throw mismatch('The recording changed while it was being written to standard output.');
      }
      this.#again = undefined;
    }
    return bytes.subarray(missing);
  }
}
