import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Archive } from '../../../src/archive/archive.ts';
import type { ListRow } from '../../../src/list/list-row.ts';
import { type Bucket, startBucket } from '../../helpers/bucket.ts';
import { put } from '../contract.ts';

let bucket: Bucket;
beforeAll(async () => {
  bucket = await startBucket();
});
afterAll(() => bucket[Symbol.asyncDispose]());

const rowOf = (id: string): ListRow => ({ id, line: 1, raw: id });

/** A place in the bucket of a test's own, and runs over it: each knows what lay there when it was opened. */
function makePlace() {
  const { address, prefix } = bucket.place();
  return {
    open: async (): Promise<Archive> => (await bucket.home(address)).open({}),
    names: async () => (await bucket.server.keys(prefix)).map((key) => key.slice(prefix.length)).filter((name) => !name.includes('/')),
  };
}

describe('runs that are at work in one bucket at once', () => {
  it('leave nothing unrecorded where names differ in letter case alone and one of them is killed', async () => {
    const place = makePlace();
    const [run, killed] = [await place.open(), await place.open()];
    await put(run, rowOf('abc'));
    const stored = await put(killed, rowOf('ABC'));
    await run.close();
    const next = await place.open();
    expect(await next.know('ABC', { checksum: false })).toMatchObject({ status: 'saved', recording: { file: stored.file } });
    await next.close();
    expect(await place.names()).toEqual(['ABC.mp3', 'abc.mp3']);
  });
});
