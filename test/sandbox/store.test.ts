import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { createRecordings } from '../../src/sandbox/recordings.ts';
import { allOf, readWav } from './audio-files.ts';
import { ask, md5, s3Error, startTestSandbox, type TestSandbox } from './requests.ts';

const ID = 'abcd1234==';
const RECORDINGS = createRecordings();
const MISMATCH = { status: 403, code: 'SignatureDoesNotMatch' };

/** The bytes that an id's recording is to have. */
function bytesOf(id: string): Buffer {
  return allOf(RECORDINGS.get(id, 1));
}

let sandbox: TestSandbox;

beforeEach(async () => {
  sandbox = await startTestSandbox();
});
afterEach(() => sandbox.close());

describe('a signed link', () => {
  test('gives the recording with what a client needs to prove it', async () => {
    const reply = await sandbox.fetch(ID);
    expect(reply).toMatchObject({
      status: 200,
      cut: undefined,
      headers: {
        'content-type': 'audio/wav',
        'content-length': String(reply.body.length),
        etag: `"${reply.md5}"`,
        'accept-ranges': 'bytes',
        'last-modified': 'Thu, 01 Jan 2026 00:00:00 GMT',
      },
    });
    expect(reply.body.equals(bytesOf(ID))).toBe(true);
    expect(reply.headers['content-range']).toBeUndefined();
  });

  test('works as often as one likes until it expires', async () => {
    const link = await sandbox.link(ID, '10');
    sandbox.clock.advance(10 * 60_000 - 1);
    expect((await ask(link)).status).toBe(200);
    sandbox.clock.advance(1);
    expect(s3Error(await ask(link))).toEqual({ status: 403, code: 'AccessDenied', message: 'Request has expired' });
  });

  test.each(['HEAD', 'POST', 'PUT'])('is signed for GET: %s is refused', async (method) => {
    const reply = await ask(await sandbox.link(ID), { method });
    expect(reply.status).toBe(403);
    if (method !== 'HEAD') expect(s3Error(reply)).toMatchObject(MISMATCH);
  });

  test('is no good once it is tampered with', async () => {
    const link = await sandbox.link(ID);
    const tampered = [
      link.replace('abcd1234', 'abcd1235'),
      link.replace('X-Amz-Expires=300', 'X-Amz-Expires=3000'),
      link.replace(/X-Amz-Signature=../, 'X-Amz-Signature=zz'),
      link.replace('/sandbox-1/', '/sandbox-2/'),
      `${link}&x=1`,
      link.replace('127.0.0.1', 'localhost'),
    ];
    for (const other of tampered) {
      expect(other).not.toBe(link);
      const target = other.replace('localhost', '127.0.0.1');
      const reply = await ask(target, { headers: { Host: new URL(other).host } });
      expect(s3Error(reply), other).toMatchObject(MISMATCH);
    }
  });

  test('of another sandbox is no good', async () => {
    const other = await startTestSandbox();
    const link = (await other.link(ID)).replace(new URL(other.baseUrl).host, new URL(sandbox.baseUrl).host);
    await other.close();
    expect(s3Error(await ask(link))).toMatchObject(MISMATCH);
  });

  test('is needed', async () => {
    const { origin, pathname } = new URL(await sandbox.link(ID));
    expect(s3Error(await ask(origin + pathname))).toEqual({ status: 403, code: 'AccessDenied', message: 'Access Denied' });
  });

  test("is refused where the service's key comes along, be it the right one or not", async () => {
    for (const key of [sandbox.apiKey, 'another']) {
      expect(s3Error(await sandbox.fetch(ID, { 'api-key': key }))).toMatchObject({ status: 400, code: 'ApiKeySent' });
    }
  });
});

describe('a range', () => {
  test.each([
    ['bytes=1000-', 1000, undefined],
    ['bytes=0-', 0, undefined],
    ['bytes=10-19', 10, 20],
    ['bytes=-100', -100, undefined],
  ])('%s is answered 206 with those bytes', async (range, start, end) => {
    const whole = bytesOf(ID);
    const part = whole.subarray(start, end);
    const from = start < 0 ? whole.length + start : start;
    const reply = await sandbox.fetch(ID, { Range: range });
    expect(reply.status).toBe(206);
    expect(reply.headers['content-range']).toBe(`bytes ${from}-${from + part.length - 1}/${whole.length}`);
    expect(reply.headers.etag).toBe(`"${md5(whole)}"`);
    expect(reply.body.equals(part)).toBe(true);
  });

  test('past the end is answered 416 with the size', async () => {
    const { length } = bytesOf(ID);
    const reply = await sandbox.fetch(ID, { Range: `bytes=${length}-` });
    expect(s3Error(reply)).toMatchObject({ status: 416, code: 'InvalidRange' });
    expect(reply.headers['content-range']).toBe(`bytes */${length}`);
  });

  test('of several parts is passed over', async () => {
    expect(await sandbox.fetch(ID, { Range: 'bytes=0-1,4-5' })).toMatchObject({ status: 200, md5: md5(bytesOf(ID)) });
  });
});

