import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { headerToKeep, isStoreFailure, judgeStoreAnswer, readFailure } from '../../src/download/store-verdict.ts';
import { testSystem } from '../helpers/test-system.ts';
import { readOf } from './scripted-store.ts';

type Answer = Parameters<typeof judgeStoreAnswer>[0];
type Asked = Parameters<typeof judgeStoreAnswer>[1];

const rest = { from: 100, etag: '"abc"' };
const now = Date.UTC(2026, 0, 2, 3, 4, 5);

function judge(answer: Partial<Answer>, asked: Asked = undefined, text = '') {
  const whole = { status: 200, contentLength: undefined, contentRange: undefined, etag: null, retryAfter: undefined, ...answer };
  return judgeStoreAnswer(whole, asked, text, now);
}

function s3(code: string, message = 'Said so.'): string {
  return `<?xml version="1.0" encoding="UTF-8"?>\n<Error><Code>${code}</Code><Message>${message}</Message><RequestId>4442587FB7D0A2F9</RequestId></Error>`;
}

describe('judgeStoreAnswer, a success', () => {
  test.each([undefined, rest])('takes a 200 for the whole object, whether or not a rest was asked for (%o)', (asked) => {
    expect(judge({ status: 200, contentLength: 7 }, asked)).toEqual({ kind: 'whole', totalBytes: 7 });
    expect(judge({ status: 200 }, asked)).toEqual({ kind: 'whole', totalBytes: undefined });
  });

  const fitting = { status: 206, contentRange: 'bytes 100-299/300', contentLength: 200, etag: '"abc"' };

  test('takes the rest that was asked for', () => {
    expect(judge(fitting, rest)).toEqual({ kind: 'rest', totalBytes: 300 });
    expect(judge({ ...fitting, contentLength: undefined }, rest)).toEqual({ kind: 'rest', totalBytes: 300 });
    expect(judge(fitting, { ...rest, totalBytes: 300 })).toEqual({ kind: 'rest', totalBytes: 300 });
    expect(judge(fitting, { ...rest, totalBytes: undefined })).toEqual({ kind: 'rest', totalBytes: 300 });
  });

  test.each<[string, Partial<Answer>]>([
    ['another beginning', { contentRange: 'bytes 99-299/300', contentLength: 201 }],
    ['a later beginning', { contentRange: 'bytes 101-299/300', contentLength: 199 }],
    ['another end than the object', { contentRange: 'bytes 100-298/300', contentLength: 199 }],
    ['another end than the object, and no length', { contentRange: 'bytes 100-298/300', contentLength: undefined }],
    ['an end behind the object', { contentRange: 'bytes 100-300/300', contentLength: 201 }],
    ['an end before its beginning', { contentRange: 'bytes 100-99/100', contentLength: 0 }],
    ['an unknown length', { contentRange: 'bytes 100-299/*' }],
    ['no range', { contentRange: undefined }],
    ['an unsatisfied range', { contentRange: 'bytes */300' }],
    ['another unit', { contentRange: 'items 100-299/300' }],
    ['a unit that ends alike', { contentRange: 'kilobytes 100-299/300' }],
    ['a range with a tail', { contentRange: 'bytes 100-299/300, 400-499/500' }],
    ['negative numbers', { contentRange: 'bytes -100-299/300' }],
    ['a Content-Length that contradicts it', { contentLength: 300 }],
    ['another object', { etag: '"abd"' }],
    ['the same tag, but weak', { etag: 'W/"abc"' }],
    ['no ETag', { etag: null }],
  ])('starts again where a 206 has %s', (_, change) => {
    expect(judge({ ...fitting, ...change }, rest)).toEqual({ kind: 'start-again' });
  });

  test('starts again where the object has another length than an earlier answer said', () => {
    expect(judge(fitting, { ...rest, totalBytes: 301 })).toEqual({ kind: 'start-again' });
    expect(judge(fitting, { ...rest, totalBytes: 0 })).toEqual({ kind: 'start-again' });
  });

  test.each([
    ['bytes 0-298/300', 299],
    ['bytes 0-298/300', undefined],
    ['bytes 1-299/300', 299],
    ['bytes 1-299/300', 300],
    ['bytes 0-299/*', 300],
    ['bytes 0-299/300, 400-499/500', 300],
    ['kilobytes 0-299/300', 300],
    ['items 0-299/300', 300],
    ['', 300],
    ['bytes 0-299/300', 200],
  ])('takes no part where the whole was asked for: %s', (contentRange, contentLength) => {
    expect(judge({ ...fitting, contentRange, contentLength })).toEqual({ kind: 'start-again' });
  });

  test('takes a range that is all there is for the whole, whatever was asked for', () => {
    const whole = { ...fitting, contentRange: 'bytes 0-299/300', contentLength: 300 };
    expect(judge(whole)).toEqual({ kind: 'whole', totalBytes: 300 });
    expect(judge({ ...whole, contentLength: undefined })).toEqual({ kind: 'whole', totalBytes: 300 });
    expect(judge(whole, { from: 100, etag: '"another"' })).toEqual({ kind: 'whole', totalBytes: 300 });
  });

  test('takes no part for the whole because it is called so', () => {
    const called = { ...fitting, contentRange: 'bytes 0-299/300' };
    for (const contentLength of [200, undefined]) {
      expect(judge({ ...called, contentLength }, { from: 100, etag: '"abc"' })).toEqual({ kind: 'start-again' });
    }
  });

  test('never takes a range that is not the one asked for, whatever the store says', () => {
    const number = fc.nat({ max: 400 });
    fc.assert(
      fc.property(number, number, number, number, (from, to, total, asked) => {
        const verdict = judge(
          { ...fitting, contentRange: `bytes ${from}-${to}/${total}`, contentLength: undefined },
          { from: asked, etag: '"abc"' },
        );
        const fits = from === asked && to === total - 1 && from <= to;
        expect(verdict).toEqual(fits ? { kind: 'rest', totalBytes: total } : { kind: 'start-again' });
      }),
    );
  });
});

