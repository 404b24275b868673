import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import S3rver from '@20minutes/s3rver';
import {
  DeleteObjectCommand,
  GetObjectCommand,
  HeadObjectCommand,
  ListObjectsV2Command,
  PutObjectCommand,
  S3Client,
} from '@aws-sdk/client-s3';
import { getSignedUrl } from '@aws-sdk/s3-request-presigner';

/** The bucket that the server has. */
export const BUCKET = 'recordings';
/** The one account that it knows. */
export const S3_ACCOUNT = { AWS_ACCESS_KEY_ID: 'S3RVER', AWS_SECRET_ACCESS_KEY: 'S3RVER' };
const HOST = '127.0.0.1';

// The release is pinned to one that runs on Node 20, which it need not say in every log.
process.env.AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED = 'true';

/** How a link is signed. */
export interface Presigning {
  /** How long it works, in seconds (300). */
  expiresIn?: number;
  /** When it was signed (now). */
  signedAt?: Date;
  /** The port that the link names, where it is another than the server's own: a proxy's. */
  port?: number;
}

/** A real S3 server on this machine, which checks signatures and expiry. */
export interface S3Server {
  readonly host: string;
  readonly port: number;
  put(key: string, body: Uint8Array, contentType?: string, metadata?: Record<string, string>): Promise<void>;
  /** Undefined where there is none. */
  get(key: string): Promise<Buffer | undefined>;
  /** Its metadata; undefined where there is none. */
  metadata(key: string): Promise<Record<string, string> | undefined>;
  remove(key: string): Promise<void>;
  /** All keys that begin with a prefix, sorted. */
  keys(prefix?: string): Promise<string[]>;
  /** A link that the AWS SDK has signed. */
  presign(key: string, options?: Presigning): Promise<string>;
  close(): Promise<void>;
}

/** Starts an {@link S3Server} with an empty bucket. */
export async function startS3Server(): Promise<S3Server> {
  const directory = await mkdtemp(join(tmpdir(), 'kaleyra-rec-s3-'));
  const server = new S3rver({
    address: HOST,
    port: 0,
    directory,
    silent: true,
    vhostBuckets: false,
    configureBuckets: [{ name: BUCKET }],
  });
  signBucketsAsAsked(server);
  const { port } = await server.run();
  const client = clientOf(port);
  return {
    host: HOST,
    port,
    async put(key, body, contentType = 'application/octet-stream', metadata = {}) {
      await client.send(new PutObjectCommand({ Bucket: BUCKET, Key: key, Body: body, ContentType: contentType, Metadata: metadata }));
    },
    async get(key) {
      const found = await client.send(new GetObjectCommand({ Bucket: BUCKET, Key: key })).catch(orMissing);
      return found && Buffer.from((await found.Body?.transformToByteArray()) ?? []);
    },
    async metadata(key) {
      return (await client.send(new HeadObjectCommand({ Bucket: BUCKET, Key: key })).catch(orMissing))?.Metadata;
    },
    async remove(key) {
      await client.send(new DeleteObjectCommand({ Bucket: BUCKET, Key: key }));
    },
    async keys(prefix = '') {
      const keys: string[] = [];
      for (let token: string | undefined, more = true; more; more = token !== undefined) {
        const page = await client.send(new ListObjectsV2Command({ Bucket: BUCKET, Prefix: prefix, ContinuationToken: token }));
        keys.push(...(page.Contents ?? []).map(({ Key = '' }) => Key));
        token = page.NextContinuationToken;
      }
      return keys.sort();
    },
    async presign(key, { expiresIn = 300, signedAt = new Date(), port: named = port } = {}) {
      // The signature covers the Host header, port included.
      const signer = named === port ? client : clientOf(named);
      return getSignedUrl(signer, new GetObjectCommand({ Bucket: BUCKET, Key: key }), { expiresIn, signingDate: signedAt });
    },
    async close() {
      client.destroy();
      server.httpServer.closeAllConnections();
      await server.close();
      await rm(directory, { recursive: true, force: true });
    },
  };
}

function clientOf(port: number): S3Client {
  return new S3Client({
    region: 'us-east-1',
    endpoint: `http://${HOST}:${port}`,
    forcePathStyle: true,
    credentials: { accessKeyId: 'S3RVER', secretAccessKey: 'S3RVER' },
    // Kaleyra's links ask for no checksums of the SDK's own.
    requestChecksumCalculation: 'WHEN_REQUIRED',
    responseChecksumValidation: 'WHEN_REQUIRED',
  });
}

function orMissing(error: { $metadata?: { httpStatusCode?: number } }): undefined {
  if (error.$metadata?.httpStatusCode !== 404) throw error;
}

/**
 * A fault of s3rver 4.0.4: it checks the signature of `/bucket/`, which is how the SDK asks for a listing, as if `/bucket` had been asked for. Its way of
 * checking hosts named after buckets adds what it lacks.
 */
function signBucketsAsAsked(server: S3rver): void {
  server.middleware.splice(-1, 0, (context, next) => {
    if (/^\/[^/]+\/$/u.test(context.path)) {
      context.state.vhost = true;
      context.mountPath = '/';
    }
    return next();
  });
}