test('If-Match is honoured, with a range and without', async () => {
  const etag = RECORDINGS.get(ID, 1).etag;
  expect((await sandbox.fetch(ID, { 'If-Match': etag })).status).toBe(200);
  expect((await sandbox.fetch(ID, { 'If-Match': etag, Range: 'bytes=5-' })).status).toBe(206);
  for (const range of [{}, { Range: 'bytes=5-' }]) {
    const reply = await sandbox.fetch(ID, { 'If-Match': '"another"', ...range });
    expect(s3Error(reply)).toMatchObject({ status: 412, code: 'PreconditionFailed' });
  }
});

test('If-None-Match is honoured', async () => {
  const etag = RECORDINGS.get(ID, 1).etag;
  expect(await sandbox.fetch(ID, { 'If-None-Match': etag })).toMatchObject({ status: 304, text: '', headers: { etag } });
  expect((await sandbox.fetch(ID, { 'If-None-Match': '"another"' })).status).toBe(200);
});

describe('the special id', () => {
  test.each(['sandbox-truncated', 'sandbox-reset'])('%s breaks off half-way once, and resumes', async (id) => {
    const whole = bytesOf(id);
    const half = Math.floor(whole.length / 2);
    const link = await sandbox.link(id);
    const first = await ask(link);
    expect(first).toMatchObject({ status: 200, cut: 'ECONNRESET', headers: { 'content-length': String(whole.length) } });
    // A reset throws away what its receiver has not read yet, so that less than the half may come.
    if (id === 'sandbox-truncated') expect(first.body).toHaveLength(half);
    expect(first.body.length).toBeLessThanOrEqual(half);
    const rest = await ask(link, { headers: { Range: `bytes=${first.body.length}-`, 'If-Match': first.headers.etag } });
    expect(rest).toMatchObject({ status: 206, cut: undefined });
    expect(Buffer.concat([first.body, rest.body]).equals(whole)).toBe(true);
  });

  test('sandbox-stalled gives half, and then nothing until the client goes; the rest can be had', async () => {
    const whole = bytesOf('sandbox-stalled');
    const half = Math.floor(whole.length / 2);
    const link = await sandbox.link('sandbox-stalled');
    const enough = new AbortController();
    const first = await ask(link, { signal: enough.signal, onBytes: (bytes) => bytes >= half && enough.abort() });
    expect(first.cut).toBeDefined();
    expect(first.body).toHaveLength(half);
    expect(await ask(link, { headers: { Range: `bytes=${half}-` } })).toMatchObject({ status: 206, md5: md5(whole.subarray(half)) });
  });

  test('sandbox-no-resume breaks off once, and sends everything where a range is asked for', async () => {
    const whole = bytesOf('sandbox-no-resume');
    const first = await sandbox.fetch('sandbox-no-resume');
    expect(first).toMatchObject({ status: 200, cut: 'ECONNRESET' });
    expect(first.headers['accept-ranges']).toBeUndefined();
    const second = await sandbox.fetch('sandbox-no-resume', { Range: `bytes=${first.body.length}-` });
    expect(second).toMatchObject({ status: 200, cut: undefined, md5: md5(whole) });
  });

  test('sandbox-changed breaks off, and is another recording by the time of the resume', async () => {
    const link = await sandbox.link('sandbox-changed');
    const first = await ask(link);
    expect(first).toMatchObject({ status: 200, cut: 'ECONNRESET' });
    const resumed = await ask(link, { headers: { Range: `bytes=${first.body.length}-`, 'If-Match': first.headers.etag } });
    expect(s3Error(resumed)).toMatchObject({ status: 412, code: 'PreconditionFailed' });
    const second = await ask(link);
    expect(second).toMatchObject({ status: 200, cut: undefined, headers: { etag: `"${second.md5}"` } });
    expect(second.headers.etag).not.toBe(first.headers.etag);
    expect(readWav(second.body).title).toBe('sandbox-changed');
  });

  test('sandbox-busy is SlowDown once', async () => {
    expect(s3Error(await sandbox.fetch('sandbox-busy'))).toMatchObject({ status: 503, code: 'SlowDown' });
    expect(await sandbox.fetch('sandbox-busy')).toMatchObject({ status: 200, md5: md5(bytesOf('sandbox-busy')) });
  });

  test('sandbox-wrong-md5 comes with the MD5 of other bytes', async () => {
    const { headers, md5: actual } = await sandbox.fetch('sandbox-wrong-md5');
    expect(headers.etag).toMatch(/^"[0-9a-f]{32}"$/);
    expect(headers.etag).not.toBe(`"${actual}"`);
    expect(headers['x-amz-server-side-encryption']).toBeUndefined();
  });

  test('sandbox-encrypted says why its ETag is no MD5', async () => {
    const { headers, md5: actual } = await sandbox.fetch('sandbox-encrypted');
    expect(headers['x-amz-server-side-encryption']).toBe('aws:kms');
    expect(headers.etag).not.toBe(`"${actual}"`);
  });

  test('sandbox-untyped tells nowhere what it is', async () => {
    const link = await sandbox.link('sandbox-untyped');
    expect(new URL(link).pathname).toMatch(/\/sandbox-untyped$/);
    expect(await ask(link)).toMatchObject({
      status: 200,
      headers: { 'content-type': 'binary/octet-stream' },
      md5: md5(bytesOf('sandbox-untyped')),
    });
  });

  test('sandbox-empty has no bytes', async () => {
    expect(await sandbox.fetch('sandbox-empty')).toMatchObject({ status: 200, text: '', headers: { 'content-length': '0' } });
    expect((await sandbox.fetch('sandbox-empty', { Range: 'bytes=0-' })).status).toBe(416);
  });

  test('sandbox-store-html is a page under the name of a recording', async () => {
    const link = await sandbox.link('sandbox-store-html');
    expect(new URL(link).pathname).toMatch(/\.mp3$/);
    const reply = await ask(link);
    expect(reply).toMatchObject({ status: 200, headers: { 'content-type': 'text/html' } });
    expect(reply.text).toMatch(/^<!DOCTYPE html>/);
  });

  test('sandbox-other-region redirects to a link that is good for as long as the first', async () => {
    const link = await sandbox.link('sandbox-other-region', '10');
    sandbox.clock.advance(4 * 60_000);
    const redirect = await ask(link);
    expect(s3Error(redirect)).toMatchObject({ status: 307, code: 'TemporaryRedirect' });
    const other = redirect.headers.location ?? '';
    expect(new URL(other).pathname).not.toBe(new URL(link).pathname);
    expect(await ask(other)).toMatchObject({ status: 200, md5: md5(bytesOf('sandbox-other-region')) });
    sandbox.clock.advance(6 * 60_000 - 1);
    expect((await ask(other)).status).toBe(200);
    sandbox.clock.advance(1);
    expect((await ask(other)).status).toBe(403);
  });

  test('sandbox-redirect-loop redirects again and again', async () => {
    let link = await sandbox.link('sandbox-redirect-loop');
    for (let hop = 0; hop < 8; hop++) {
      const reply = await ask(link);
      expect(reply.status).toBe(307);
      link = reply.headers.location ?? '';
    }
  });

  test('sandbox-slow takes 5 seconds, evenly', async () => {
    const before = sandbox.clock.elapsed();
    expect(await sandbox.fetch('sandbox-slow')).toMatchObject({ status: 200, md5: md5(bytesOf('sandbox-slow')) });
    expect(sandbox.clock.elapsed() - before).toBe(5000);
    expect(sandbox.clock.sleeps).toEqual(Array.from({ length: 25 }, () => 200));
  });

  test('sandbox-size-<n> is a WAV file of so many bytes, other ones for another id', async () => {
    const [one, two] = [await sandbox.fetch('sandbox-size-300k-1'), await sandbox.fetch('sandbox-size-300k-2')];
    expect(one.body).toHaveLength(300_000);
    expect(readWav(one.body).rate).toBe(8000);
    expect(one.body.equals(two.body)).toBe(false);
    expect(two.body).toHaveLength(300_000);
  });

  test('sandbox-big can be had from its very end without the 100 MB before it', async () => {
    const reply = await sandbox.fetch('sandbox-big', { Range: 'bytes=99999990-' });
    expect(reply.headers['content-range']).toBe('bytes 99999990-99999999/100000000');
    expect(reply.body).toHaveLength(10);
  });
});
