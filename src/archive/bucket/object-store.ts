import { setMaxListeners } from 'node:events';
import type { Readable } from 'node:stream';
import {
  AbortMultipartUploadCommand,
  CompleteMultipartUploadCommand,
  CreateMultipartUploadCommand,
  DeleteObjectCommand,
  GetObjectCommand,
  HeadObjectCommand,
  ListObjectsV2Command,
  type ListObjectsV2CommandInput,
  PutObjectCommand,
  UploadPartCommand,
} from '@aws-sdk/client-s3';
import { RecordingError } from '../../errors.ts';
import type { Clock } from '../../system.ts';
import type { ByteRange } from '../reader.ts';
import { addressOf } from './address.ts';
import { type BucketNames, bucketError, isUploadGone, refusesChecksums, regionOf, saysExpired, statusOf } from './bucket-error.ts';
import type { StoreClient } from './client.ts';
import type { ListedObject, ObjectDetails, ObjectHead, Over, StoredObject, Upload, UploadedPart } from './objects.ts';
import type { BucketFlags } from './options.ts';

/** How often a conflict is tried again, and how long is waited before the first time, in milliseconds: another's request is under way at the same moment. */
const CONFLICTS = 12;
const FIRST_WAIT_MS = 50;

/** How a GET asks for the least there is. */
const FIRST_BYTE = 'bytes=0-0';

/** How often an object is read where it breaks off: the SDK asks again only until an answer has begun. */
const READS = 4;

/**
 * A bucket: the requests of S3's API that this tool makes, and no others, so that the least rights for it can be told. Each throws `BUCKET` for
 * what every further recording would meet.
 */
export class ObjectStore {
  readonly bucket: string;
  readonly #names: BucketNames;
  readonly #store: StoreClient;
  readonly #flags: BucketFlags;
  readonly #clock: Pick<Clock, 'sleep' | 'random'>;
  /** Whether the store knows conditional writes; Amazon, MinIO, R2 and Ceph do. */
  #isConditional = true;
  /** Whether it takes checksums; some stores refuse each request that has one (Backblaze B2, in 2025). */
  #takesChecksums = true;

  constructor(names: BucketNames, store: StoreClient, flags: BucketFlags, clock: Pick<Clock, 'sleep' | 'random'>) {
    this.bucket = names.bucket;
    this.#names = names;
    this.#clock = clock;
    this.#store = store;
    this.#flags = flags;
  }

