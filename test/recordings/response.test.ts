import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { type ErrorCode, RecordingError } from '../../src/errors.ts';
import { type AnsweredRequest, isRouteUnknown, readLink, type ServiceAnswer } from '../../src/recordings/response.ts';
import { createRedactor } from '../../src/redact.ts';

const SIGNED = 'https://bucket.s3.amazonaws.com/call.mp3?X-Amz-Signature=5ec2e7';
const HTML = 'text/html; charset=utf-8';

function fixture(name: string): string {
  return readFileSync(new URL(`../fixtures/responses/${name}`, import.meta.url), 'utf8');
}

function answer(parts: Partial<ServiceAnswer>): ServiceAnswer {
  return { status: 200, contentType: 'application/json', location: undefined, retryAfterMs: undefined, body: '', ...parts };
}

function request(parts: Partial<AnsweredRequest> = {}): AnsweredRequest {
  return { url: new URL('https://api.kaleyra.io/v1/HX1/voice/recordings'), wants: 'link', localAllowed: false, ...parts };
}

function read(parts: Partial<ServiceAnswer>, asked: Partial<AnsweredRequest> = {}): string {
  return readLink(answer(parts), request(asked)).href;
}

function refusal(parts: Partial<ServiceAnswer>, asked: Partial<AnsweredRequest> = {}): RecordingError {
  let link: string;
  try {
    link = read(parts, asked);
  } catch (error) {
    if (error instanceof RecordingError) return error;
    throw error;
  }
  throw new Error(`a link was read: ${link}`);
}

function failed(message: string, error: unknown = {}): string {
  return JSON.stringify({ code: 'RBC3111', message, data: { id: 'abcd1234==' }, error });
}

describe('a success', () => {
  test('as the page prints it is read, and its link over plain http refused', () => {
    const body = fixture('documented-success.json');
    expect(read({ body: body.replace('http:', 'https:') })).toBe('https://aws.s3.com/xyz/link/limited/to/5/minutes');
    expect(refusal({ body })).toMatchObject({
      code: 'UNEXPECTED_RESPONSE',
      message: expect.stringContaining('aws.s3.com over plain http'),
    });
  });

  test.each(['success-with-list.json', 'success-with-pairs-in-a-list.txt', 'prototype.json'])('with its link packed as in %s', (name) => {
    expect(read({ body: fixture(name) })).toBe(SIGNED);
  });

  test.each([
    ['a redirect was asked for', {}, { wants: 'redirect' }],
    ['it is called HTML', { contentType: HTML }, {}],
    ['it has no Content-Type', { contentType: undefined }, {}],
    ['it comes under 201', { status: 201 }, {}],
  ] as const)('is taken although %s', (_, parts, asked) => {
    expect(read({ body: JSON.stringify({ data: { link: ` ${SIGNED}\n` } }), ...parts }, asked)).toBe(SIGNED);
  });

  test.each([undefined, null, {}, [], '', ' ', false, { id: '' }, { id: null }, [[]]])('is one with %j as its error', (error) => {
    expect(read({ body: JSON.stringify({ message: 'ok', data: { link: SIGNED }, error }) })).toBe(SIGNED);
  });

  test('upgrades plain http to Amazon', () => {
    expect(read({ body: JSON.stringify({ data: { link: SIGNED.replace('https', 'http') } }) })).toBe(SIGNED);
  });

  test('with a failure beside its link is a failure', () => {
    expect(refusal({ body: fixture('link-and-error.json') })).toMatchObject({ code: 'RECORDING_EXPIRED' });
    expect(refusal({ body: JSON.stringify({ data: { link: SIGNED }, error: { x: 'odd' } }) })).toMatchObject({
      code: 'UNEXPECTED_RESPONSE',
    });
  });

  test.each([
    fixture('success-without-link.json'),
    '{}',
    '[]',
    'null',
    '42',
    '"https://bucket.s3.amazonaws.com/a"',
    '{"data":null}',
    '{"data":{"link":null}}',
    '{"data":{"link":""}}',
    '{"data":{"link":{"url":"https://h/a"}}}',
    '{"data":{"link":"/call.mp3"}}',
    '{"data":{"link":"javascript:alert(1)"}}',
    '{"link":"https://h/a"}',
    '',
    fixture('truncated.txt'),
  ])('without a usable link is unexpected: %j', (body) => {
    expect(refusal({ body })).toMatchObject({ code: 'UNEXPECTED_RESPONSE', retryable: true });
  });
});

