import nock from 'nock';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { storeTransport } from '../../src/http/store.ts';
import { calm, readAll } from './servers.ts';

// An https server of our own would need a certificate that this process trusts, hence the stubs: what is at stake is only which address is asked next.
const get = storeTransport({ timeoutMs: 5000, stallTimeoutMs: 5000, localAllowed: false });

beforeAll(() => nock.disableNetConnect());

afterEach(() => {
  const uncalled = nock.pendingMocks();
  nock.cleanAll();
  expect(uncalled).toEqual([]);
});

afterAll(() => {
  nock.enableNetConnect();
  nock.restore();
});

test('never follows a redirect from https down to http', async () => {
  nock('https://store.example').get('/k').reply(302, '', { location: 'http://store.example/k?X-Amz-Signature=0a1b' });
  const error = await get(new URL('https://store.example/k'), undefined, calm).catch((caught) => caught);
  expect(error).toMatchObject({ code: 'UNEXPECTED_RESPONSE', message: expect.stringContaining('plain http') });
  expect(`${error.message} ${error.hint}`).not.toContain('0a1b');
});

test("goes on by https where one of Amazon's hosts names another by http", async () => {
  nock('https://b.s3.amazonaws.com').get('/k').reply(307, '', { location: 'http://b.s3.eu-west-1.amazonaws.com/k?X-Amz-Signature=0' });
  nock('https://b.s3.eu-west-1.amazonaws.com').get('/k?X-Amz-Signature=0').reply(200, 'RIFF');
  expect(await readAll(await get(new URL('https://b.s3.amazonaws.com/k'), undefined, calm))).toBe('RIFF');
});

test('goes up from http to https', async () => {
  nock('http://store.example').get('/k').reply(301, '', { location: 'https://store.example/k' });
  nock('https://store.example').get('/k').reply(200, 'RIFF');
  expect(await readAll(await get(new URL('http://store.example/k'), undefined, calm))).toBe('RIFF');
});
