import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import nock from 'nock';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { RecordingError } from '../../src/errors.ts';
import { ANSWER_LIMIT, type ServiceRequest, serviceTransport } from '../../src/http/service.ts';
import { type AskLink, type Method, recordingsClient } from '../../src/recordings/client.ts';
import { createPace, type Pace } from '../../src/retry/pace.ts';
import { testSystem } from '../helpers/test-system.ts';

const HOST = 'https://api.kaleyra.io';
const SID = 'HXIN1707324291IN';
const PATH = `/v1/${SID}/voice/recordings`;
const KEY = 'A0123456789abcdef0123456789abcdef';
const LINK = 'https://b.s3.eu-west-1.amazonaws.com/k.mp3?X-Amz-Date=20260102T030405Z&X-Amz-Expires=300&X-Amz-Signature=0a1b';
const signal = new AbortController().signal;

beforeAll(() => nock.disableNetConnect());

afterEach(() => {
  // A stub nobody called fails the test.
  const uncalled = nock.pendingMocks();
  nock.cleanAll();
  expect(uncalled).toEqual([]);
});

afterAll(() => {
  nock.enableNetConnect();
  nock.restore();
});

function client({ method, baseUrl = `${HOST}/v1`, now = Date.UTC(2026, 0, 2, 3, 4, 5) }: Partial<Settings> = {}): AskLink {
  const clock = testSystem({ now });
  return recordingsClient({
    baseUrl: new URL(baseUrl),
    sid: SID,
    transport: serviceTransport({ baseUrl: new URL(baseUrl), apiKey: KEY, timeoutMs: 5000 }),
    pace: createPace(clock),
    now: clock.now,
    ...(method === undefined ? {} : { method }),
  });
}

interface Settings {
  method: Method;
  baseUrl: string;
  now: number;
}

function fixture(name: string): string {
  return readFileSync(new URL(`../fixtures/responses/${name}`, import.meta.url), 'utf8');
}

const success = { code: 'RBC3000', message: 'Request successfully executed!', data: { link: LINK }, error: {} };

/** Expects one POST, the documented way, and answers it; gives what came, byte for byte. */
function onPost(status: number, body: string | object, headers: Record<string, string> = {}) {
  const seen: { target: string; form: string; headers: Record<string, unknown> } = { target: '', form: '', headers: {} };
  nock(HOST)
    .post(PATH)
    .query(true)
    .reply(function (target, form) {
      Object.assign(seen, { target, form, headers: this.req.headers });
      return [status, body, headers];
    });
  return seen;
}

async function failure(asking: Promise<unknown>): Promise<RecordingError> {
  const caught = await asking.catch((error) => error);
  if (!(caught instanceof RecordingError)) throw new Error(`no RecordingError but ${caught}`);
  return caught;
}

