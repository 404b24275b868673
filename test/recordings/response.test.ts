import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { type ErrorCode, RecordingError } from '../../src/errors.ts';
import { type AnsweredRequest, isMethodRefused, readLink, type ServiceAnswer } from '../../src/recordings/response.ts';
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
    ['RECORDING_EXPIRED', 'ID has expired.'],
    ['RECORDING_EXPIRED', 'Recording expired'],
    ['RECORDING_EXPIRED', 'The recording id abcd1234== has expired'],
    ['RECORDING_EXPIRED', 'Invalid or expired id'],
    ['RECORDING_EXPIRED', 'Error', { id: 'expired' }],
    ['RECORDING_EXPIRED', 'Error', [{ id: ['Id Expired'] }]],
    ['RECORDING_EXPIRED', 'Error', 'Id Expired'],
    ['RECORDING_EXPIRED', 'Error', ['Id Expired']],
    ['RECORDING_NOT_FOUND', 'Invalid Id'],
    ['RECORDING_NOT_FOUND', 'INVALID ID'],
    ['RECORDING_NOT_FOUND', 'InvalidId'],
    ['RECORDING_NOT_FOUND', 'Invalid recording_id'],
    ['RECORDING_NOT_FOUND', 'Invalid id, please try again with another'],
    ['RECORDING_NOT_FOUND', 'Id not found'],
    ['RECORDING_NOT_FOUND', 'The id is not valid'],
    ['RECORDING_NOT_FOUND', "Recording with id abcd/1234== doesn't exist"],
    ['RECORDING_NOT_FOUND', 'Recording not found'],
    ['RECORDING_NOT_FOUND', 'No recording found'],
    ['RECORDING_NOT_FOUND', 'No such recording'],
    ['RECORDING_NOT_FOUND', 'Error', { id: 'not found' }],
    ['RECORDING_NOT_FOUND', 'Error', { recordingId: 'invalid value' }],
    ['RECORDING_NOT_FOUND', 'Error', { id: { reason: 'Invalid id' } }],
    ['RECORDING_NOT_FOUND', 'Error', { id: 'Invalid id', status: 'error' }],
    ['USAGE', 'Invalid validity'],
    ['USAGE', 'Validity must be a number'],
    ['USAGE', 'Error', { validity: 'odd' }],
    ['USAGE', 'Error', { download: 'odd' }],
    ['USAGE', 'Invalid Id', { id: 'Invalid id', validity: 'Invalid validity' }],
    ['CREDENTIALS_REJECTED', 'Invalid API key'],
    ['CREDENTIALS_REJECTED', 'invalid api-key'],
    ['CREDENTIALS_REJECTED', 'Invalid SID'],
    ['CREDENTIALS_REJECTED', 'Invalid account SID'],
    ['CREDENTIALS_REJECTED', 'Invalid API key id'],
    ['CREDENTIALS_REJECTED', 'API key expired'],
    ['CREDENTIALS_REJECTED', 'Unauthorized'],
    ['CREDENTIALS_REJECTED', 'Authentication failed'],
    ['CREDENTIALS_REJECTED', 'Not authorised'],
    ['CREDENTIALS_REJECTED', 'IP address 192.0.2.7 is not whitelisted'],
    ['CREDENTIALS_REJECTED', 'Error', { sid: 'odd' }],
    ['CREDENTIALS_REJECTED', 'Error', { 'api-key': 'odd' }],
    ['CREDENTIALS_REJECTED', 'Error', { sid: 'Invalid sid', id: 'Invalid id' }],
    ['CREDENTIALS_REJECTED', 'Invalid API key', { id: 'Invalid id' }],
    ['UNEXPECTED_RESPONSE', 'Something went wrong with the recording'],
    ['UNEXPECTED_RESPONSE', 'Unknown error for id abcd1234=='],
    ['UNEXPECTED_RESPONSE', 'Unknown recording error'],
    ['UNEXPECTED_RESPONSE', 'Recording not found yet'],
    ['UNEXPECTED_RESPONSE', 'Recording not found, try again later'],
    ['UNEXPECTED_RESPONSE', 'Recording server not found'],
    ['UNEXPECTED_RESPONSE', 'Id is not expired'],
    ['UNEXPECTED_RESPONSE', 'Recording link expired'],
    ['UNEXPECTED_RESPONSE', 'Invalid request id'],
    ['UNEXPECTED_RESPONSE', 'Invalid id or validity'],
    ['UNEXPECTED_RESPONSE', 'Invalid response while looking up the recording'],
    ['UNEXPECTED_RESPONSE', 'The specified key does not exist'],
    ['UNEXPECTED_RESPONSE', 'Not found'],
    ['UNEXPECTED_RESPONSE', 'Expired'],
    ['UNEXPECTED_RESPONSE', 'Invalid'],
    ['UNEXPECTED_RESPONSE', 'Avoid validating ids'],
    ['UNEXPECTED_RESPONSE', 'Error', { id: 'The id field is required' }],
    ['UNEXPECTED_RESPONSE', 'Error', { id: 'Unknown error' }],
    ['UNEXPECTED_RESPONSE', 'Error', { id: 'Service timed out' }],
    ['UNEXPECTED_RESPONSE', 'Error', { callId: 'Not found' }],
    ['UNEXPECTED_RESPONSE', 'Error', { other: 'Invalid id' }],
    ['UNEXPECTED_RESPONSE', 'Error', true],
    ['UNEXPECTED_RESPONSE', 'Error', 1],
  ];

  test.each(cases)('is %s for the message %j with the error %j', (code, message, error = {}) => {
    expect(refusal({ body: failed(message, error) })).toMatchObject({ code });
    expect(refusal({ status: 400, body: failed(message, error) })).toMatchObject({ code, retryable: false });
    expect(refusal({ body: `[${failed(message, error)},]` })).toMatchObject({ code });
  });

  test('is not seen in the echo of what was asked', () => {
    const body = JSON.stringify({ message: 'Error', data: { id: 'Invalid id', error: { id: 'Id Expired' }, sid: 'Invalid sid' } });
    expect(refusal({ body })).toMatchObject({ code: 'UNEXPECTED_RESPONSE' });
  });
});