describe('a redirect', () => {
  test.each([301, 302, 303, 307, 308])('%i is the link, where one was asked for', (status) => {
    const html = { status, contentType: HTML, body: '<html>Moved</html>' };
    expect(read({ ...html, location: SIGNED }, { wants: 'redirect' })).toBe(SIGNED);
    expect(read({ ...html, location: 'https://cdn.example/a' }, { wants: 'redirect' })).toBe('https://cdn.example/a');
  });

  test('is resolved against the address that was asked', () => {
    expect(read({ status: 301, location: '/files/a.mp3' }, { wants: 'redirect' })).toBe('https://api.kaleyra.io/files/a.mp3');
  });

  test('that nobody asked for is the link only where it is signed', () => {
    expect(read({ status: 301, location: SIGNED })).toBe(SIGNED);
    expect(read({ status: 302, location: 'https://h/a?AWSAccessKeyId=A&Expires=1&Signature=b' })).toContain('Signature=b');
    const error = refusal({ status: 302, location: 'https://login.hotel.example/?return=5ec2e7' });
    expect(error).toMatchObject({ code: 'UNEXPECTED_RESPONSE' });
    expect(error.message).toContain('login.hotel.example');
    expect(error.message).not.toContain('5ec2e7');
  });

  test('down to plain http is refused, and shows no query', () => {
    const error = refusal({ status: 301, location: 'http://h/a?X-Amz-Signature=5ec2e7' }, { wants: 'redirect' });
    expect(error).toMatchObject({ code: 'UNEXPECTED_RESPONSE' });
    expect(error.message).not.toContain('5ec2e7');
  });

  test.each([
    [301, undefined],
    [301, ''],
    [301, ' '],
    [304, SIGNED],
    [300, SIGNED],
    [200, SIGNED],
    [404, SIGNED],
  ])('%i to %j is none', (status, location) => {
    expect(refusal({ status, location }, { wants: 'redirect' })).toMatchObject({ code: 'UNEXPECTED_RESPONSE' });
  });

  test('with a failure in its body is that failure', () => {
    const parts = { status: 301, location: SIGNED, body: fixture('documented-expired-id.txt') };
    expect(refusal(parts, { wants: 'redirect' })).toMatchObject({ code: 'RECORDING_EXPIRED' });
  });
});

