import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Archive } from '../../../src/archive/archive.ts';
import { RecordingError } from '../../../src/errors.ts';
import type { ListRow } from '../../../src/list/list-row.ts';
import { type Bucket, startBucket } from '../../helpers/bucket.ts';
import { put } from '../contract.ts';

let bucket: Bucket;
beforeAll(async () => {
  bucket = await startBucket();
});
afterAll(() => bucket[Symbol.asyncDispose]());

const network = new RecordingError('NETWORK', 'No connection.', { hint: 'Try again.' });

const rowOf = (id: string): ListRow => ({ id, line: 1, raw: id });

/** A place in the bucket of a test's own, and runs over it: each knows what lay there when it was opened. */
function makePlace() {
  const { address, prefix } = bucket.place();
  return {
    failedList: async () => (await bucket.server.get(`${prefix}failed.txt`))?.toString(),
    writeFailedList: (text: string) => bucket.server.put(`${prefix}failed.txt`, Buffer.from(text)),
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

  it('wait longer each time where another stores the same recording', async () => {
    const place = makePlace();
    const refusedAt: number[] = [];
    bucket.front.rules.push(({ operation, headers }) => {
      if (operation !== 'PutObject' || headers['x-amz-meta-id'] !== 'slow' || refusedAt.length === 6) return undefined;
      refusedAt.push(performance.now());
      return { status: 409, code: 'ConditionalRequestConflict' };
    });
    const run = await place.open();
    await put(run, rowOf('slow'));
    await run.close();
    // Each wait is half as long at least as what doubles from 50 ms on; a try may take two requests.
    expect((refusedAt[5] ?? 0) - (refusedAt[0] ?? 0)).toBeGreaterThan(25 + 50);
    expect(await place.names()).toEqual(['slow.mp3']);
  });

  it('list the rows that failed in both', async () => {
    const place = makePlace();
    const [one, other] = [await place.open(), await place.open()];
    await one.refuse(rowOf('a'), network, 1);
    await one.listFailed();
    await one.close();
    await other.refuse(rowOf('b'), network, 1);
    await other.listFailed();
    await other.close();
    // Both have begun at the same moment, so that either's rows may come first.
    expect((await place.failedList())?.split('\n').sort()).toEqual(['', 'a', 'b']);
  });

  it('keep the list of another where no row of theirs failed', async () => {
    const place = makePlace();
    const [one, other] = [await place.open(), await place.open()];
    await one.refuse(rowOf('a'), network, 1);
    await one.listFailed();
    await one.close();
    await put(other, rowOf('b'));
    await other.listFailed();
    await other.close();
    expect(await place.failedList()).toBe('a\n');
  });

  it('touch no list that none of them has written', async () => {
    const place = makePlace();
    await place.writeFailedList('My own notes.\n');
    const run = await place.open();
    await run.refuse(rowOf('a'), network, 1);
    await expect(run.listFailed()).rejects.toMatchObject({ code: 'FILE_EXISTS' });
    await run.close();
    expect(await place.failedList()).toBe('My own notes.\n');
  });
});
