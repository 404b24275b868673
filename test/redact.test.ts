import { inspect } from 'node:util';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createRedactor, lastFour, MASK } from '../src/redact.ts';

const byPattern = (text: string) => createRedactor().redact(text);

function knowing(...secrets: string[]) {
  const redactor = createRedactor();
  for (const secret of secrets) redactor.addSecret(secret);
  return redactor;
}

describe('a registered secret', () => {
  it('is masked wherever it stands, as often as it stands there', () => {
    expect(knowing('s3cr3t').redact('s3cr3t, (s3cr3t) and xs3cr3ty')).toBe('***, (***) and x***y');
  });

  it('is masked in either case', () => {
    expect(knowing('Abcd1234').redact('ABCD1234 abcd1234')).toBe('*** ***');
  });

  it('is taken as it reads, not as a regular expression', () => {
    const redactor = knowing('a.b*[c]$-^|(d)\\');
    expect(redactor.redact('a.b*[c]$-^|(d)\\')).toBe(MASK);
    expect(redactor.redact('aXb')).toBe('aXb');
  });

  it('is masked URL-encoded once and twice, whatever the case of the digits', () => {
    const redactor = knowing('p/s+w=d');
    expect(redactor.redact('x=p%2Fs%2Bw%3Dd p%2fs%2bw%3dd p%252Fs%252Bw%253Dd')).toBe('x=*** *** ***');
  });

  it('is masked as a form writes it', () => {
    expect(knowing('two words!').redact('x=two+words%21')).toBe('x=***');
  });

  it('is masked inside a JSON string', () => {
    expect(knowing('quo"ted\\key').redact(JSON.stringify({ x: 'quo"ted\\key' }))).toBe('{"x":"***"}');
  });

  it('goes out whole where a shorter one is a part of it', () => {
    expect(knowing('abcd', 'xxabcdyy').redact('xxabcdyy')).toBe(MASK);
  });

  it('of less than four characters is ignored', () => {
    expect(knowing('', 'a', 'abc').redact('abc a')).toBe('abc a');
  });

  it('may hold half a surrogate pair', () => {
    expect(knowing('key\uD800key').redact('a key\uD800key')).toBe('a ***');
  });

  it('never comes through in base64, wherever in it the secret begins', () => {
    fc.assert(
      fc.property(fc.stringMatching(/^[!-~]{8,40}$/), fc.string({ maxLength: 9 }), fc.string({ maxLength: 9 }), (secret, before, after) => {
        for (const encoding of ['base64', 'base64url'] as const) {
          const shown = knowing(secret).redact(Buffer.from(before + secret + after).toString(encoding));
          expect(Buffer.from(shown.replaceAll(MASK, ''), encoding).toString('latin1')).not.toContain(secret);
          expect(shown).toContain(MASK);
        }
      }),
    );
  });

  it('never comes through, whatever stands around it', () => {
    fc.assert(
      fc.property(fc.stringMatching(/^[!-~]{4,40}$/), fc.string(), fc.string(), (secret, before, after) => {
        fc.pre(!MASK.includes(secret));
        const shown = knowing(secret).redact(`${before} ${secret} ${encodeURIComponent(secret)} ${after}`);
        fc.pre(!secret.includes(MASK));
        expect(shown.toLowerCase()).not.toContain(` ${secret.toLowerCase()} `);
      }),
    );
  });
});