describe('a status', () => {
  const bodies = ['', fixture('bad-gateway.html'), fixture('sign-in.html'), failed('Something odd'), fixture('truncated.txt')];

  test.each<[ErrorCode, number, boolean]>([
    ['CREDENTIALS_REJECTED', 401, false],
    ['CREDENTIALS_REJECTED', 403, false],
    ['TIMEOUT', 408, true],
    ['RATE_LIMITED', 429, true],
    ['SERVICE_UNAVAILABLE', 500, true],
    ['SERVICE_UNAVAILABLE', 502, true],
    ['SERVICE_UNAVAILABLE', 503, true],
    ['SERVICE_UNAVAILABLE', 504, true],
    ['UNEXPECTED_RESPONSE', 400, false],
    ['UNEXPECTED_RESPONSE', 402, false],
    ['UNEXPECTED_RESPONSE', 404, false],
    ['UNEXPECTED_RESPONSE', 405, false],
    ['UNEXPECTED_RESPONSE', 407, false],
    ['UNEXPECTED_RESPONSE', 418, false],
    ['UNEXPECTED_RESPONSE', 200, true],
    ['UNEXPECTED_RESPONSE', 204, true],
    ['UNEXPECTED_RESPONSE', 301, true],
    ['UNEXPECTED_RESPONSE', 304, true],
    ['UNEXPECTED_RESPONSE', 501, true],
    ['UNEXPECTED_RESPONSE', 520, true],
  ])('gives %s for %i where the body says nothing of use', (code, status, retryable) => {
    for (const body of bodies) expect(refusal({ status, body })).toMatchObject({ code, retryable });
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
    ['--method', { status: 405 }],
    ['--rate', { status: 429 }],
    ['6 months', { body: fixture('documented-expired-id.txt') }],
  ])('speaks of the %s', (hint, parts) => {
    expect(refusal(parts).hint).toContain(hint);
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

  test('is shown without the queries of links in it', () => {
    const body = failed(`Cannot sign ${SIGNED} now`, { x: `see ${SIGNED}` });
    expect(refusal({ body }).message).not.toContain('5ec2e7');
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

describe('isMethodRefused', () => {
  test('holds for 405 alone', () => {
    expect([200, 400, 404, 405, 406, 501].filter((status) => isMethodRefused({ status }))).toEqual([405]);
  });
});