describe('a documented failure', () => {
  const statuses = [200, 400, 401, 403, 404, 405, 410, 422, 500, 502, 503, 504, 520];

  test.each(statuses)('is understood under status %i', (status) => {
    const parts = { status, contentType: HTML };
    expect(refusal({ ...parts, body: fixture('documented-invalid-id.txt') })).toMatchObject({
      code: 'RECORDING_NOT_FOUND',
      retryable: false,
    });
    expect(refusal({ ...parts, body: fixture('documented-expired-id.txt') })).toMatchObject({
      code: 'RECORDING_EXPIRED',
      retryable: false,
    });
    expect(refusal({ ...parts, body: fixture('invalid-id.json') })).toMatchObject({ code: 'RECORDING_NOT_FOUND' });
  });

  test('shows what the service said', () => {
    expect(refusal({ status: 400, body: fixture('documented-invalid-id.txt') }).message).toBe(
      'The service says that there is no recording with this id: "Invalid Id" (HTTP 400, RBC31XX).',
    );
    expect(refusal({ body: failed('Validation failed', { validity: 'at most 60' }) }).message).toContain(
      '"Validation failed" "validity: at most 60"',
    );
  });

  test('is decided by no code, whatever it be', () => {
    const codes = fc.oneof(fc.string({ unit: 'binary' }), fc.constantFrom('429', '401', 'RBC3000', 'Id Expired', 'Invalid API key', '503'));
    fc.assert(
      fc.property(codes, fc.constantFrom('documented-invalid-id.txt', 'invalid-id.json'), (code, name) => {
        const body = fixture(name).replace(/"RBC31\w\w"/, () => JSON.stringify(code));
        expect(refusal({ body })).toMatchObject({ code: 'RECORDING_NOT_FOUND' });
      }),
    );
  });

  test('about the validity is not one about the id', () => {
    const error = refusal({ status: 400, body: fixture('invalid-validity.txt') });
    expect(error).toMatchObject({ code: 'USAGE', retryable: false });
    expect(error.hint).toContain('--validity');
  });

  const cases: [code: ErrorCode, message: string, error?: unknown][] = [
    ['RECORDING_EXPIRED', 'Id Expired'],
    ['RECORDING_EXPIRED', 'ID EXPIRED.'],
    ['RECORDING_EXPIRED', 'Id Expired', 'Id Expired'],
    ['RECORDING_EXPIRED', 'Error', { id: 'id expired' }],
    ['RECORDING_EXPIRED', 'Error', [{ id: ['Id Expired'] }]],
    ['RECORDING_NOT_FOUND', 'Invalid Id'],
    ['RECORDING_NOT_FOUND', 'INVALID ID'],
    ['RECORDING_NOT_FOUND', 'Invalid-Id'],
    ['RECORDING_NOT_FOUND', 'Error', { id: 'Invalid id' }],
    ['RECORDING_NOT_FOUND', 'Error', { id: { reason: 'Invalid id' } }],
    ['USAGE', 'Error', { validity: 'odd' }],
    ['USAGE', 'Invalid Id', { id: 'Invalid id', validity: 'Invalid validity' }],
    ['CREDENTIALS_REJECTED', 'Incorrect SID or API key.', { error: 'odd' }],
    ['CREDENTIALS_REJECTED', 'Incorrect SID or API key.'],
    ['RATE_LIMITED', 'Too many requests'],
    ['RATE_LIMITED', 'API rate limit exceeded'],
    ['RATE_LIMITED', 'Rate-limited', { limit: 'odd' }],
    ['RATE_LIMITED', 'Error', { limit: 'Request was throttled.' }],
    // Whatever else is said of an id does not say that it is gone for good.
    ['UNEXPECTED_RESPONSE', 'ID has expired.'],
    ['UNEXPECTED_RESPONSE', 'Recording expired'],
    ['UNEXPECTED_RESPONSE', 'Recording not found'],
    ['UNEXPECTED_RESPONSE', 'Recording not found yet'],
    ['UNEXPECTED_RESPONSE', 'Invalid recording id'],
    ['UNEXPECTED_RESPONSE', 'Invalid id or validity'],
    ['UNEXPECTED_RESPONSE', 'Invalid Id', { id: 'not processed yet' }],
    ['UNEXPECTED_RESPONSE', 'Invalid Id', { sid: 'Invalid sid', id: 'Invalid id' }],
    ['UNEXPECTED_RESPONSE', 'Invalid Id', 'Id Expired'],
    ['UNEXPECTED_RESPONSE', 'Error', 'Invalid id'],
    ['UNEXPECTED_RESPONSE', 'Error', { id: 'not found' }],
    ['UNEXPECTED_RESPONSE', 'Error', { id: ['Invalid id', 'Id Expired'] }],
    ['UNEXPECTED_RESPONSE', 'Error', { callId: 'Invalid id' }],
    ['UNEXPECTED_RESPONSE', 'Error', { Id: 'Invalid id' }],
    ['UNEXPECTED_RESPONSE', 'Service timed out'],
    ['UNEXPECTED_RESPONSE', 'Error', true],
    ['UNEXPECTED_RESPONSE', 'Error', 1],
  ];

  test.each(cases)('is %s for the message %j with the error %j', (code, message, error = {}) => {
    const retryable = code === 'RATE_LIMITED' || code === 'UNEXPECTED_RESPONSE';
    for (const status of [200, 400]) expect(refusal({ status, body: failed(message, error) })).toMatchObject({ code, retryable });
    expect(refusal({ body: `[${failed(message, error)}]` })).toMatchObject({ code });
  });

  test('is not seen in the echo of what was asked', () => {
    const body = JSON.stringify({ message: 'Error', data: { id: 'Invalid id', error: { id: 'Id Expired' }, sid: 'Invalid sid' } });
    expect(refusal({ body })).toMatchObject({ code: 'UNEXPECTED_RESPONSE' });
  });
});