describe('a signed link', () => {
  it('loses the signature, credential and token of SigV4, and keeps the rest', () => {
    const link =
      'https://b.s3.amazonaws.com/a.mp3?X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Credential=AKIA%2F20260102%2Fs3&X-Amz-Date=20260102T030405Z&X-Amz-Expires=300&X-Amz-Security-Token=IQoJ%2F%2Fw%3D&X-Amz-Signature=0123abcd#t';
    expect(byPattern(link)).toBe(
      'https://b.s3.amazonaws.com/a.mp3?X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Credential=***&X-Amz-Date=20260102T030405Z&X-Amz-Expires=300&X-Amz-Security-Token=***&X-Amz-Signature=***#t',
    );
  });

  it('loses the signature and key id of SigV2', () => {
    expect(byPattern('https://h/a?AWSAccessKeyId=AKIA&Expires=1&Signature=vj%2Bb/x+y%3D&x=1')).toBe(
      'https://h/a?AWSAccessKeyId=***&Expires=1&Signature=***&x=1',
    );
  });

  it.each([
    ['in lower case', 'https://h/a?x-amz-signature=abc&signature=def', 'https://h/a?x-amz-signature=***&signature=***'],
    [
      'percent-encoded in the query of another',
      'u=https%3A%2F%2Fh%2Fa%3FSignature%3Dd%2Bf%26X-Amz-Signature%3dabc%26X-Amz-Date%3D1&k=1',
      'u=https%3A%2F%2Fh%2Fa%3FSignature%3D***%26X-Amz-Signature%3d***%26X-Amz-Date%3D1&k=1',
    ],
    ['percent-encoded twice', 'X-Amz-Signature%253Dabc%2526X-Amz-Date%253D1', 'X-Amz-Signature%253D***%2526X-Amz-Date%253D1'],
    ['with its ampersands as HTML has them', 'a?x=1&amp;Signature=abc&amp;y=2', 'a?x=1&amp;Signature=***&amp;y=2'],
    ['with its ampersands as JSON may have them', '"a?x=1\\u0026Signature=abc\\u0026y=2"', '"a?x=1\\u0026Signature=***\\u0026y=2"'],
    ['in quotes', `'a?Signature=abc' "a?Signature=abc" <a?Signature=abc>`, `'a?Signature=***' "a?Signature=***" <a?Signature=***>`],
    [
      'in the error page of S3',
      '<AWSAccessKeyId>AKIA</AWSAccessKeyId><SignatureProvided>abc</SignatureProvided>',
      '<AWSAccessKeyId>***</AWSAccessKeyId><SignatureProvided>***</SignatureProvided>',
    ],
  ])('is masked %s', (_how, text, expected) => {
    expect(byPattern(text)).toBe(expected);
  });

  it('is masked as Node prints a URL, parameter list and password included', () => {
    const shown = byPattern(inspect(new URL('https://user:hunter2@h/a?X-Amz-Signature=0123abcd&Signature=zyx987')));
    expect(shown).not.toMatch(/hunter2|0123abcd|zyx987/);
    expect(shown).toContain("'X-Amz-Signature' => '***'");
  });

  it('leaves a word alone that only ends in signature', () => {
    expect(byPattern('x_signature=1 mysignature=2 the Signature of it')).toBe('x_signature=1 mysignature=2 the Signature of it');
  });
});

describe('an api-key header', () => {
  it.each([
    ['api-key: Aabc', 'api-key: ***'],
    ['API-KEY:Aabc', 'API-KEY:***'],
    ['Api-Key:   Aabc\r\nHost: h', 'Api-Key:   ***\r\nHost: h'],
    ['x-api-key: Aabc', 'x-api-key: ***'],
    ['{"api-key":"Aabc","x":1}', '{"api-key":"***","x":1}'],
    ['{ "api-key" : "A abc, \\"d\\"" }', '{ "api-key" : "***" }'],
    ['{"api-key":["Aabc"]}', '{"api-key":["***"]}'],
    ["{ 'api-key': 'Aabc', x: 1 }", "{ 'api-key': '***', x: 1 }"],
    ['{\\"api-key\\":\\"Aabc\\",\\"x\\":1}', '{\\"api-key\\":\\"***\\",\\"x\\":1}'],
    ["[ 'api-key', 'Aabc', 'x', 'y' ]", "[ 'api-key', '***', 'x', 'y' ]"],
    ["[\n  'api-key',\n  'Aabc'\n]", "[\n  'api-key',\n  '***'\n]"],
    [`curl -H 'api-key: Aabc' -H "api-key:Aabc" h`, `curl -H 'api-key: ***' -H "api-key:***" h`],
    ['api_key=Aabc&x=1', 'api_key=***&x=1'],
    ['apiKey: Aabc', 'apiKey: ***'],
    ['KALEYRA_API_KEY=Aabc', 'KALEYRA_API_KEY=***'],
    ['api-key%3A%20Aabc', 'api-key%3A%20***'],
    ["Map { 'api-key' => 'Aabc' }", "Map { 'api-key' => '***' }"],
    ['"api-key": "Aabc without an end', '"api-key": "***'],
    ['Proxy-Authorization: Basic dTpw\r\nHost: h', 'Proxy-Authorization: ***\r\nHost: h'],
    ['{"authorization":"Bearer abc"}', '{"authorization":"***"}'],
  ])('%j is masked', (text, expected) => {
    expect(byPattern(text)).toBe(expected);
  });

  it.each([
    'Set KALEYRA_API_KEY or KALEYRA_API_KEY_FILE.',
    'Pass it with --api-key-stdin, or type it.',
    'No API key: run `kaleyra-rec auth login`.',
    'the header "api-key" is missing',
    '{"api-key":""}',
  ])('%j names it, and is left alone', (text) => {
    expect(byPattern(text)).toBe(text);
  });
});