describe('judgeStoreAnswer, a failure', () => {
  test.each([412, 416])('starts again after a %i, but only where a rest was asked for', (status) => {
    expect(judge({ status }, rest, s3('PreconditionFailed'))).toEqual({ kind: 'start-again' });
    expect(judge({ status }, undefined, s3('InvalidRange'))).toMatchObject({ kind: 'failed', error: { code: 'UNEXPECTED_RESPONSE' } });
  });

  test.each([
    [403, s3('AccessDenied', 'Request has expired')],
    [403, s3('AccessDenied', 'Request is not yet valid')],
    [403, s3('AccessDenied', 'Request is not valid yet')],
    [403, s3('RequestTimeTooSkewed', 'The difference between the request time and the current time is too large.')],
    [403, s3('AccessDenied', 'The link Expired.')],
    [400, s3('ExpiredToken', 'The provided token has expired.')],
    [403, s3('ExpiredToken', 'The provided token has expired.')],
  ])('knows an expired link: %i %s', (status, text) => {
    expect(judge({ status }, rest, text)).toEqual({ kind: 'link-expired' });
  });

  test.each([
    [403, s3('AccessDenied', 'Access Denied')],
    [403, s3('SignatureDoesNotMatch', 'Request has expired')],
    [403, '<html>Your session has expired</html>'],
    [400, s3('AccessDenied', 'Request has expired')],
    [403, ''],
  ])('does not take %i %s for an expired link', (status, text) => {
    expect(judge({ status }, rest, text)).toMatchObject({ kind: 'failed', error: { code: 'UNEXPECTED_RESPONSE' } });
  });

  test.each([
    [503, s3('SlowDown', 'Please reduce your request rate.'), 'RATE_LIMITED'],
    [429, '', 'RATE_LIMITED'],
    [403, '<h1>403</h1> Rate limit exceeded', 'RATE_LIMITED'],
    [400, s3('RequestThrottled', 'Request was throttled.'), 'RATE_LIMITED'],
    [403, s3('TooManyRequests', 'Please wait.'), 'RATE_LIMITED'],
    [404, 'Too many requests', 'UNEXPECTED_RESPONSE'],
    [408, '', 'TIMEOUT'],
    [500, s3('InternalError'), 'SERVICE_UNAVAILABLE'],
    [502, '<html>Bad Gateway</html>', 'SERVICE_UNAVAILABLE'],
    [503, '', 'SERVICE_UNAVAILABLE'],
    [504, '', 'SERVICE_UNAVAILABLE'],
    [520, '<html>Web server is returning an unknown error</html>', 'SERVICE_UNAVAILABLE'],
    [530, '', 'SERVICE_UNAVAILABLE'],
    [505, '', 'UNEXPECTED_RESPONSE'],
    [301, s3('PermanentRedirect'), 'UNEXPECTED_RESPONSE'],
    [304, '', 'UNEXPECTED_RESPONSE'],
    [204, '', 'UNEXPECTED_RESPONSE'],
    [400, s3('AuthorizationQueryParametersError'), 'UNEXPECTED_RESPONSE'],
    [403, s3('SignatureDoesNotMatch'), 'UNEXPECTED_RESPONSE'],
    [404, s3('NoSuchKey'), 'UNEXPECTED_RESPONSE'],
    [501, '', 'UNEXPECTED_RESPONSE'],
  ])('reads %i %s as %s, and shows status and code', (status, text, code) => {
    const verdict = judge({ status }, undefined, text);
    expect(verdict).toMatchObject({ kind: 'failed', error: { code } });
    const said = /<Code>(.*)<\/Code>/.exec(text)?.[1];
    if (verdict.kind === 'failed') expect(verdict.error.message).toContain(said === undefined ? `(${status})` : `(${status}, ${said}, `);
  });

  test.each([
    [503, s3('SlowDown')],
    [503, ''],
    [429, ''],
    [522, ''],
  ])('hands on how long %i %s asks to stay away', (status, text) => {
    expect(judge({ status, retryAfter: '3' }, undefined, text)).toMatchObject({ error: { retryAfterMs: 3000 } });
    expect(judge({ status, retryAfter: 'Fri, 02 Jan 2026 03:04:06 GMT' }, undefined, text)).toMatchObject({
      error: { retryAfterMs: 1000 },
    });
    expect(judge({ status }, undefined, text)).toMatchObject({ error: { retryAfterMs: undefined } });
  });

  const again = 'Try again later.';
  const ask = 'Try again later; if it keeps happening, ask Kaleyra about this recording.';

  test.each<[status: number, code: string | undefined, message: string, hint: string]>([
    [429, undefined, 'The store received too many requests (429).', 'Try again later, or lower --concurrency.'],
    [503, 'SlowDown', 'The store received too many requests (503, SlowDown, Said so.).', 'Try again later, or lower --concurrency.'],
    [408, undefined, 'The store timed out waiting for the request (408).', again],
    [500, 'InternalError', 'The store is unavailable (500, InternalError, Said so.).', again],
    [404, 'NoSuchKey', 'The store refused to send the recording (404, NoSuchKey, Said so.).', ask],
    [501, undefined, 'The store refused to send the recording (501).', ask],
    [
      403,
      'SignatureDoesNotMatch',
      'The store refused to send the recording (403, SignatureDoesNotMatch, Said so.).',
      'The signed link was altered on its way to the store: check whether a proxy rewrites addresses.',
    ],
  ])('says of %i %s what happened, and what to do', (status, code, message, hint) => {
    expect(judge({ status }, undefined, code === undefined ? '' : s3(code))).toMatchObject({ error: { message, hint } });
  });

  test('takes a refusal that says when to come again for too many requests', () => {
    expect(judge({ status: 403, retryAfter: '3' })).toMatchObject({ error: { code: 'RATE_LIMITED', retryAfterMs: 3000 } });
    for (const status of [404, 501]) expect(judge({ status, retryAfter: '3' })).toMatchObject({ error: { code: 'UNEXPECTED_RESPONSE' } });
  });

  test('quotes a message in one line, and none that is longer than 300 characters', () => {
    expect(judge({ status: 404 }, undefined, s3('NoSuchKey', ' It\r\n  is\tnot\u00a0 there '))).toMatchObject({
      error: { message: expect.stringContaining('(404, NoSuchKey, It is not there)') },
    });
    const long = 'x'.repeat(300);
    expect(judge({ status: 404 }, undefined, s3('NoSuchKey', long))).toMatchObject({ error: { message: expect.stringContaining(long) } });
    expect(judge({ status: 404 }, undefined, s3('NoSuchKey', `${long}x`))).toMatchObject({
      error: { message: expect.stringContaining('(404, NoSuchKey)') },
    });
  });

  test('lets nothing through that steers a terminal', () => {
    const verdict = judge({ status: 404 }, undefined, s3('NoSuchKey', '\u001b]0;gotcha\u0007 \u009b31m\r\n'));
    expect(verdict.kind).toBe('failed');
    // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for
    if (verdict.kind === 'failed') expect(verdict.error.message).not.toMatch(/[\u0000-\u001f\u007f-\u009f]/);
  });
});