describe('a status', () => {
  const bodies = ['', fixture('bad-gateway.html'), fixture('sign-in.html'), failed('Something odd'), fixture('truncated.txt')];

  test.each<[ErrorCode, boolean, ...statuses: number[]]>([
    ['CREDENTIALS_REJECTED', false, 401, 403],
    ['TIMEOUT', true, 408],
    ['RATE_LIMITED', true, 429],
    ['SERVICE_UNAVAILABLE', true, 500, 502, 503, 504, 507, 520, 522, 525, 530, 599],
    ['UNEXPECTED_RESPONSE', true, 200, 204, 301, 304, 400, 402, 407, 410, 418, 501, 505],
    ['UNEXPECTED_RESPONSE', false, 404, 405],
  ])('gives %s (retryable: %s) where the body says nothing of use: %i', (code, retryable, ...statuses) => {
    for (const status of statuses) for (const body of bodies) expect(refusal({ status, body })).toMatchObject({ code, retryable });
  });

  test.each([403, 400, 200])('%i with words about a rate limit in any body is RATE_LIMITED', (status) => {
    for (const body of ['Rate limit reached', '<h1>Too Many Requests</h1>', failed('Throttled'), failed('TooManyRequestsException')]) {
      expect(refusal({ status, body, retryAfterMs: 3000 })).toMatchObject({ code: 'RATE_LIMITED', retryAfterMs: 3000 });
    }
  });

  test('403 with Retry-After is RATE_LIMITED whatever it says, and a 401 never is', () => {
    expect(refusal({ status: 403, body: 'Forbidden', retryAfterMs: 0 })).toMatchObject({ code: 'RATE_LIMITED' });
    expect(refusal({ status: 401, body: 'Rate limit reached', retryAfterMs: 5 })).toMatchObject({ code: 'CREDENTIALS_REJECTED' });
  });

  test('a link is a link, whatever else is said', () => {
    expect(read({ body: JSON.stringify({ message: 'Rate limit: 5 left', data: { link: SIGNED } }) })).toBe(SIGNED);
  });

  test.each([408, 429, 500, 502, 503, 504])('%i hands on how long to stay away', (status) => {
    expect(refusal({ status, retryAfterMs: 7000 }).retryAfterMs).toBe(7000);
    expect(refusal({ status }).retryAfterMs).toBeUndefined();
  });

  test.each([408, 429])('%i is about the request, whatever the body says of the id', (status) => {
    expect(refusal({ status, body: fixture('documented-invalid-id.txt') }).code).toBe(status === 408 ? 'TIMEOUT' : 'RATE_LIMITED');
  });

  test('of the 500s is not overruled by words about anything but the id', () => {
    for (const message of ['Authentication failed', 'Invalid validity', 'Invalid SID']) {
      expect(refusal({ status: 503, body: failed(message) })).toMatchObject({ code: 'SERVICE_UNAVAILABLE' });
    }
  });

  test('is never taken for success because a link stands in its body', () => {
    const body = JSON.stringify({ data: { link: SIGNED }, error: {} });
    for (const status of [301, 400, 401, 404, 500]) expect(() => read({ status, body })).toThrow(RecordingError);
  });
});

describe('a hint', () => {
  test.each<[hint: string, parts: Partial<ServiceAnswer>]>([
    ['base URL', { status: 404 }],
    ['SID', { status: 404, contentType: HTML, body: fixture('bad-gateway.html') }],
    ['sign-in page', { contentType: HTML, body: fixture('sign-in.html') }],
    ['proxy', { status: 418, contentType: HTML, body: fixture('bad-gateway.html') }],
    ['auth status --check', { status: 401 }],
    ['IP address', { status: 403 }],
    ['region', { status: 405 }],
    ['--rate', { status: 429 }],
    ['6 months', { body: fixture('documented-expired-id.txt') }],
  ])('speaks of the %s', (hint, parts) => {
    expect(refusal(parts).hint).toContain(hint);
  });
});

