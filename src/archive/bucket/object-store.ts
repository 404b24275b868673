import { createHash } from 'node:crypto';
import {
  AbortMultipartUploadCommand,
  CompleteMultipartUploadCommand,
  CreateMultipartUploadCommand,
  DeleteObjectCommand,
  PutObjectCommand,
  UploadPartCommand,
} from '@aws-sdk/client-s3';
import type { RecordingError } from '../../errors.ts';
import type { Clock } from '../../system.ts';
import { type BucketNames, isUploadGone, statusOf } from './bucket-error.ts';
import type { StoreClient } from './client.ts';
import { ObjectReads } from './object-reads.ts';
import type { ObjectDetails, Over, StoredObject, Upload, UploadedPart } from './objects.ts';
import type { BucketFlags } from './options.ts';
import type { Ask } from './store-requests.ts';

/** How often a conflict is tried again, and how long is waited before the first time, in milliseconds: another's request is under way at the same moment. */
const CONFLICTS = 12;
const FIRST_WAIT_MS = 50;

/**
 * A bucket: the requests of S3's API that this tool makes, and no others, so that the least rights for it can be told. Each throws `BUCKET` for
 * what every further recording would meet.
 */
export class ObjectStore extends ObjectReads {
  readonly #flags: BucketFlags;
  readonly #clock: Pick<Clock, 'sleep' | 'random'>;
  /** Whether the store knows conditional writes; Amazon, MinIO, R2 and Ceph do. */
  #isConditional = true;
  constructor(names: BucketNames, store: StoreClient, flags: BucketFlags, clock: Pick<Clock, 'sleep' | 'random'>) {
    super(names, store);
    this.#flags = flags;
    this.#clock = clock;
  }

  /** Stores an object whole. `sha256` is that of its bytes, in base64. `taken` where something stands there that must not be replaced. */
  async put(key: string, body: Uint8Array, sha256: string, over: Over, details: ObjectDetails): Promise<StoredObject | 'taken'> {
    return this.#conditional(key, over, async (condition) => {
      const object = { ...this.#named(key, details), Body: body, ...condition };
      const stored = this.takesChecksums ? await this.store.putQuickly({ ...object, ChecksumSHA256: sha256 }) : undefined;
      if (stored?.etag !== undefined && (stored.checksum ?? sha256) === sha256) return { etag: stored.etag, checksum: stored.checksum };
      const { ETag, ChecksumSHA256 } = await this.send((client, how) =>
        client.send(new PutObjectCommand({ ...object, ...this.#checksum(sha256) }), how),
      );
      if ((ChecksumSHA256 ?? sha256) !== sha256) throw this.noStore(key, 'write to');
      return { etag: this.#proven(ETag, key), checksum: ChecksumSHA256 };
    });
  }

  /** Stores what the tool writes of its own, a piece of the manifest or a list, in the place of what it wrote before. `taken` as in {@link put}. */
  putOwn(key: string, body: Uint8Array, contentType: string, over: Over = 'anything'): Promise<StoredObject | 'taken'> {
    return this.put(key, body, createHash('sha256').update(body).digest('base64'), over, { contentType });
  }

  /** Begins an upload in parts. It has no object, and no name in any listing, before {@link complete}. Errors name the key, or what is `told`. */
  async begin(key: string, details: ObjectDetails, told = key): Promise<Upload> {
    const { UploadId } = await this.sendTo(told, (client, how) =>
      client.send(
        new CreateMultipartUploadCommand({ ...this.#named(key, details), ...(this.takesChecksums && { ChecksumAlgorithm: 'SHA256' }) }),
        how,
      ),
    );
    return { key, id: this.#proven(UploadId, key) };
  }

  /** Uploads a part, by its number from 1; `sha256` in base64. */
  async part({ key, id }: Upload, number: number, body: Uint8Array, sha256: string, signal?: AbortSignal): Promise<UploadedPart> {
    const { ETag } = await this.sendTo(
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
      const { ETag, ChecksumSHA256 } = await this.send((client, how) =>
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
    await this.sendTo(key, (client, how) =>
      client.send(new AbortMultipartUploadCommand({ Bucket: this.bucket, Key: key, UploadId: id }), how),
    );
  }

  /** Removes an object of the tool's own. */
  async remove(key: string): Promise<void> {
    const ask: Ask<unknown> = (client, how) => client.send(new DeleteObjectCommand({ Bucket: this.bucket, Key: key }), how);
    await this.sendTo(key, ask, undefined, 'remove');
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
    return this.takesChecksums ? { ChecksumSHA256: sha256 } : {};
  }

  /** What each answer of a store to a write has. Where it lacks, another has answered: a proxy on the way, or a page that asks for a password. */
  #proven(mark: string | undefined, key: string): string {
    if (mark !== undefined) return mark;
    throw this.noStore(key, 'write to');
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
}

/** How stores that do not know conditional writes say so. */
function isUnknownCondition(error: unknown): boolean {
  return statusOf(error) === 501 || (error instanceof Error && error.name === 'NotImplemented');
}
