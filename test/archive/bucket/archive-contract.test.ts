import { afterAll, beforeAll } from 'vitest';
import { isPiece } from '../../../src/archive/bucket/piece-names.ts';
import { type Bucket, startBucket } from '../../helpers/bucket.ts';
import { BUCKET } from '../../helpers/s3-server.ts';
import { archiveContract } from '../contract.ts';

let bucket: Bucket;
beforeAll(async () => {
  bucket = await startBucket();
});
afterAll(() => bucket[Symbol.asyncDispose]());

archiveContract('a bucket', async () => {
  const { address, prefix } = bucket.place();
  const { server } = bucket;
  const keyOf = (file: string) => (file === 'failed.txt' ? `${prefix}failed.txt` : file.slice(`s3://${BUCKET}/`.length));
  return {
    open: async (options, now) => (await bucket.home(address, now)).open(options ?? {}),
    read: async (file) => (await server.get(keyOf(file))) ?? Promise.reject(new Error(`${file} is not there`)),
    write: async (file, bytes) => server.put(keyOf(file), bytes),
    remove: (file) => server.remove(keyOf(file)),
    names: async () => (await server.keys(prefix)).map((key) => key.slice(prefix.length)).filter((file) => !isPiece(file)),
    failedList: async () => (await server.get(`${prefix}failed.txt`))?.toString(),
    writeFailedList: (text) => server.put(`${prefix}failed.txt`, Buffer.from(text)),
  };
});