describe('recordingsClient, the documented POST', () => {
  test('sends the id in the query and in the form, validity and download as given, the key in its header', async () => {
    const seen = onPost(200, success);
    const link = await client()({ id: '1abc8agiu587==', wants: 'link', validityMinutes: 60, signal });
    expect(seen).toMatchObject({
      target: `${PATH}?id=1abc8agiu587%3D%3D`,
      form: 'id=1abc8agiu587%3D%3D&validity=60&download=0',
      headers: { 'api-key': KEY, 'content-type': 'application/x-www-form-urlencoded' },
    });
    expect(link.url.href).toBe(LINK);
  });

  test('leaves validity out where nobody asks for one, and asks for the redirect with download=1', async () => {
    const seen = onPost(301, '', { location: LINK });
    const link = await client()({ id: 'x', wants: 'redirect', signal });
    expect(seen.form).toBe('id=x&download=1');
    expect(link).toEqual({ url: new URL(LINK), validityMinutes: 5, expiresAt: Date.UTC(2026, 0, 2, 3, 9, 5) });
  });

  test.each(['a+b', 'a/b', 'a=b==', 'a&download=1', 'é', 'a b', ' a ', '%2B', '?#', '../../x', "!'()*~", '漢字🎧', 'a\tb', '"<>'])(
    'carries the id %j to the service as it is, in the query and in the form',
    async (id) => {
      const seen = onPost(200, success);
      await client()({ id, wants: 'link', signal });
      expect(seen.target.startsWith(`${PATH}?`)).toBe(true);
      expect([...new URLSearchParams(seen.target.slice(PATH.length))]).toEqual([['id', id]]);
      expect([...new URLSearchParams(seen.form)]).toEqual([
        ['id', id],
        ['download', '0'],
      ]);
    },
  );

  test('carries any text to the service as it is', async () => {
    await fc.assert(
      fc.asyncProperty(fc.string({ unit: 'binary' }), async (id) => {
        const requests: ServiceRequest[] = [];
        const ask = recordingsClient({
          baseUrl: new URL(`${HOST}/v1`),
          sid: SID,
          transport: async (request) => {
            requests.push(request);
            const status = request.method === 'POST' ? 405 : 200;
            return { status, contentType: undefined, location: undefined, retryAfter: undefined, body: JSON.stringify(success) };
          },
          pace: createPace(testSystem()),
          now: () => 0,
        });
        await ask({ id, wants: 'link', validityMinutes: 7, signal });
        const [post, get] = requests;
        const all = { id, validity: '7', download: '0' };
        expect(Object.fromEntries(post?.url.searchParams ?? [])).toEqual({ id });
        expect(Object.fromEntries(new URLSearchParams(post?.form))).toEqual(all);
        expect(Object.fromEntries(get?.url.searchParams ?? [])).toEqual(all);
        expect(get?.url.pathname).toBe(PATH);
      }),
    );
  });

  test('goes to the base URL that was set, with or without a slash at its end', async () => {
    for (const baseUrl of ['https://api.in.kaleyra.io/v1', 'https://api.in.kaleyra.io/v1/']) {
      nock('https://api.in.kaleyra.io').post(PATH).query({ id: 'x' }).reply(200, success);
      await client({ baseUrl })({ id: 'x', wants: 'link', signal });
    }
  });

  test('tells when the link ends: as the link says, else counted from the question', async () => {
    onPost(200, success);
    expect((await client({ now: 0 })({ id: 'x', wants: 'link', validityMinutes: 60, signal })).expiresAt).toBe(
      Date.UTC(2026, 0, 2, 3, 9, 5),
    );
    onPost(200, { data: { link: 'https://store.example/k?token=0' } });
    expect(await client({ now: 1000 })({ id: 'x', wants: 'link', validityMinutes: 60, signal })).toMatchObject({
      validityMinutes: 60,
      expiresAt: 1000 + 60 * 60_000,
    });
  });
});

