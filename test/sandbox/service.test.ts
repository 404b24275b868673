import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { ask, type Reply, startTestSandbox, type TestSandbox } from './requests.ts';

let sandbox: TestSandbox;

beforeEach(async () => {
  sandbox = await startTestSandbox();
});
afterEach(() => sandbox.close());

/** What a failure in the documented form says. It is not JSON: the parts are found by their look. */
function failure(reply: Reply): { status: number; message: string | undefined; error: unknown } {
  expect(() => JSON.parse(reply.text), 'a failure is not JSON').toThrow();
  const [, message] = /^ {2}"message": "(.*)",$/m.exec(reply.text) ?? [];
  const [, error = ''] = /"error": (\{[^}]*\})\s*\}\s*$/.exec(reply.text) ?? [];
  return { status: reply.status, message, error: JSON.parse(error) };
}

const INVALID = { status: 400, message: 'Invalid Id', error: { id: 'Invalid id' } };
const BAD_KEY = { status: 401, message: 'Unauthorized', error: { 'api-key': 'Invalid api-key' } };
const RATE_LIMITED = { status: 429, message: 'Too Many Requests', error: { limit: 'Rate limit reached' } };

describe('the documented request', () => {
  test('is answered with the documented JSON', async () => {
    const reply = await sandbox.post('abcd1234==');
    expect(reply.status).toBe(200);
    expect(reply.headers['content-type']).toBe('application/json');
    expect(JSON.parse(reply.text)).toEqual({
      code: 'RBC3XXX',
      message: 'Request successfully executed!',
      data: { link: expect.stringMatching(/^http:\/\/127\.0\.0\.1:\d+\/store\/.*\/abcd1234%3D%3D\.wav\?X-Amz-Algorithm=/) },
      error: {},
    });
  });

  test('with download=1 is answered 301 with the link and no body', async () => {
    const reply = await sandbox.post('abcd1234==', { download: '1' });
    expect(reply).toMatchObject({ status: 301, text: '', headers: { location: expect.stringContaining('X-Amz-Signature=') } });
    expect((await ask(reply.headers.location ?? '')).status).toBe(200);
  });

  test('can be a GET with everything in the query', async () => {
    const reply = await sandbox.get({ id: 'abcd1234==', validity: '5', download: '0' });
    expect(JSON.parse(reply.text).data.link).toBe(await sandbox.link('abcd1234=='));
  });

  test('may name the id in the query alone or in the form alone', async () => {
    const endpoint = `${sandbox.baseUrl}/${sandbox.sid}/voice/recordings`;
    const headers = { 'api-key': sandbox.apiKey, 'Content-Type': 'application/x-www-form-urlencoded; charset=UTF-8' };
    const byQuery = await ask(`${endpoint}?id=a%2Bb`, { method: 'POST', headers });
    const byForm = await ask(endpoint, { method: 'POST', headers, body: 'id=a%2Bb' });
    expect(byQuery.text).toContain('/a%2Bb.');
    expect(byForm.text).toBe(byQuery.text);
  });

  test.each(['+/=&é ', 'a%2Fb', '..', '../../etc/passwd', 'x\n"y"', '😀'])('takes the id %j as it left', async (id) => {
    const link = new URL(await sandbox.link(id));
    expect(decodeURIComponent(link.pathname.split('/').at(-1) ?? '').replace(/\.\w+$/, '')).toBe(id);
    expect((await ask(link.href)).status).toBe(200);
  });

  test.each([
    [{}, '300'],
    [{ validity: '1' }, '60'],
    [{ validity: '60' }, '3600'],
    [{ validity: '10080' }, '604800'],
  ])('with %j makes a link that is valid for %s seconds', async (parameters, seconds) => {
    const { data } = JSON.parse((await sandbox.post('a', parameters)).text);
    expect(new URL(data.link).searchParams.get('X-Amz-Expires')).toBe(seconds);
  });
});