test.each([
  [200, false],
  [206, false],
  [204, true],
  [301, true],
  [403, true],
  [416, true],
  [503, true],
])('isStoreFailure(%i) is %s', (status, expected) => {
  expect(isStoreFailure(status)).toBe(expected);
});

describe('judgeStoreAnswer, a failure that repeats the link', () => {
  const link = new URL('http://aws.s3.com/xyz/link/limited/to/5/minutes?token=a%2Fsecret%20value');

  test.each([
    ['its address', `No ${link.href}`, 'No http://aws.s3.com***/…'],
    ['its path alone', `No ${link.pathname} here`, 'No *** here'],
    ['its path, encoded', `No ${encodeURIComponent(link.pathname)}`, 'No ***'],
    ['a value, decoded', 'No a/secret value', 'No ***'],
    ['a value with something invisible in it', 'No a/sec\u200bret value', 'No ***'],
  ])('quotes nothing of it: %s', (_what, message, shown) => {
    const answer = { status: 403, contentLength: undefined, contentRange: undefined, etag: null, retryAfter: undefined };
    const verdict = judgeStoreAnswer(answer, undefined, s3('AccessDenied', message), now, link);
    expect(verdict).toMatchObject({ kind: 'failed', error: { message: expect.stringContaining(`, ${shown})`) } });
  });
});

