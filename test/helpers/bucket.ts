import { randomUUID } from 'node:crypto';
import type { ArchiveHome } from '../../src/archive/archive.ts';
import { archiveAt } from '../../src/archive/archive-at.ts';
import type { BucketOptions } from '../../src/archive/bucket/options.ts';
import { createRedactor } from '../../src/redact.ts';
import { systemClock } from '../../src/system.ts';
import { BucketFront } from './bucket-front.ts';
import { BUCKET, S3_ACCOUNT, type S3Server, startS3Server } from './s3-server.ts';
import { testSystem } from './test-system.ts';

/** A real S3 server, and one of ours before it. */
export interface Bucket extends AsyncDisposable {
  server: S3Server;
  front: BucketFront;
  /** The environment of a run that is to find it. */
  env: Record<string, string>;
  /** The address of a place in it that nobody else has. */
  place(): { address: string; prefix: string };
  /** The home of an archive, as a run has it that begins at `now`. */
  home(address: string, now?: number, options?: BucketOptions): Promise<ArchiveHome>;
}

/** Starts a {@link Bucket}. The SDK looks for its credentials in the process's own environment, which gets those of the server. */
export async function startBucket(): Promise<Bucket> {
  const server = await startS3Server();
  const front = await BucketFront.start(server);
  Object.assign(process.env, S3_ACCOUNT);
  const env = { ...S3_ACCOUNT, AWS_ENDPOINT_URL_S3: front.endpoint, AWS_REGION: 'us-east-1' };
  return {
    server,
    front,
    env,
    place() {
      const prefix = `${randomUUID().slice(0, 8)}/calls/`;
      return { prefix, address: `s3://${BUCKET}/${prefix}` };
    },
    home(address, now, options) {
      const system = testSystem({ env, manualClock: true, ...(now !== undefined && { now }) });
      const waits = system.sleep;
      // Half a minute goes by only where a test says so; between two tries it waits as it does.
      system.sleep = (ms, signal) => (ms < 10_000 ? systemClock.sleep(ms, signal) : waits.call(system, ms, signal));
      return archiveAt(address, { system, redactor: createRedactor() }, options);
    },
    async [Symbol.asyncDispose]() {
      await front.close();
      await server.close();
    },
  };
}