describe('a failure', () => {
  test("is printed as on the documentation's page", async () => {
    const reply = await sandbox.post('sandbox-invalid-abcd1234==');
    expect(reply.status).toBe(400);
    expect(reply.text).toBe(`{
  "code": "RBC31XX",
  "message": "Invalid Id",
  "data": [
    "id" : "sandbox-invalid-abcd1234==",
    "validity" : "5",
    "download" : "0"
  ],
    "error": {
      "id": "Invalid id"
  }
}
`);
  });

  test.each(['0', '-5', '5.5', 'ten', '', '10081', '99999999999', ' 5'])('comes of the validity %j', async (validity) => {
    const error = { validity: 'Not a number of minutes from 1 to 10080' };
    expect(failure(await sandbox.post('a', { validity }))).toEqual({ status: 400, message: 'Invalid validity', error });
  });

  test.each(['2', '', 'true'])('comes of download=%j', async (download) => {
    const error = { download: 'Neither 0 nor 1' };
    expect(failure(await sandbox.post('a', { download }))).toEqual({ status: 400, message: 'Invalid download', error });
  });

  test('comes of no id', async () => {
    expect(failure(await sandbox.get({}))).toEqual({ status: 400, message: 'Invalid Id', error: { id: 'Missing id' } });
  });

  test('comes of an id that is another in the query than in the form, as after encoding one of them twice', async () => {
    const error = { id: 'The query and the form differ in id' };
    expect(failure(await sandbox.post('a==', { id: 'a%3D%3D' }))).toEqual({ status: 400, message: 'Invalid Id', error });
  });

  test.each([undefined, '', 'A0123456789abcdef0123456789abcdef', 'KEY'])('comes of the key %j', async (key) => {
    const given = key === 'KEY' ? sandbox.apiKey.toUpperCase() : key;
    const url = `${sandbox.baseUrl}/${sandbox.sid}/voice/recordings?id=a`;
    expect(failure(await ask(url, { headers: given === undefined ? {} : { 'api-key': given } }))).toEqual(BAD_KEY);
  });

  test('comes of another SID', async () => {
    const reply = await ask(`${sandbox.baseUrl}/HXIN1707324291IN/voice/recordings?id=a`, { headers: { 'api-key': sandbox.apiKey } });
    expect(failure(reply)).toEqual({ status: 401, message: 'Unauthorized', error: { sid: 'Invalid sid' } });
  });

  test('comes of a body that is no form', async () => {
    const reply = await sandbox.post('a', {}, { 'Content-Type': 'application/json' });
    expect(failure(reply).status).toBe(415);
  });

  test('comes of a body that is too large, and the next request is fine', async () => {
    expect(failure(await sandbox.post('a', { padding: 'x'.repeat(1_000_000) })).status).toBe(413);
    expect((await sandbox.post('a')).status).toBe(200);
  });

  test.each(['PUT', 'DELETE', 'PATCH'])('comes of the method %s', async (method) => {
    const url = `${sandbox.baseUrl}/${sandbox.sid}/voice/recordings?id=a`;
    const reply = await ask(url, { method, headers: { 'api-key': sandbox.apiKey } });
    expect(failure(reply).status).toBe(405);
    expect(reply.headers.allow).toBe('GET, POST');
  });
});

