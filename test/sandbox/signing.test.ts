import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { checkSignature, percentEncode, type SignedRequest, signLink } from '../../src/sandbox/signing.ts';

const KEY = { accessKeyId: 'SANDBOX', secret: 'of this test' };
const AT = Date.UTC(2026, 0, 2, 3, 4, 5);
const TERMS = { key: KEY, region: 'sandbox-1', at: AT, expiresSeconds: 300 };

function asRequest(link: string, method = 'GET'): SignedRequest {
  const url = new URL(link);
  return { method, host: url.host, path: url.pathname, query: new URLSearchParams(url.search) };
}

test("signs the worked example of Amazon's documentation as Amazon does", () => {
  const link = signLink('https://examplebucket.s3.amazonaws.com/test.txt', {
    key: { accessKeyId: 'AKIAIOSFODNN7EXAMPLE', secret: 'wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY' },
    region: 'us-east-1',
    at: Date.UTC(2013, 4, 24),
    expiresSeconds: 86_400,
  });
  expect(Object.fromEntries(new URL(link).searchParams)).toEqual({
    'X-Amz-Algorithm': 'AWS4-HMAC-SHA256',
    'X-Amz-Credential': 'AKIAIOSFODNN7EXAMPLE/20130524/us-east-1/s3/aws4_request',
    'X-Amz-Date': '20130524T000000Z',
    'X-Amz-Expires': '86400',
    'X-Amz-SignedHeaders': 'host',
    'X-Amz-Signature': 'aeeed9bbccd4d02ee5c0109b86d86835f995330da4c265957d157751f604d404',
  });
});

describe('a link', () => {
  const link = signLink('http://127.0.0.1:8080/store/a%2Fb.wav', TERMS);

  test('is good until its last moment, and expired from then on', () => {
    const expiresAt = AT + 300_000;
    expect(checkSignature(asRequest(link), KEY, AT)).toEqual({ ok: true, expiresAt });
    expect(checkSignature(asRequest(link), KEY, expiresAt - 1)).toEqual({ ok: true, expiresAt });
    expect(checkSignature(asRequest(link), KEY, expiresAt)).toEqual({ ok: false, reason: 'expired', expiresAt });
  });

  test.each(['HEAD', 'POST', 'PUT', 'DELETE'])('is no good for %s', (method) => {
    expect(checkSignature(asRequest(link, method), KEY, AT)).toEqual({ ok: false, reason: 'mismatch' });
  });

  test('is no good for another host, another path or under another key', () => {
    const request = asRequest(link);
    const mismatch = { ok: false, reason: 'mismatch' };
    expect(checkSignature({ ...request, host: 'localhost:8080' }, KEY, AT)).toEqual(mismatch);
    expect(checkSignature({ ...request, path: '/store/a%2fb.wav' }, KEY, AT)).toEqual(mismatch);
    expect(checkSignature(request, { ...KEY, secret: 'another' }, AT)).toEqual(mismatch);
    expect(checkSignature(request, { ...KEY, accessKeyId: 'OTHER' }, AT)).toEqual(mismatch);
  });

  test.each([
    ['X-Amz-Credential', 'SANDBOX/20260102/sandbox-2/s3/aws4_request'],
    ['X-Amz-Date', '20260102T030406Z'],
    ['X-Amz-Expires', '301'],
    ['X-Amz-SignedHeaders', 'host;range'],
    ['X-Amz-Signature', '0'.repeat(64)],
    ['X-Amz-Signature', 'é'.repeat(32)],
    ['response-content-type', 'text/html'],
  ])('is no good once %s is changed to %s', (name, value) => {
    const request = asRequest(link);
    request.query.set(name, value);
    expect(checkSignature(request, KEY, AT)).toEqual({ ok: false, reason: 'mismatch' });
  });

  test.each(['X-Amz-Algorithm', 'X-Amz-Date', 'X-Amz-Expires', 'X-Amz-Signature'])('counts as unsigned without %s', (name) => {
    const request = asRequest(link);
    request.query.delete(name);
    expect(checkSignature(request, KEY, AT)).toEqual({ ok: false, reason: 'missing' });
  });

  test.each([
    ['X-Amz-Date', 'yesterday'],
    ['X-Amz-Date', '20260230T000000Z'],
    ['X-Amz-Expires', '604801'],
    ['X-Amz-Expires', '-1'],
    ['X-Amz-Expires', 'NaN'],
  ])('counts as unsigned where %s is %s', (name, value) => {
    const request = asRequest(link);
    request.query.set(name, value);
    expect(checkSignature(request, KEY, AT)).toEqual({ ok: false, reason: 'missing' });
  });
});

test('whatever the name of an object, its link is good as it arrives', () => {
  fc.assert(
    fc.property(
      fc.string({ unit: 'grapheme', minLength: 1 }),
      fc.dictionary(fc.string({ unit: 'grapheme' }), fc.string()),
      (name, extra) => {
        const link = signLink(`http://127.0.0.1:1/store/${percentEncode(name)}.wav?${new URLSearchParams(extra)}`, TERMS);
        expect(checkSignature(asRequest(link), KEY, AT)).toMatchObject({ ok: true });
      },
    ),
    { numRuns: 100 },
  );
});
