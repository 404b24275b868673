import { inspect } from 'node:util';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { RecordingError } from '../../src/errors.ts';
import { isLoopback, isSigned, linkExpiry, readLocation, secureLink } from '../../src/http/secure-link.ts';

const strict = { localAllowed: false };
const local = { localAllowed: true };

function refusal(link: string, options: Parameters<typeof secureLink>[1] = strict): RecordingError {
  try {
    secureLink(link, options);
  } catch (error) {
    if (error instanceof RecordingError) return error;
    throw error;
  }
  throw new Error(`${link} was not refused`);
}

describe('secureLink', () => {
  test('leaves an https link as it is, query and port included', () => {
    const link = 'https://store.example:8443/a%2Fb/c%20d.mp3?X-Amz-Signature=a%2Bb%3D';
    expect(secureLink(link, strict).href).toBe(link);
  });

  test.each([
    ['http://bucket.s3.amazonaws.com/k?Signature=a', 'https://bucket.s3.amazonaws.com/k?Signature=a'],
    ['http://s3.eu-west-1.amazonaws.com:80/b/k', 'https://s3.eu-west-1.amazonaws.com/b/k'],
    ['HTTP://B.S3.AmazonAWS.com/k', 'https://b.s3.amazonaws.com/k'],
    ['http://bucket.s3.cn-north-1.amazonaws.com.cn/k', 'https://bucket.s3.cn-north-1.amazonaws.com.cn/k'],
  ])('upgrades %s to https', (link, expected) => {
    expect(secureLink(link, strict).href).toBe(expected);
    expect(secureLink(link, local).href).toBe(expected);
  });

  test.each([
    'http://aws.s3.com/xyz/link/limited/to/5/minutes',
    'http://amazonaws.com.evil.example/k',
    'http://evilamazonaws.com/k',
    'http://bucket.s3.amazonaws.com:8080/k',
    'http://10.0.0.7/k',
    'http://a.localhost/k',
  ])('refuses the plain-http link %s, also from a service on loopback', (link) => {
    expect(refusal(link)).toMatchObject({ code: 'UNEXPECTED_RESPONSE' });
    expect(refusal(link, local)).toMatchObject({ code: 'UNEXPECTED_RESPONSE', message: expect.stringContaining('plain http') });
  });

  test.each(['http://127.0.0.1/k', 'http://localhost:8080/k', 'http://[::1]/k', 'https://127.0.0.1/k', 'https://10.0.0.7/k'])(
    'takes the link %s from a service on loopback, and from no other',
    (link) => {
      expect(secureLink(link, local).href).toBe(link);
      expect(refusal(link)).toMatchObject({ code: 'UNEXPECTED_RESPONSE', message: expect.stringContaining("this machine's own network") });
    },
  );

  test.each(['https://2130706433/k', 'https://0x7f.1/k', 'https://127.0.0.1./k', 'https://[::ffff:127.0.0.1]/k', 'https://localhost./k'])(
    'is not fooled by another way to write a loopback address: %s',
    (link) => {
      expect(refusal(link).message).toContain("this machine's own network");
    },
  );

  test('leads down from https to http not even on loopback, where that is asked for', () => {
    expect(refusal('http://127.0.0.1/k', { ...local, stayOnHttps: true }).message).toContain('plain http');
    expect(secureLink('http://127.0.0.1/k', { ...local, stayOnHttps: false }).href).toBe('http://127.0.0.1/k');
  });

  test.each([
    ['https://h/a/../b/./c?x=../y', '/a/../b/./c?x=../y'],
    ['https://h/a//b', '/a//b'],
    ['https://h?x=1', '/?x=1'],
    ['https://h', '/'],
    ['HTTPS://H:443/%7Ea#part', '/%7Ea'],
    ['//other/a/../b', '/a/../b'],
    ['/a/../b', '/a/../b'],
    ['https://h/é/%C3%A9', '/%C3%A9/%C3%A9'],
    // What a request line cannot hold, or has to be resolved, is as the URL standard makes it.
    ['../b', '/b'],
    ['https://h/a b', '/a%20b'],
    ['https://h/a\\b', '/a/b'],
  ])('keeps the path of %j byte for byte', (link, target) => {
    expect(secureLink(link, { ...strict, base: new URL('https://h/') }).target).toBe(target);
  });

  test('tells the link as it was written, fit for another program', () => {
    expect(secureLink('HTTPS://Host:443/a/../é?b=c#d', strict).written).toBe('https://host/a/../%C3%A9?b=c');
  });

  test.each([
    'ftp://host/k',
    'file:///etc/passwd',
    'data:audio/mpeg,x',
    'javascript:alert(1)',
    'https://user@host/k',
    'https://:pass@host/k',
    '',
    '  ',
    'not a link',
    '/relative',
    '//host/k',
    'https://',
  ])('refuses %j', (link) => {
    expect(refusal(link, local)).toMatchObject({ code: 'UNEXPECTED_RESPONSE' });
  });

  test('resolves a relative link against the base, and refuses an empty one all the same', () => {
    const base = new URL('https://api.kaleyra.io/v1/SID/voice/recordings');
    expect(secureLink('/files/a.mp3?x=1', { ...strict, base }).href).toBe('https://api.kaleyra.io/files/a.mp3?x=1');
    expect(secureLink('//s3.amazonaws.com/a', { ...strict, base }).href).toBe('https://s3.amazonaws.com/a');
    expect(refusal(' ', { ...strict, base })).toMatchObject({ code: 'UNEXPECTED_RESPONSE' });
  });

  test.each([
    'http://store.example/k?X-Amz-Signature=S3CRET',
    'https://user:S3CRET@store.example/k?Signature=S3CRET',
    'ftp://store.example/k?Signature=S3CRET',
    'https://[broken/k?Signature=S3CRET',
  ])('never shows the secret of %s, in no part of the error', (link) => {
    const error = refusal(link);
    expect(inspect(error, { depth: 10, showHidden: true })).not.toContain('S3CRET');
    expect(error.cause).toBeUndefined();
  });

  test('names the host of a refused link, shortened', () => {
    expect(refusal('http://store.example:81/k').message).toContain('store.example:81');
    expect(refusal(`http://${'a'.repeat(5000)}/`).message.length).toBeLessThan(400);
  });

  test('lets plain http through for no string at all', () => {
    fc.assert(
      fc.property(fc.oneof(fc.webUrl({ withQueryParameters: true, validSchemes: ['http', 'https', 'ftp'] }), fc.string()), (link) => {
        try {
          expect(secureLink(link, strict).protocol).toBe('https:');
        } catch (error) {
          expect(error).toBeInstanceOf(RecordingError);
        }
      }),
    );
  });
});

