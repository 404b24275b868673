import { createHash } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { openStore } from '../../../src/archive/bucket/bucket-home.ts';
import type { ObjectStore } from '../../../src/archive/bucket/object-store.ts';
import type { Over } from '../../../src/archive/bucket/objects.ts';
import { createRedactor } from '../../../src/redact.ts';
import { type Bucket, startBucket } from '../../helpers/bucket.ts';
import { BUCKET } from '../../helpers/s3-server.ts';
import { testSystem } from '../../helpers/test-system.ts';

let bucket: Bucket;
beforeAll(async () => {
  bucket = await startBucket();
});
afterAll(async () => {
  await bucket[Symbol.asyncDispose]();
});

/** A store that has stored one object, as the SDK does it. */
async function warmStore(): Promise<{ store: ObjectStore; prefix: string }> {
  const { prefix } = bucket.place();
  const options = { storageClass: 'STANDARD_IA', sse: 'aws:kms', kmsKeyId: 'a-key' } as const;
  const { store } = await openStore(`s3://${BUCKET}/`, { system: testSystem({ env: bucket.env }), redactor: createRedactor() }, options);
  await put(store, `${prefix}first`, 'first');
  return { store, prefix };
}

function put(store: ObjectStore, key: string, text: string, over: Over = 'absent') {
  const body = Buffer.from(text);
  const sha256 = createHash('sha256').update(body).digest('base64');
  return store.put(key, body, sha256, over, { contentType: 'audio/wav', metadata: { id: '%C3%A4 b' }, isRecording: true });
}

function sentTo(key: string) {
  return bucket.front.requests.filter((request) => request.key === key);
}

/** Whether the SDK made it in full: it counts its tries in a header. */
const isOfSdk = ({ headers }: { headers: object }) => 'amz-sdk-request' in headers;

describe('an object that is stored after another one', () => {
  test.each(['plain.wav', "a b+c=!'()*~.wav", 'Gespräch 電話/%41.wav'])('is signed and named as the SDK does it: %s', async (name) => {
    const { store, prefix } = await warmStore();
    expect(await put(store, prefix + name, 'bytes')).toMatchObject({ etag: expect.any(String) });
    expect(sentTo(prefix + name).map(isOfSdk)).toEqual([false]);
    expect(String(await bucket.server.get(prefix + name))).toBe('bytes');
    const [first] = sentTo(`${prefix}first`);
    const [second] = sentTo(prefix + name);
    const names = (headers: object) =>
      Object.keys(headers).filter((header) => !header.startsWith('amz-sdk-') && header !== 'accept-encoding');
    expect(names(second?.headers ?? {}).sort()).toEqual(names(first?.headers ?? {}).sort());
    for (const header of [
      'content-type',
      'x-amz-storage-class',
      'x-amz-meta-id',
      'user-agent',
      'x-amz-server-side-encryption-aws-kms-key-id',
    ])
      expect(second?.headers[header]).toBe(first?.headers[header]);
  });

  test('goes over nothing that stands there', async () => {
    const { store, prefix } = await warmStore();
    await put(store, `${prefix}one`, 'bytes');
    expect(await put(store, `${prefix}one`, 'others')).toBe('taken');
    expect(String(await bucket.server.get(`${prefix}one`))).toBe('bytes');
    expect(await put(store, `${prefix}one`, 'others', 'anything')).toMatchObject({ etag: expect.any(String) });
    expect(String(await bucket.server.get(`${prefix}one`))).toBe('others');
  });

  test.each([{ status: 500, code: 'InternalError' }, 'reset' as const])('is the SDK’s where the store fails: %o', async (fault) => {
    const { store, prefix } = await warmStore();
    const rule = ({ key, headers }: { key: string; headers: object }) => (key.endsWith('two') && !isOfSdk({ headers }) ? fault : undefined);
    bucket.front.rules.push(rule);
    expect(await put(store, `${prefix}two`, 'bytes')).toMatchObject({ etag: expect.any(String) });
    expect(sentTo(`${prefix}two`).map(isOfSdk)).toEqual([false, true]);
    bucket.front.rules.splice(bucket.front.rules.indexOf(rule), 1);
  });
});