describe('recordingsClient, the method', () => {
  test('asks once more by GET where POST is refused, everything in the query, and by GET from then on', async () => {
    onPost(405, '<h1>Method Not Allowed</h1>', { allow: 'GET' });
    const headers: Record<string, unknown>[] = [];
    nock(HOST)
      .get(`${PATH}?id=a%2Bb&validity=10&download=0`)
      .twice()
      .reply(function () {
        headers.push(this.req.headers);
        return [200, success];
      });
    const ask = client();
    for (let round = 0; round < 2; round += 1) {
      const link = await ask({ id: 'a+b', wants: 'link', validityMinutes: 10, signal });
      expect(link.url.href).toBe(LINK);
    }
    expect(headers).toHaveLength(2);
    for (const sent of headers) {
      expect(sent).toHaveProperty('api-key', KEY);
      expect(sent).not.toHaveProperty('content-type');
    }
  });

  test('several questions under way at once each get their answer', async () => {
    nock(HOST).post(PATH).query(true).times(3).reply(405);
    nock(HOST).get(PATH).query(true).times(4).reply(200, success);
    const ask = client();
    await Promise.all(['a', 'b', 'c'].map((id) => ask({ id, wants: 'link', signal })));
    await ask({ id: 'd', wants: 'link', signal });
  });

  const NO_SUCH_PAGE = { code: 'RBC618', message: 'Sorry, the page you are looking for could not be found.', data: [], error: {} };

  test.each([
    [405, ''],
    [404, '<h1>Not Found</h1>'],
    [400, NO_SUCH_PAGE],
  ] as const)('is another one where %i %j says that the service does not know the first, and stays', async (status, body) => {
    onPost(status, body);
    nock(HOST).get(`${PATH}?id=x&download=0`).twice().reply(200, success);
    const ask = client();
    for (let round = 0; round < 2; round += 1) expect((await ask({ id: 'x', wants: 'link', signal })).url.href).toBe(LINK);
    nock(HOST).get(`${PATH}?id=x&download=0`).reply(status, body);
    nock(HOST).post(PATH).query(true).twice().reply(200, success);
    const other = client({ method: 'GET' });
    for (let round = 0; round < 2; round += 1) expect((await other({ id: 'x', wants: 'link', signal })).url.href).toBe(LINK);
  });

  test.each<[how: string, reply: [number, ...unknown[]], code: string]>([
    ['an invalid id', [400, { message: 'Invalid Id', error: { id: 'Invalid id' } }], 'RECORDING_NOT_FOUND'],
    ['a refused key', [401, { message: 'Incorrect SID or API key.' }], 'CREDENTIALS_REJECTED'],
  ])('that the service answers with %s is one that it knows', async (_how, [status, body], code) => {
    onPost(404, '');
    nock(HOST)
      .get(PATH)
      .query(true)
      .twice()
      .reply(status, body as object);
    const ask = client();
    for (let round = 0; round < 2; round += 1) expect((await failure(ask({ id: 'x', wants: 'link', signal }))).code).toBe(code);
  });

  test.each([429, 503])('that the service answers with %i is not settled by it', async (status) => {
    nock(HOST).post(PATH).query(true).twice().reply(405);
    nock(HOST).get(PATH).query(true).reply(status);
    nock(HOST).get(PATH).query(true).reply(200, success);
    const ask = client();
    await failure(ask({ id: 'x', wants: 'link', signal }));
    await ask({ id: 'x', wants: 'link', signal });
  });

  test.each([404, 405])('is not doubted for a %i that speaks of the id', async (status) => {
    onPost(status, fixture('documented-invalid-id.txt'));
    expect((await failure(client()({ id: 'x', wants: 'link', signal }))).code).toBe('RECORDING_NOT_FOUND');
  });

  test('a service that knows neither is asked no third time, and base URL, region and SID are doubted', async () => {
    onPost(400, NO_SUCH_PAGE);
    nock(HOST).get(PATH).query(true).reply(404);
    const error = await failure(client()({ id: 'x', wants: 'link', signal }));
    expect(error).toMatchObject({ code: 'UNEXPECTED_RESPONSE', message: expect.stringContaining('neither by POST nor by GET') });
    expect(error.hint).toMatch(/--base-url.*--region.*--sid/);
  });

  test.each([400, 401, 429, 500, 501])('does not ask again by GET after a %i', async (status) => {
    onPost(status, '');
    await failure(client()({ id: 'x', wants: 'link', signal }));
  });
});

