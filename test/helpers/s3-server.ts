import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import S3rver from '@20minutes/s3rver';
import { GetObjectCommand, PutObjectCommand, S3Client } from '@aws-sdk/client-s3';
import { getSignedUrl } from '@aws-sdk/s3-request-presigner';

const BUCKET = 'recordings';
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
  put(key: string, body: Buffer, contentType: string): Promise<void>;
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
  const { port } = await server.run();
  const client = clientOf(port);
  return {
    host: HOST,
    port,
    async put(key, body, contentType) {
      await client.send(new PutObjectCommand({ Bucket: BUCKET, Key: key, Body: body, ContentType: contentType }));
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
