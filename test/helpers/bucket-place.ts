import { expect } from 'vitest';
import type { ManifestLine } from '../../src/archive/manifest-line.ts';
import { type Bucket, startBucket } from './bucket.ts';
import { secretsIn } from './secrets.ts';
import type { Tool } from './tool-test.ts';

/** For runs in which silence is not the fault: the store is in the test's own process, and on a busy machine half a minute is soon gone. */
export const PATIENT = ['--timeout', '600'];

/** The archive of one test, and the bucket that it lies in, which is the test's own. Files are named below the archive's prefix. */
export interface BucketPlace {
  bucket: Bucket;
  address: string;
  /** The names of all that lies there, those of the manifest's pieces apart. */
  files(): Promise<string[]>;
  pieces(): Promise<string[]>;
  /** The manifest as one, in the order of its pieces. */
  lines(): Promise<ManifestLine[]>;
  read(file: string): Promise<Buffer | undefined>;
  write(file: string, content: string | Uint8Array, metadata?: Record<string, string>): Promise<void>;
  key(file: string): string;
}

/** Hands a test a {@link BucketPlace} that its tool finds by its environment, and takes it down when the test is over. */
export async function useBucketPlace(tool: Tool, use: (place: BucketPlace) => Promise<void>): Promise<void> {
  const bucket = await startBucket();
  const { address, prefix } = bucket.place();
  Object.assign(tool.env, bucket.env);
  const names = async () => (await bucket.server.keys(prefix)).map((key) => key.slice(prefix.length));
  const pieces = async () => (await names()).filter((name) => name.startsWith('manifest/'));
  const read = (file: string) => bucket.server.get(prefix + file);
  await use({
    bucket,
    address,
    files: async () => (await names()).filter((name) => !name.startsWith('manifest/')),
    pieces,
    async lines() {
      const texts = await Promise.all((await pieces()).map(read));
      return texts.flatMap((text) => `${text ?? ''}`.split('\n').slice(0, -1)).map((line) => JSON.parse(line) as ManifestLine);
    },
    read,
    write: (file, content, metadata) => bucket.server.put(prefix + file, Buffer.from(content), undefined, metadata),
    key: (file) => prefix + file,
  });
  // What is stored is written, too: names, bodies and metadata may hold neither the key nor a signature.
  for (const key of await bucket.server.keys(prefix)) {
    const stored = [Buffer.from(key), await bucket.server.get(key), Buffer.from(JSON.stringify(await bucket.server.metadata(key)) ?? '')];
    expect(
      stored.flatMap((bytes) => (bytes === undefined ? [] : secretsIn(bytes, tool.secrets))),
      `secrets in ${key}`,
    ).toEqual([]);
  }
  await bucket[Symbol.asyncDispose]();
}