describe('a password in a URL', () => {
  it.each([
    ['http://user:pass@proxy:8080/', 'http://user:***@proxy:8080/'],
    ['via HTTP://User:p@ss:w@proxy', 'via HTTP://User:***@proxy'],
    ['http://:pass@proxy', 'http://:***@proxy'],
    ['http://token@host', 'http://***@host'],
    ['http%3A%2F%2Fuser%3Ap%40ss%40proxy%2Fa%40b', 'http%3A%2F%2Fuser%3A***%40proxy%2Fa%40b'],
  ])('%j is masked', (text, expected) => {
    expect(byPattern(text)).toBe(expected);
  });

  it.each(['https://host/a@b', 'https://host?a@b', 'mail a@b, see https://host', 'http%3A%2F%2Fhost%2Fa%40b'])(
    '%j holds none, and is left alone',
    (text) => {
      expect(byPattern(text)).toBe(text);
    },
  );
});

describe('redaction', () => {
  it('changes nothing the second time', () => {
    const pieces = fc.constantFrom(
      ...[
        'api-key',
        ':',
        '=',
        ' ',
        '"',
        "'",
        '\\',
        'Signature',
        'X-Amz-Signature',
        '%3D',
        '%26',
        '&',
        '://',
        '@',
        '%40',
        '%3A%2F%2F',
        ',',
        '[',
        'abc',
        '\n',
        '<',
        MASK,
      ],
    );
    fc.assert(
      fc.property(fc.array(pieces, { maxLength: 30 }), (parts) => {
        const once = byPattern(parts.join(''));
        expect(byPattern(once)).toBe(once);
      }),
      { numRuns: 500 },
    );
  });

  // With a pattern that is quadratic each of these takes minutes, with one that recurses the stack ends.
  it.each([
    '://',
    'a',
    '\\',
    ' ',
    'api-key',
    '"api-key",',
    'api-key:"',
    "'",
    'Signature=',
    'X-Amz-Signature%3D',
    '%3A%2F%2F',
    '%25',
    '@',
    '<AWSAccessKeyId>',
  ])('gets through a megabyte of %j', (piece) => {
    const text = piece.repeat(Math.ceil(1_000_000 / piece.length));
    for (const start of ['', 'api-key="', 'X-Amz-Signature%3D', '://', '%3A%2F%2F']) {
      expect(byPattern(start + text).length).toBeGreaterThan(0);
    }
  });
});

describe('lastFour', () => {
  it.each([
    ['A0123456789abcdef0123456789abcdef', 'cdef'],
    ['0123456789abcdef', 'cdef'],
    ['0123456789abcde', 'cde'],
    ['01234567', '67'],
    ['abcd', 'd'],
    ['abc', ''],
    ['', ''],
  ])('of %j shows %j', (key, shown) => {
    expect(lastFour(key)).toBe(shown);
  });
});
