import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { RecordingError } from '../../../src/errors.ts';
import { type Bucket, startBucket } from '../../helpers/bucket.ts';

let bucket: Bucket;
beforeEach(async () => {
  bucket = await startBucket();
});
afterEach(() => bucket[Symbol.asyncDispose]());

const network = new RecordingError('NETWORK', 'No connection.', { hint: 'Try again.' });

describe('a manifest in a bucket', () => {
  it('has what was added while its piece was stored by a request whose answer was lost', async () => {
    const { address, prefix } = bucket.place();
    let isLost = true;
    bucket.front.rules.push(({ operation }) => (isLost && operation === 'PutObject' ? 'reset-after' : undefined));
    const archive = await (await bucket.home(address, undefined, { retries: 0 })).open({});
    await archive.refuse({ id: 'one', line: 1, raw: 'one' }, network, 1);
    const flushed = expect(archive.flush()).rejects.toMatchObject({ code: 'BUCKET' });
    await archive.refuse({ id: 'two', line: 2, raw: 'two' }, network, 1);
    await flushed;
    isLost = false;
    await archive.close();
    const [piece = ''] = await bucket.server.keys(prefix);
    const lines = `${await bucket.server.get(piece)}`.trimEnd().split('\n');
    expect(lines.map((line) => JSON.parse(line).id)).toEqual(['one', 'two']);
  });
});