describe('recordingsClient, what the service says', () => {
  test.each([
    ['documented-invalid-id.txt', 400, 'RECORDING_NOT_FOUND', 'RBC31XX'],
    ['documented-invalid-id.txt', 200, 'RECORDING_NOT_FOUND', 'RBC31XX'],
    ['documented-expired-id.txt', 400, 'RECORDING_EXPIRED', 'Id Expired'],
    ['documented-expired-id.txt', 200, 'RECORDING_EXPIRED', 'Id Expired'],
    ['sign-in.html', 200, 'UNEXPECTED_RESPONSE', 'a web page'],
    ['bad-gateway.html', 502, 'SERVICE_UNAVAILABLE', '502'],
    ['success-without-link.json', 200, 'UNEXPECTED_RESPONSE', 'no link'],
  ])('reads %s under %i as %s', async (name, status, code, shown) => {
    onPost(status, fixture(name), { 'content-type': name.endsWith('html') ? 'text/html' : 'application/json' });
    const error = await failure(client()({ id: 'x', wants: 'redirect', signal }));
    expect(error.code).toBe(code);
    expect(error.message).toContain(shown);
  });

  test.each([401, 403])('reads %i as refused credentials, and shows no key', async (status) => {
    onPost(status, { message: 'Unauthorized' });
    const error = await failure(client()({ id: 'x', wants: 'link', signal }));
    expect(error).toMatchObject({ code: 'CREDENTIALS_REJECTED', retryable: false });
    expect(JSON.stringify(error)).not.toContain(KEY);
  });

  test.each([
    ['9', 9000],
    ['Fri, 02 Jan 2026 03:04:35 GMT', 30_000],
    ['soon', undefined],
  ])('hands on how long to stay away: Retry-After %j', async (header, retryAfterMs) => {
    onPost(429, '', { 'retry-after': header });
    expect(await failure(client()({ id: 'x', wants: 'link', signal }))).toMatchObject({ code: 'RATE_LIMITED', retryAfterMs });
  });

  test('gives up an answer over 1 MB', async () => {
    onPost(200, `{"data":{"link":"${LINK}"},"padding":"${'x'.repeat(ANSWER_LIMIT)}"}`);
    const error = await failure(client()({ id: 'x', wants: 'link', signal }));
    expect(error).toMatchObject({ code: 'UNEXPECTED_RESPONSE', message: expect.stringContaining('too long') });
  });

  test('takes a plain-http link only from a service on loopback', async () => {
    onPost(200, { data: { link: 'http://store.example/k' } });
    expect(await failure(client()({ id: 'x', wants: 'link', signal }))).toMatchObject({ code: 'UNEXPECTED_RESPONSE' });
    nock('http://127.0.0.1:8080')
      .post(PATH)
      .query(true)
      .reply(200, { data: { link: 'http://127.0.0.1:8081/k' } });
    const link = await client({ baseUrl: 'http://127.0.0.1:8080/v1' })({ id: 'x', wants: 'link', signal });
    expect(link.url.href).toBe('http://127.0.0.1:8081/k');
  });
});

describe('recordingsClient, the gate', () => {
  function gated(answers: number[]) {
    const order: string[] = [];
    const clock = testSystem();
    const pace: Pace = {
      enter: async () => {
        order.push('enter');
        await clock.sleep(60_000);
      },
      holdBack: () => void order.push('hold back'),
      answered: () => void order.push('answered'),
    };
    const ask = recordingsClient({
      baseUrl: new URL(`${HOST}/v1`),
      sid: SID,
      transport: async ({ method }) => {
        order.push(method);
        const body = JSON.stringify({ data: { link: 'https://store.example/k' } });
        return { status: answers.shift() ?? 200, contentType: undefined, location: undefined, retryAfter: undefined, body };
      },
      pace,
      now: clock.now,
    });
    return { ask, order, clock };
  }

  test('each request passes it first, the one by GET after a 405 included', async () => {
    const { ask, order } = gated([405, 200]);
    await ask({ id: 'x', wants: 'link', signal });
    expect(order).toEqual(['enter', 'POST', 'enter', 'GET', 'answered']);
  });

  test('is not told of an answer that is a failure', async () => {
    const { ask, order } = gated([429]);
    await failure(ask({ id: 'x', wants: 'link', signal }));
    expect(order).toEqual(['enter', 'POST']);
  });

  test("its wait does not shorten the link's life", async () => {
    const { ask, clock } = gated([200]);
    const before = clock.now();
    expect((await ask({ id: 'x', wants: 'link', validityMinutes: 5, signal })).expiresAt).toBe(before + 60_000 + 300_000);
  });
});