describe('a sentence', () => {
  const text = 'text/plain';

  test.each<[parts: Partial<ServiceAnswer>, said: string]>([
    [{ body: '' }, 'The service answered with nothing at all (HTTP 200).'],
    [{ body: ' \n', status: 418 }, 'The service answered with nothing at all (HTTP 418).'],
    [{ body: '', status: 302 }, 'The service answered with a redirect to nowhere (HTTP 302).'],
    [{ body: '\n <p>Hello</p>', contentType: text }, 'The service answered with a web page instead of a link (HTTP 200).'],
    [{ body: 'Hello', contentType: HTML }, 'The service answered with a web page instead of a link (HTTP 200).'],
    [
      { body: 'Hello <', contentType: text },
      'The service answered with something that is neither a link nor a documented failure (HTTP 200).',
    ],
    [
      { body: 'Hello', contentType: undefined },
      'The service answered with something that is neither a link nor a documented failure (HTTP 200).',
    ],
    [{ body: '{"message":"Fine"}', status: 299 }, 'The service\'s answer holds no link: "Fine" (HTTP 299).'],
    [{ body: '{"message":"Fine","data":[{"link":" "}]}' }, 'The service\'s answer holds no link: "Fine" (HTTP 200).'],
    [{ body: failed('x'.repeat(300)) }, `The service's answer holds no link: "${'x'.repeat(300)}" (HTTP 200, RBC3111).`],
    [{ body: failed('x'.repeat(301)) }, `The service's answer holds no link: "${'x'.repeat(299)}…" (HTTP 200, RBC3111).`],
    [{ body: '{"message":"Odd"}', status: 300 }, 'The service reports a failure that is not documented: "Odd" (HTTP 300).'],
    [{ body: failed('Odd', { x: 'why' }) }, 'The service reports a failure that is not documented: "Odd" "x: why" (HTTP 200, RBC3111).'],
    [
      { body: '{"code":7,"message":true,"error":{"x":0}}' },
      'The service reports a failure that is not documented: "true" "x: 0" (HTTP 200, 7).',
    ],
    [
      { body: '{"message":" Odd ","error":["a","b","c","d"]}' },
      'The service reports a failure that is not documented: "Odd" "a" "b" "c" (HTTP 200).',
    ],
    [{ body: '<p>No</p>', status: 403 }, 'The service refuses the request with a web page (HTTP 403).'],
    [{ body: 'No', status: 403, contentType: text }, 'The service refuses the credentials (HTTP 403).'],
    [{ body: '{"message":"No"}', status: 401, contentType: HTML }, 'The service refuses the credentials: "No" (HTTP 401).'],
    [{ body: '', status: 408 }, 'The service gave up waiting for the request (HTTP 408).'],
    [{ body: '', status: 429 }, 'The service asks to slow down (HTTP 429).'],
    [{ body: '', status: 503 }, 'The service cannot answer now (HTTP 503).'],
    [
      { body: failed('Odd', { validity: 'too long' }) },
      'The service does not accept the validity that was asked for: "Odd" "validity: too long" (HTTP 200, RBC3111).',
    ],
  ])('for %j says what came', (parts, said) => {
    expect(refusal(parts).message).toBe(said);
  });

  test('takes no words far down in a page for the reason', () => {
    expect(refusal({ status: 400, body: `${'.'.repeat(2980)} rate limit` })).toMatchObject({ code: 'RATE_LIMITED' });
    expect(refusal({ status: 400, body: `${'.'.repeat(3000)} rate limit` })).toMatchObject({ code: 'UNEXPECTED_RESPONSE' });
  });
});

describe('what the service says', () => {
  test('cannot steer the terminal, and stays one line of bounded length', () => {
    const message = `Bad\u001b[2J\r\n\u0007\u202e\u2028\ud800 ${'x'.repeat(100_000)}`;
    const code = `\u001b]0;${'9'.repeat(1000)}`;
    const body = JSON.stringify({ code, message, error: { '\u001b[1m': '\u009b1m' } });
    const shown = refusal({ body }).message;
    expect(shown).not.toMatch(/[\p{C}\p{Zl}\p{Zp}]/u);
    expect(shown).toContain('Bad [2J x');
    expect(shown.length).toBeLessThan(600);
  });

  test('is shown with no more of a link in it than its host', () => {
    const body = failed(`Cannot sign ${SIGNED} now, nor https://me:pw@h.example/5ec2e7`, {
      x: `see (http://s.example/5ec2e7) or /k?a=5ec2e7`,
    });
    const { message } = refusal({ body });
    expect(message).not.toMatch(/5ec2e7|me:pw/);
    expect(message).toContain(
      '"Cannot sign https://bucket.s3.amazonaws.com/… now, nor https://me:***@h.example/…" "x: see (http://s.example/…',
    );
  });

  test('never makes the reader throw anything but a RecordingError', () => {
    const json = fc.json({ maxDepth: 6 });
    const body = fc.oneof(
      fc.string({ unit: 'binary' }),
      json,
      fc.tuple(json, json, json).map(([a, b, c]) => `{"message":${a},"error":${b},"data":[${c},]}`),
    );
    const status = fc.integer({ min: 100, max: 599 });
    fc.assert(
      fc.property(body, status, fc.option(fc.webUrl(), { nil: undefined }), (text, code, location) => {
        try {
          expect(read({ status: code, body: text, location })).toMatch(/^https:/);
        } catch (error) {
          if (!(error instanceof RecordingError)) throw error;
          expect(error.code).not.toMatch(/RECORDING_/);
        }
      }),
      { numRuns: 1000 },
    );
  });

  test.each([
    ['a nest', `{"error":${'['.repeat(200_000)}"Id Expired"${']'.repeat(200_000)}}`],
    ['words', failed('id invalid expired not '.repeat(40_000))],
    ['reasons', failed('Error', Array(100_000).fill('invalid the '))],
    ['question marks', failed('?='.repeat(400_000))],
  ])('does not hold up the reader with a megabyte of %s', (_, body) => {
    expect(refusal({ body })).toMatchObject({ code: 'UNEXPECTED_RESPONSE' });
  });
});

