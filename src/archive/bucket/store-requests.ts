import { setMaxListeners } from 'node:events';
import { RecordingError } from '../../errors.ts';
import { addressOf } from './address.ts';
import { type BucketNames, bucketError, refusesChecksums, regionOf, saysExpired, statusOf } from './bucket-error.ts';
import type { StoreClient } from './client.ts';

/** What a request is for, as an error completes "Cannot …". */
export type Verb = 'read' | 'write to' | 'remove';

/** Makes a request by a client. */
export type Ask<Result> = (client: StoreClient['client'], how: { abortSignal: AbortSignal } | undefined) => Promise<Result>;

/** How a bucket is asked for anything: in the right region, with credentials that hold, and its errors as `BUCKET`. */
export abstract class StoreRequests {
  readonly bucket: string;
  protected readonly store: StoreClient;
  /** Whether it takes checksums; some stores refuse each request that has one (Backblaze B2, in 2025). */
  protected takesChecksums = true;
  readonly #names: BucketNames;

  constructor(names: BucketNames, store: StoreClient) {
    this.bucket = names.bucket;
    this.store = store;
    this.#names = names;
  }

  /** An object's address, as a user would type it. */
  address(key: string): string {
    return addressOf(this.bucket, key);
  }

  /** `BUCKET` for what a request for a key threw. */
  errorOf(error: unknown, key: string, verb: Verb): RecordingError {
    return bucketError(error, `${verb} ${this.address(key)}`, this.#names);
  }

  /** For an answer that says that all is well, and lacks what S3's have: that of a proxy's login page, for instance. */
  protected noStore(key: string, verb: Verb): RecordingError {
    return new RecordingError(
      'BUCKET',
      `Cannot ${verb} ${this.address(key)}: what answers is no S3 store, or does not keep what it is sent.`,
      {
        hint: 'Check AWS_ENDPOINT_URL_S3, and any proxy on the way.',
        retryable: true,
      },
    );
  }

  /** Lets go of the connections. */
  close(): void {
    this.store.client.destroy();
  }

  /** What is asked of an object; undefined where there is none. */
  protected async unlessMissing<Result>(key: string, signal: AbortSignal | undefined, ask: Ask<Result>): Promise<Result | undefined> {
    try {
      return await this.send(ask, signal);
    } catch (error) {
      signal?.throwIfAborted();
      const isMissing = statusOf(error) === 404 && (error as Error).name !== 'NoSuchBucket';
      if (isMissing) return undefined;
      throw this.errorOf(error, key, 'read');
    }
  }

  /** What is asked at a key, by which its errors are told. Throws the signal's reason too. */
  protected async sendTo<Result>(key: string, ask: Ask<Result>, signal?: AbortSignal, verb: Verb = 'write to'): Promise<Result> {
    try {
      return await this.send(ask, signal);
    } catch (error) {
      signal?.throwIfAborted();
      throw this.errorOf(error, key, verb);
    }
  }

  /**
   * Asks once more where the bucket is, if it is in another region (the SDK would have each request redirected), with credentials that are read
   * anew where they were too old, or without checksums where the store refuses them.
   */
  protected async send<Result>(ask: Ask<Result>, signal?: AbortSignal): Promise<Result> {
    const how = signal && { abortSignal: signal };
    // Each request under way listens to it, and Node warns on standard error from the eleventh on.
    if (signal !== undefined) setMaxListeners(0, signal);
    try {
      return await ask(this.store.client, how);
    } catch (error) {
      const region = regionOf(error);
      if (region !== undefined) this.store.moveTo(region);
      else if (saysExpired(error)) this.store.renew();
      else if (refusesChecksums(error)) this.takesChecksums = false;
      else throw error;
      return ask(this.store.client, how);
    }
  }
}