  /** Stores an object whole. `sha256` is that of its bytes, in base64. `taken` where something stands there that must not be replaced. */
  async put(key: string, body: Uint8Array, sha256: string, over: Over, details: ObjectDetails): Promise<StoredObject | 'taken'> {
    return this.#conditional(key, over, async (condition) => {
      const object = { ...this.#named(key, details), Body: body, ...condition };
      const stored = this.#takesChecksums ? await this.#store.putQuickly({ ...object, ChecksumSHA256: sha256 }) : undefined;
      if (stored?.etag !== undefined && (stored.checksum ?? sha256) === sha256) return { etag: stored.etag, checksum: stored.checksum };
      const { ETag, ChecksumSHA256 } = await this.#send((client, how) =>
        client.send(new PutObjectCommand({ ...object, ...this.#checksum(sha256) }), how),
      );
      if ((ChecksumSHA256 ?? sha256) !== sha256) throw this.#noStore(key, 'write to');
      return { etag: this.#proven(ETag, key), checksum: ChecksumSHA256 };
    });
  }

  /** Begins an upload in parts. It has no object, and no name in any listing, before {@link complete}. Errors name the key, or what is `told`. */
  async begin(key: string, details: ObjectDetails, told = key): Promise<Upload> {
    const { UploadId } = await this.#sendTo(told, (client, how) =>
      client.send(
        new CreateMultipartUploadCommand({ ...this.#named(key, details), ...(this.#takesChecksums && { ChecksumAlgorithm: 'SHA256' }) }),
        how,
      ),
    );
    return { key, id: this.#proven(UploadId, key) };
  }

  /** Uploads a part, by its number from 1; `sha256` in base64. */
  async part({ key, id }: Upload, number: number, body: Uint8Array, sha256: string, signal?: AbortSignal): Promise<UploadedPart> {
    const { ETag } = await this.#sendTo(
      key,
      (client, how) =>
        client.send(
          new UploadPartCommand({
            ...{ Bucket: this.bucket, Key: key, UploadId: id, PartNumber: number, Body: body },
            ...this.#checksum(sha256),
          }),
          how,
        ),
      signal,
    );
    return { PartNumber: number, ETag: this.#proven(ETag, key), ChecksumSHA256: sha256 };
  }

  /**
   * Makes the parts an object. `taken` as in {@link put}; the upload is still there then. `gone` where it is not: the store has thrown it away, or has
   * made it an object by an earlier request whose answer got lost.
   */
  async complete({ key, id }: Upload, parts: readonly UploadedPart[], over: Over): Promise<StoredObject | 'taken' | 'gone'> {
    return this.#conditional(key, over, async (condition) => {
      const { ETag, ChecksumSHA256 } = await this.#send((client, how) =>
        client.send(
          new CompleteMultipartUploadCommand({
            Bucket: this.bucket,
            Key: key,
            UploadId: id,
            MultipartUpload: {
              Parts: parts.map(({ ChecksumSHA256, ...part }) => ({ ...part, ...this.#checksum(ChecksumSHA256) })),
            },
            ...condition,
          }),
          how,
        ),
      );
      return { etag: this.#proven(ETag, key), checksum: ChecksumSHA256 };
    }).catch((error: RecordingError) => {
      if (isUploadGone(error)) return 'gone';
      throw error;
    });
  }

  /** Throws the parts of an upload away. */
  async abort({ key, id }: Upload): Promise<void> {
    await this.#sendTo(key, (client, how) =>
      client.send(new AbortMultipartUploadCommand({ Bucket: this.bucket, Key: key, UploadId: id }), how),
    );
  }

  /** Removes an object of the tool's own. */
  async remove(key: string): Promise<void> {
    const ask: Ask<unknown> = (client, how) => client.send(new DeleteObjectCommand({ Bucket: this.bucket, Key: key }), how);
    await this.#sendTo(key, ask, undefined, 'remove');
  }

  /** What the store says of an object; undefined where there is none. */
  async head(key: string, signal?: AbortSignal): Promise<ObjectHead | undefined> {
    return this.#unlessMissing(key, signal, async (client, how) => {
      const asked = { Bucket: this.bucket, Key: key };
      const withChecksum = this.#takesChecksums;
      const head = await client
        .send(new HeadObjectCommand({ ...asked, ...(withChecksum && { ChecksumMode: 'ENABLED' }) }), how)
        .catch(async (error: unknown) => {
          if (!isUntold(error)) throw error;
          // What HEAD is answered has no body, which could say why; what GET is answered has one, and its error is the one that counts.
          const { Body } = await client.send(new GetObjectCommand({ ...asked, Range: FIRST_BYTE }), how);
          (Body as Readable).destroy();
          if (!withChecksum || statusOf(error) !== 400) throw error;
          // The checksum is all that HEAD had asked for and GET has not.
          this.#takesChecksums = false;
          return client.send(new HeadObjectCommand(asked), how);
        });
      return {
        bytes: head.ContentLength ?? 0,
        etag: head.ETag,
        contentType: head.ContentType,
        metadata: head.Metadata ?? {},
        checksum: head.ChecksumSHA256,
      };
    });
  }

  /** An object's bytes, or a range of them, as a stream that fails with errors of the system; undefined where there is none. */
  async get(key: string, range?: ByteRange, signal?: AbortSignal): Promise<Readable | undefined> {
    return this.#unlessMissing(key, signal, async (client, how) => {
      const Range = range && `bytes=${range.from}-${range.to}`;
      const asked = new GetObjectCommand({ Bucket: this.bucket, Key: key, ...(Range && { Range }) });
      const { Body, ContentRange } = await client.send(asked, how);
      // Other bytes than those that were asked for would be played, or kept, in their place.
      if (range && ContentRange?.startsWith(`bytes ${range.from}-`) !== true) {
        (Body as Readable).destroy();
        throw this.#noStore(key, 'read');
      }
      return Body as Readable;
    });
  }

