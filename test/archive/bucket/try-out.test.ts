import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type Bucket, startBucket } from '../../helpers/bucket.ts';

let bucket: Bucket;
beforeEach(async () => {
  bucket = await startBucket();
});
afterEach(() => bucket[Symbol.asyncDispose]());

describe('trying out a bucket', () => {
  it('leaves nothing there', async () => {
    const home = await bucket.home(bucket.place().address);
    await home.tryOut();
    expect(bucket.front.openUploads).toEqual([]);
    expect(await bucket.server.keys()).toEqual([]);
  });

  it('takes an upload that is gone for thrown away: the answer to the request that did it was lost', async () => {
    bucket.front.rules.push(({ operation, nth }) => (operation === 'AbortMultipartUpload' && nth === 1 ? 'reset-after' : undefined));
    const home = await bucket.home(bucket.place().address);
    await home.tryOut();
    expect(bucket.front.count('AbortMultipartUpload')).toBe(2);
    expect(bucket.front.openUploads).toEqual([]);
  });

  it('fails where an upload may be begun and not thrown away', async () => {
    bucket.front.rules.push(({ operation }) => (operation === 'AbortMultipartUpload' ? { status: 403, code: 'AccessDenied' } : undefined));
    const home = await bucket.home(bucket.place().address);
    await expect(home.tryOut()).rejects.toMatchObject({ code: 'BUCKET' });
  });
});