describe('what the service says, with secrets in it', () => {
  const KEY = 'k3y-of-another-form';
  const { addSecret, redact } = createRedactor();
  addSecret(KEY);
  const url = 'https://b.s3.amazonaws.com/secret/path.mp3?X-Amz-Signature=5ec2e7';

  test.each([
    ['in the message', failed(`Invalid Id ${KEY.toUpperCase()}`)],
    ['in a reason', failed('Invalid Id', { id: `Invalid id ${encodeURIComponent(encodeURIComponent(KEY))}` })],
    ['as the name of a field', failed('Invalid Id', { [KEY]: 'was not taken' })],
    ['in the code', JSON.stringify({ code: `RBC ${KEY}`, message: 'Invalid Id', error: { id: 'Invalid id' } })],
    ['escaped as JSON may do it', failed(`Invalid Id ${KEY}`).replaceAll('k3y', '\\u006b3y')],
    ['with something invisible in it', failed(`Invalid Id ${KEY.slice(0, 5)}\u200b${KEY.slice(5)}`)],
    ['where it would be cut in two', failed(`${'x'.repeat(290)}${KEY}`)],
  ])('is quoted without the key %s', (_where, body) => {
    const error = refusal({ status: 400, body }, { redact });
    expect(error.message).not.toMatch(/k3y|another/i);
    expect(error.message).toMatch(/\*\*\*|x…/);
  });

  test.each([
    ['an address', `See ${url}`, 'See https://b.s3.amazonaws.com/…'],
    ['an encoded address', `See ${encodeURIComponent(url)}!`, 'See https%3A…'],
    ['a query without its mark', 'Bad X-Amz-Signature=5ec2e7', 'Bad X-Amz-Signature=***'],
    ['no secret', 'api-key: Invalid api-key', 'api-key: Invalid api-key'],
  ])('is quoted without what %s tells', (_what, message, shown) => {
    expect(refusal({ status: 400, body: failed(message) }).message).toContain(`"${shown}"`);
  });
});

describe('isRouteUnknown', () => {
  const noSuchPage = { code: 'RBC618', message: 'Sorry, the page you are looking for could not be found.', data: [], error: {} };

  test.each<[number, string]>([
    [405, ''],
    [404, '<h1>Not Found</h1>'],
    [404, failed('Not found')],
    [404, failed('Not found', { route: 'unknown' })],
    [400, JSON.stringify(noSuchPage)],
    [400, JSON.stringify({ ...noSuchPage, code: 'RBC999' })],
    [400, JSON.stringify({ ...noSuchPage, message: 'No such page' })],
  ])('holds for %i %s', (status, body) => {
    expect(isRouteUnknown({ status, body })).toBe(true);
  });

  test.each<[number, string]>([
    [404, fixture('documented-invalid-id.txt')],
    [405, fixture('documented-expired-id.txt')],
    [404, failed('Invalid Id')],
    [404, failed('Error', { id: 'is being processed' })],
    [400, fixture('documented-invalid-id.txt')],
    [400, ''],
    [400, failed('Bad Request')],
    [400, JSON.stringify({ ...noSuchPage, error: { id: 'Invalid id' } })],
    [406, ''],
    [501, ''],
    [200, JSON.stringify(noSuchPage)],
  ])('does not hold for %i %s', (status, body) => {
    expect(isRouteUnknown({ status, body })).toBe(false);
  });

  test('is told of with what there is to check', () => {
    const error = refusal({ status: 400, body: JSON.stringify(noSuchPage) });
    expect(error).toMatchObject({ code: 'UNEXPECTED_RESPONSE', retryable: false });
    expect(error.message).toContain(
      'neither by POST nor by GET: "Sorry, the page you are looking for could not be found." (HTTP 400, RBC618)',
    );
    for (const word of ['--base-url', '--region', '--sid']) expect(error.hint).toContain(word);
  });
});
