import type { Readable } from 'node:stream';
import { GetObjectCommand, HeadObjectCommand, ListObjectsV2Command, type ListObjectsV2CommandInput } from '@aws-sdk/client-s3';
import { RecordingError } from '../../errors.ts';
import type { ByteRange } from '../reader.ts';
import { regionOf, statusOf } from './bucket-error.ts';
import type { ListedObject, ObjectHead } from './objects.ts';
import { StoreRequests } from './store-requests.ts';

/** How a GET asks for the least there is. */
const FIRST_BYTE = 'bytes=0-0';

/** How often an object is read where it breaks off: the SDK asks again only until an answer has begun. */
const READS = 4;

/** What can be read of a bucket. */
export abstract class ObjectReads extends StoreRequests {
  /** What the store says of an object; undefined where there is none. */
  async head(key: string, signal?: AbortSignal): Promise<ObjectHead | undefined> {
    return this.unlessMissing(key, signal, async (client, how) => {
      const asked = { Bucket: this.bucket, Key: key };
      const withChecksum = this.takesChecksums;
      const head = await client
        .send(new HeadObjectCommand({ ...asked, ...(withChecksum && { ChecksumMode: 'ENABLED' }) }), how)
        .catch(async (error: unknown) => {
          if (!isUntold(error)) throw error;
          // What HEAD is answered has no body, which could say why; what GET is answered has one, and its error is the one that counts.
          const { Body } = await client.send(new GetObjectCommand({ ...asked, Range: FIRST_BYTE }), how);
          (Body as Readable).destroy();
          if (!withChecksum || statusOf(error) !== 400) throw error;
          // The checksum is all that HEAD had asked for and GET has not.
          this.takesChecksums = false;
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
    return this.unlessMissing(key, signal, async (client, how) => {
      const Range = range && `bytes=${range.from}-${range.to}`;
      const asked = new GetObjectCommand({ Bucket: this.bucket, Key: key, ...(Range && { Range }) });
      const { Body, ContentRange } = await client.send(asked, how);
      // Other bytes than those that were asked for would be played, or kept, in their place.
      if (range && ContentRange?.startsWith(`bytes ${range.from}-`) !== true) {
        (Body as Readable).destroy();
        throw this.noStore(key, 'read');
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
      const page = await this.sendTo(prefix, (client, how) => client.send(new ListObjectsV2Command(asked), how), signal, 'read');
      const { Contents = [], EncodingType } = page;
      const token = page.NextContinuationToken || undefined;
      if (page.IsTruncated === undefined && page.Name === undefined && Contents.length === 0) throw this.noStore(prefix, 'read');
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
}

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