describe('the special id', () => {
  test.each([
    ['sandbox-invalid', INVALID],
    ['sandbox-expired', { status: 400, message: 'Id Expired', error: { id: 'Id Expired' } }],
    ['sandbox-failure-200', { ...INVALID, status: 200 }],
    ['sandbox-denied', BAD_KEY],
    ['sandbox-forbidden', { status: 403, message: 'Forbidden', error: { ip: 'IP address not allowed' } }],
    ['sandbox-size-huge', INVALID],
  ])('%s fails as documented, every time, by POST and GET', async (id, expected) => {
    expect(failure(await sandbox.post(id))).toEqual(expected);
    expect(failure(await sandbox.get({ id, download: '1' }))).toEqual(expected);
  });

  test('sandbox-rate-limited is refused twice, each id by itself, with the seconds to wait', async () => {
    const first = await sandbox.post('sandbox-rate-limited');
    expect(failure(first)).toEqual(RATE_LIMITED);
    expect(first.headers['retry-after']).toBe('1');
    expect(failure(await sandbox.post('sandbox-rate-limited'))).toEqual(RATE_LIMITED);
    expect((await sandbox.post('sandbox-rate-limited')).status).toBe(200);
    expect(failure(await sandbox.post('sandbox-rate-limited-2'))).toEqual(RATE_LIMITED);
  });

  test('sandbox-down is never there, sandbox-flaky is from the second time on', async () => {
    const statuses = async (id: string) => [
      (await sandbox.post(id)).status,
      (await sandbox.post(id)).status,
      (await sandbox.post(id)).status,
    ];
    expect(await statuses('sandbox-down')).toEqual([503, 503, 503]);
    expect(await statuses('sandbox-flaky')).toEqual([503, 200, 200]);
  });

  test('sandbox-html is a page under status 200', async () => {
    const reply = await sandbox.post('sandbox-html');
    expect(reply).toMatchObject({ status: 200, headers: { 'content-type': 'text/html' } });
    expect(reply.text).toMatch(/^<!DOCTYPE html>/);
  });

  test('sandbox-no-link succeeds without a link, in JSON and as a redirect', async () => {
    expect(JSON.parse((await sandbox.post('sandbox-no-link')).text)).toMatchObject({ code: 'RBC3XXX', data: {}, error: {} });
    const redirect = await sandbox.post('sandbox-no-link', { download: '1' });
    expect(redirect.status).toBe(301);
    expect(redirect.headers.location).toBeUndefined();
  });

  test('sandbox-endless goes on until the client has had enough', async () => {
    const enough = new AbortController();
    const reply = await ask(`${sandbox.baseUrl}/${sandbox.sid}/voice/recordings?id=sandbox-endless`, {
      headers: { 'api-key': sandbox.apiKey },
      signal: enough.signal,
      onBytes: (bytes) => bytes > 2_000_000 && enough.abort(),
    });
    expect(reply.cut).toBeDefined();
    expect(reply.text).toMatch(/^\{"code": "RBC3XXX", "message": "and so on /);
    await expect.poll(() => sandbox.lines).toEqual([expect.stringMatching(/id=sandbox-endless 200 \(cut off\)$/)]);
  });

  test('sandbox-silent says nothing until the client goes', async () => {
    const enough = new AbortController();
    const reply = ask(`${sandbox.baseUrl}/${sandbox.sid}/voice/recordings?id=sandbox-silent`, {
      headers: { 'api-key': sandbox.apiKey },
      signal: enough.signal,
    });
    const given = expect(reply).rejects.toMatchObject({ name: 'AbortError' });
    expect((await sandbox.post('another')).status).toBe(200);
    enough.abort();
    await given;
    await expect.poll(() => sandbox.lines.at(-1)).toMatch(/id=sandbox-silent no answer \(cut off\)$/);
  });

  test('sandbox-get-only can be had by GET alone', async () => {
    expect(await sandbox.post('sandbox-get-only')).toMatchObject({ status: 405, headers: { allow: 'GET' } });
    expect((await sandbox.get({ id: 'sandbox-get-only' })).status).toBe(200);
    expect((await sandbox.post('sandbox-get-only')).status).toBe(405);
  });

  test('sandbox-rbc618 does not know a POST, and sandbox-no-route no method at all', async () => {
    const unknown = { status: 400, text: expect.stringContaining('"RBC618"') };
    expect(await sandbox.post('sandbox-rbc618')).toMatchObject(unknown);
    expect((await sandbox.get({ id: 'sandbox-rbc618' })).status).toBe(200);
    expect(await sandbox.post('sandbox-no-route')).toMatchObject(unknown);
    expect(await sandbox.get({ id: 'sandbox-no-route' })).toMatchObject(unknown);
  });

  test('sandbox-throttled and sandbox-gateway fail once', async () => {
    expect(await sandbox.post('sandbox-throttled')).toMatchObject({ status: 403, headers: { 'retry-after': '1' } });
    expect((await sandbox.post('sandbox-throttled')).status).toBe(200);
    expect((await sandbox.post('sandbox-gateway')).status).toBe(520);
    expect((await sandbox.post('sandbox-gateway')).status).toBe(200);
  });

  test('sandbox-gzip is answered with the link, compressed', async () => {
    expect((await sandbox.post('sandbox-gzip')).headers).toMatchObject({ 'content-encoding': 'gzip', 'content-type': 'application/json' });
  });

  test('sandbox-link-early gives a link that is not valid yet, then a good one', async () => {
    const early = await sandbox.link('sandbox-link-early');
    expect(await ask(early)).toMatchObject({ status: 403, text: expect.stringContaining('Request is not yet valid') });
    expect((await sandbox.fetch('sandbox-link-early')).status).toBe(200);
  });

  test('sandbox-link-expired gives a link that is over, then a good one', async () => {
    const over = await sandbox.link('sandbox-link-expired', '10080');
    expect(await ask(over)).toMatchObject({ status: 403, text: expect.stringContaining('Request has expired') });
    expect((await sandbox.fetch('sandbox-link-expired')).status).toBe(200);
  });
});
