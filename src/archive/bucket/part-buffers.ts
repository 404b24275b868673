import { Semaphore } from '../semaphore.ts';

/** S3 takes parts from 5 MiB on ("Amazon S3 multipart upload limits"), and up to 10,000 of them: 80 GB with this. */
export const PART_BYTES = 8 * 1024 * 1024;

/** So many parts are under way at once, beside those that are being filled. */
const PARTS_UNDER_WAY = 6;

/**
 * The memory of an archive's uploads: a buffer of {@link PART_BYTES} for each recording that is being fetched, and for each part under way. They are
 * used again, as what is thrown away is not given back before long. The system gives memory to what is touched: small recordings take little.
 */
export class PartBuffers {
  readonly #free: Buffer[] = [];
  readonly #underWay = new Semaphore(PARTS_UNDER_WAY);

  /** A buffer to fill. To be given back. */
  take(): Buffer {
    return this.#free.pop() ?? Buffer.allocUnsafeSlow(PART_BYTES);
  }

  give(buffer: Buffer): void {
    this.#free.push(buffer);
  }

  /** Resolves when another part may be sent. To be followed by {@link sent}. */
  mayBeSent(): Promise<void> {
    return this.#underWay.take();
  }

  sent(): void {
    this.#underWay.free();
  }
}