  /**
   * Reads an object from its first byte to its last, and hands over each piece; `again` is called where it broke off and begins anew. False where there is
   * none. Throws the signal's reason too.
   */
  async read(key: string, take: (piece: Buffer) => void, again: () => void, signal?: AbortSignal): Promise<boolean> {
    for (let tries = 1; ; tries += 1) {
      const body = await this.get(key, undefined, signal);
      if (body === undefined) return false;
      try {
        for await (const piece of body) take(piece as Buffer);
        return true;
      } catch (error) {
        signal?.throwIfAborted();
        if (tries === READS) throw this.errorOf(error, key, 'read');
        again();
      }
    }
  }

  /** An object's bytes; undefined where there is none. */
  async bytes(key: string, signal?: AbortSignal): Promise<Buffer | undefined> {
    let pieces: Buffer[] = [];
    const isThere = await this.read(
      key,
      (piece) => void pieces.push(piece),
      () => {
        pieces = [];
      },
      signal,
    );
    return isThere ? Buffer.concat(pieces) : undefined;
  }

  /** All objects whose keys begin with a prefix, in pieces of up to a thousand. Throws `BUCKET` too where the store gives only some of them. */
  async *list(prefix: string, signal?: AbortSignal): AsyncGenerator<ListedObject[]> {
    let from: { ContinuationToken?: string; StartAfter?: string } | undefined = {};
    let last: string | undefined;
    while (from !== undefined) {
      const asked: ListObjectsV2CommandInput = { Bucket: this.bucket, Prefix: prefix, EncodingType: 'url', ...from };
      const page = await this.#sendTo(prefix, (client, how) => client.send(new ListObjectsV2Command(asked), how), signal, 'read');
      const { Contents = [], EncodingType } = page;
      const token = page.NextContinuationToken || undefined;
      if (page.IsTruncated === undefined && page.Name === undefined && Contents.length === 0) throw this.#noStore(prefix, 'read');
      // XML has no way to say some characters; stores that take no notice of what was asked give keys as they are.
      const keyOf = EncodingType === 'url' ? decodedKey : (key: string) => key;
      const objects = Contents.map(({ Key = '', Size = 0 }) => ({ key: keyOf(Key), bytes: Size }));
      const end = objects.at(-1)?.key ?? last;
      // Whoever asks cuts the prefix off.
      yield objects.filter(({ key }) => key.startsWith(prefix));
      // Some stores say that there is more and give no token.
      const next = token === undefined ? { StartAfter: end } : { ContinuationToken: token };
      const isStuck = token === undefined ? end === last : token === from.ContinuationToken;
      if (page.IsTruncated && isStuck) {
        throw new RecordingError('BUCKET', `Cannot read ${this.address(prefix)}: the store does not list all that is there.`, {
          hint: 'Look for a newer release of the store, or ask whoever runs it.',
        });
      }
      last = end;
      from = page.IsTruncated ? (next as typeof from) : undefined;
    }
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
  #noStore(key: string, verb: Verb): RecordingError {
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
    this.#store.client.destroy();
  }