describe('readLocation', () => {
  test.each([
    ['https://h/a', 'https://h/a'],
    [Buffer.from('/é漢').toString('latin1'), '/é漢'],
    ['/\u00e9', '/\u00e9'],
    [undefined, undefined],
  ])('reads %j', (header, text) => {
    expect(readLocation(header)).toBe(text);
  });
});

describe('isLoopback', () => {
  test.each(['localhost', '127.0.0.1', '127.255.255.254', '[::1]', '::1', new URL('http://127.1/').hostname])('holds for %s', (host) => {
    expect(isLoopback(host)).toBe(true);
  });

  test.each([
    '',
    'localhost.evil.example',
    'a.localhost',
    '127.0.0.1.evil.example',
    '127.evil.example',
    '128.0.0.1',
    '10.0.0.1',
    '0.0.0.0',
    '[::]',
    '[::2]',
    'api.kaleyra.io',
  ])('does not hold for %j', (host) => {
    expect(isLoopback(host)).toBe(false);
  });
});

describe('isSigned', () => {
  test.each([
    ['https://h/k?X-Amz-Signature=ab', true],
    ['https://h/k?AWSAccessKeyId=A&Expires=1&Signature=a%2B', true],
    ['https://h/k?X-Amz-Signature=', false],
    ['https://h/k?signature', false],
    ['https://h/Signature=a', false],
    ['https://h/k#?Signature=a', false],
  ])('%s: %s', (link, signed) => {
    expect(isSigned(new URL(link))).toBe(signed);
  });
});

describe('linkExpiry', () => {
  test.each([
    ['X-Amz-Date=20260101T100000Z&X-Amz-Expires=600', Date.UTC(2026, 0, 1, 10, 10)],
    ['X-Amz-Expires=1&X-Amz-Date=20240229T235959Z', Date.UTC(2024, 2, 1)],
    ['Expires=1767261600&Signature=a', 1767261600000],
    ['X-Amz-Date=20260101T100000Z&X-Amz-Expires=600&Expires=1', Date.UTC(2026, 0, 1, 10, 10)],
  ])('reads %s', (query, expected) => {
    expect(linkExpiry(new URL(`https://h/k?${query}`))).toBe(expected);
  });

  test.each([
    '',
    'X-Amz-Date=20260101T100000Z',
    'X-Amz-Expires=600',
    'X-Amz-Date=20260101T100000Z&X-Amz-Expires=-600',
    'X-Amz-Date=20260101T100000Z&X-Amz-Expires=1e3',
    'X-Amz-Date=20260101T100000Z&X-Amz-Expires=',
    'X-Amz-Date=20260231T100000Z&X-Amz-Expires=600',
    'X-Amz-Date=20261301T100000Z&X-Amz-Expires=600',
    'X-Amz-Date=20260101T246000Z&X-Amz-Expires=600',
    'X-Amz-Date=2026-01-01T10:00:00Z&X-Amz-Expires=600&Expires=1767261600',
    'Expires=Thu, 01 Dec 1994 16:00:00 GMT',
    'Expires=9999999999999999',
  ])('does not tell for %j', (query) => {
    expect(linkExpiry(new URL(`https://h/k?${query}`))).toBeUndefined();
  });
});
