import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { PART_BYTES } from '../../../src/archive/bucket/part-buffers.ts';
import { type Bucket, startBucket } from '../../helpers/bucket.ts';

let bucket: Bucket;
beforeEach(async () => {
  bucket = await startBucket();
});
afterEach(() => bucket[Symbol.asyncDispose]());

describe('a recording in parts whose run is stopped', () => {
  it('is thrown away at once, though the store takes no part any more', async () => {
    const { front } = bucket;
    front.rules.push(({ operation }) => (operation === 'UploadPart' ? new Promise<void>(() => {}) : undefined));
    const { address } = bucket.place();
    const stop = new AbortController();
    const archive = await (await bucket.home(address)).open({ signal: stop.signal });
    const draft = await archive.open({ id: 'big', line: 1, raw: 'big' });
    await draft.restart(undefined);
    await draft.write(Buffer.alloc(2 * PART_BYTES));
    const writing = Promise.resolve(draft.write(Buffer.alloc(PART_BYTES + 1)));
    const reason = new Error('stopped');
    const cut = expect(writing).rejects.toBe(reason);
    await expect.poll(() => front.count('UploadPart')).toBe(2);
    stop.abort(reason);
    await cut;
    await draft.keep();
    expect(front.openUploads).toEqual([]);
    await archive.close();
  });
});