test('a failure that repeats what is too short to be a secret of the link is quoted as it is', () => {
  const answer = { status: 403, contentLength: undefined, contentRange: undefined, etag: null, retryAfter: undefined };
  const said = s3('AccessDenied', 'No abcdefg and no hijklmno');
  const quoting = judgeStoreAnswer(answer, undefined, said, now, new URL('https://b.example/?seven=abcdefg&eight=hijklmno'));
  expect(quoting).toMatchObject({ error: { message: expect.stringContaining(', No abcdefg and no ***)') } });
});

describe('readFailure', () => {
  test('reads the beginning, and no more of what does not end', async () => {
    let taken = 0;
    async function* endless() {
      for (;;) {
        taken += 1;
        yield Buffer.from('é'.repeat(500));
      }
    }
    const text = await readFailure({ read: readOf(endless()) }, testSystem());
    expect(text).toBe('é'.repeat(2048));
    expect(taken).toBe(5);
  });

  test('reads no further once it has as much as it needs', async () => {
    let taken = 0;
    async function* endless() {
      for (;;) {
        taken += 1;
        yield Buffer.alloc(1024, 'x');
      }
    }
    expect(await readFailure({ read: readOf(endless()) }, testSystem())).toBe('x'.repeat(4096));
    expect(taken).toBe(4);
  });

  test('reads all of what is short', async () => {
    async function* short() {
      yield Buffer.from('<Co');
      yield Buffer.from('de>');
    }
    expect(await readFailure({ read: readOf(short()) }, testSystem())).toBe('<Code>');
  });

  test('judges by what has come within 10 seconds, of a body that drips', async () => {
    const clock = testSystem();
    await clock.sleep(5000);
    async function* drip() {
      for (;;) {
        await clock.sleep(1000);
        yield Buffer.from('.');
      }
    }
    expect(await readFailure({ read: readOf(drip()) }, clock)).toBe('.'.repeat(10));
  });
});

describe('a header that is kept', () => {
  const link = new URL(
    'https://b.s3.example/calls/a.wav?response-content-type=audio/x-wav&X-Amz-Signature=0123456789abcdef0123456789abcdef',
  );

  test.each([
    null,
    'audio/x-wav',
    'audio/wav; codecs=1',
    'application/octet-stream',
    '"0123456789abcdef0123456789abcde0-12"',
    `"${'0a'.repeat(32)}"`,
    'W/"0x8DC-1"',
  ])('%j is as it came', (header) => {
    expect(headerToKeep(header, link)).toBe(header);
    expect(headerToKeep(header, undefined)).toBe(header);
  });

  test('is without what the link has', () => {
    expect(headerToKeep('audio/wav; s=0123456789ABCDEF0123456789abcdef', link)).toBe('audio/wav; s=***');
  });

  test('is without a part of its path or a value of 16 characters or more', () => {
    const secret = new URL('https://b.example/path-of-16-chars/path-of-15-char?a=value-of-16-char&b=value-of-15-cha');
    expect(headerToKeep('a path-of-16-chars path-of-15-char value-of-16-char value-of-15-cha', secret)).toBe(
      'a *** path-of-15-char *** value-of-15-cha',
    );
  });
});