  #named(key: string, { contentType, metadata, isRecording }: ObjectDetails) {
    const { storageClass, sse, kmsKeyId } = this.#flags;
    return {
      Bucket: this.bucket,
      Key: key,
      ...(contentType !== undefined && { ContentType: contentType }),
      ...(metadata !== undefined && { Metadata: { ...metadata } }),
      // biome-ignore lint/suspicious/noExplicitAny: other stores have classes that the SDK does not know
      ...(isRecording && storageClass !== undefined && { StorageClass: storageClass as any }),
      ...(sse !== undefined && { ServerSideEncryption: sse }),
      ...(kmsKeyId !== undefined && { SSEKMSKeyId: kmsKeyId }),
    };
  }

  /** What goes along with bytes whose SHA-256 this is, in base64. */
  #checksum(sha256: string): { ChecksumSHA256?: string } {
    return this.#takesChecksums ? { ChecksumSHA256: sha256 } : {};
  }

  /** What each answer of a store to a write has. Where it lacks, another has answered: a proxy on the way, or a page that asks for a password. */
  #proven(mark: string | undefined, key: string): string {
    if (mark !== undefined) return mark;
    throw this.#noStore(key, 'write to');
  }

  /** Writes under the condition that `over` makes. Where the store knows none, it is looked first. */
  async #conditional(
    key: string,
    over: Over,
    write: (condition: { IfNoneMatch?: string; IfMatch?: string }) => Promise<StoredObject>,
  ): Promise<StoredObject | 'taken'> {
    for (let conflicts = 0; ; conflicts += 1) {
      const isConditional = this.#isConditional;
      try {
        if (over === 'anything') return await write({});
        if (isConditional) return await write(over === 'absent' ? { IfNoneMatch: '*' } : { IfMatch: over.etag });
        const standing = await this.head(key);
        if (over === 'absent' ? standing !== undefined : standing !== undefined && standing.etag !== over.etag) return 'taken';
        return await write({});
      } catch (error) {
        // The second is how S3 says that nothing stands there whose ETag it could be.
        if (statusOf(error) === 412 || (typeof over === 'object' && (error as Error).name === 'NoSuchKey')) return 'taken';
        if (isUnknownCondition(error) && isConditional) this.#isConditional = false;
        // "If a conflicting operation occurs during the upload, S3 returns 409 ConditionalRequestConflict. On a 409 failure, retry the upload."
        else if (statusOf(error) !== 409 || conflicts === CONFLICTS) throw this.errorOf(error, key, 'write to');
        else await this.#clock.sleep((0.5 + this.#clock.random()) * Math.min(5000, FIRST_WAIT_MS * 2 ** conflicts));
      }
    }
  }

  async #unlessMissing<Result>(key: string, signal: AbortSignal | undefined, ask: Ask<Result>): Promise<Result | undefined> {
    try {
      return await this.#send(ask, signal);
    } catch (error) {
      signal?.throwIfAborted();
      const isMissing = statusOf(error) === 404 && (error as Error).name !== 'NoSuchBucket';
      if (isMissing) return undefined;
      throw this.errorOf(error, key, 'read');
    }
  }

  async #sendTo<Result>(key: string, ask: Ask<Result>, signal?: AbortSignal, verb: Verb = 'write to'): Promise<Result> {
    try {
      return await this.#send(ask, signal);
    } catch (error) {
      signal?.throwIfAborted();
      throw this.errorOf(error, key, verb);
    }
  }

  /**
   * Asks once more where the bucket is, if it is in another region (the SDK would have each request redirected), with credentials that are read
   * anew where they were too old, or without checksums where the store refuses them.
   */
  async #send<Result>(ask: Ask<Result>, signal?: AbortSignal): Promise<Result> {
    const how = signal && { abortSignal: signal };
    // Each request under way listens to it, and Node warns on standard error from the eleventh on.
    if (signal !== undefined) setMaxListeners(0, signal);
    try {
      return await ask(this.#store.client, how);
    } catch (error) {
      const region = regionOf(error);
      if (region !== undefined) this.#store.moveTo(region);
      else if (saysExpired(error)) this.#store.renew();
      else if (refusesChecksums(error)) this.#takesChecksums = false;
      else throw error;
      return ask(this.#store.client, how);
    }
  }
}

type Verb = 'read' | 'write to' | 'remove';

type Ask<Result> = (client: StoreClient['client'], how: { abortSignal: AbortSignal } | undefined) => Promise<Result>;

/** Whether an answer to HEAD leaves open what was wrong. */
function isUntold(error: unknown): boolean {
  const status = statusOf(error);
  return (status === 400 || status === 403) && regionOf(error) === undefined;
}

/** A key of a listing whose keys are encoded: as a form's values are. */
function decodedKey(key: string): string {
  try {
    return decodeURIComponent(key.replaceAll('+', ' '));
  } catch {
    return key;
  }
}

/** How stores that do not know conditional writes say so. */
function isUnknownCondition(error: unknown): boolean {
  return statusOf(error) === 501 || (error instanceof Error && error.name === 'NotImplemented');
}
