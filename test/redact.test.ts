import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createRedactor, lastFour, MASK, maskForms, maskQuoted } from '../src/redact.ts';
import { expectLinear } from './helpers/growth.ts';

const KEY = 'A5e1f0c1a2b3d4e5f60718293a4b5c6d7';

function knowing(...secrets: string[]) {
  const redactor = createRedactor();
  for (const secret of secrets) redactor.addSecret(secret);
  return redactor;
}

/** Each character of a text, spelled some other way. */
const spell = (text: string, how: (code: number) => string) => [...text].map((character) => how(character.charCodeAt(0))).join('');
const hex = (code: number, digits = 2) => code.toString(16).padStart(digits, '0');

/** A secret as an answer may repeat it, by what was done to it. */
const FORMS: readonly [how: string, form: (secret: string) => string][] = [
  ['as it is', (secret) => secret],
  ['in lower case', (secret) => secret.toLowerCase()],
  ['in upper case', (secret) => secret.toUpperCase()],
  ['percent-encoded', (secret) => spell(secret, (code) => `%${hex(code)}`)],
  ['percent-encoded twice', (secret) => spell(secret, (code) => `%25${hex(code).toUpperCase()}`)],
  ['percent-encoded in part', (secret) => `%${hex(secret.charCodeAt(0))}${secret.slice(1)}`],
  ['escaped as JSON does it', (secret) => spell(secret, (code) => `\\u${hex(code, 4)}`)],
  ['escaped as JSON in JSON', (secret) => spell(secret, (code) => `\\\\u${hex(code, 4)}`)],
  ['escaped as HTML does it', (secret) => spell(secret, (code) => `&#${code};`)],
  ['escaped as HTML in hexadecimal', (secret) => spell(secret, (code) => `&#x${hex(code)};`)],
  ['in base64', (secret) => Buffer.from(`user:${secret}`).toString('base64')],
];

describe('a registered secret', () => {
  it.each(FORMS)('is masked %s', (_how, form) => {
    const shown = knowing('kEy/w&th+sI*ns=9').redact(`x ${form('kEy/w&th+sI*ns=9')} y`);
    expect(shown).toMatch(/^x \S*\*\*\*\S* y$/);
    expect(shown.length).toBeLessThan(20);
  });

  it('is masked wherever it stands, as often as it stands there', () => {
    expect(knowing('s3cr3t').redact('s3cr3t, (s3cr3t) and xs3cr3ty')).toBe('***, (***) and x***y');
  });

  it('is taken as it reads, not as a regular expression', () => {
    const redactor = knowing('a.b*[c]$-^|(d)\\');
    expect(redactor.redact('a.b*[c]$-^|(d)\\')).toBe(MASK);
    expect(redactor.redact('aXb')).toBe('aXb');
  });

  it('is masked as a form writes it', () => {
    expect(knowing('two words!').redact('x=two+words%21')).toBe('x=***');
  });

  it('is masked inside a JSON string, also inside another', () => {
    const text = JSON.stringify({ x: 'quo"ted\\key/' });
    expect(knowing('quo"ted\\key/').redact(text)).toBe('{"x":"***"}');
    expect(knowing('quo"ted\\key/').redact(JSON.stringify(text))).toBe('"{\\"x\\":\\"***\\"}"');
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
        fc.pre(!MASK.includes(secret) && !secret.includes(MASK));
        const shown = knowing(secret).redact(`${before} ${secret} ${encodeURIComponent(secret)} ${after}`);
        expect(shown.toLowerCase()).not.toContain(` ${secret.toLowerCase()} `);
      }),
    );
  });
});

describe('what is a secret by its form', () => {
  it.each([
    ['a key in the wrong place', `unknown option '--key=${KEY}'`, "unknown option '--key=***'"],
    ['a key in a path', `/home/u/${KEY.toUpperCase()}: no such file`, '/home/u/***: no such file'],
    ['a key behind an encoded sign', `x%3D${KEY}%26`, 'x%3D***%26'],
    [
      'the values of a query',
      'https://b.s3.amazonaws.com/a.mp3?X-Amz-Expires=300&X-Amz-Signature=01&sig=a/b&X-Goog-Signature=2#t',
      'https://b.s3.amazonaws.com/a.mp3?X-Amz-Expires=300&X-Amz-Signature=***&sig=***&X-Goog-Signature=***#t',
    ],
    ['those of an HTML page', 'a?x=1&amp;Signature=abc&amp;y=2', 'a?x=***&amp;Signature=***&amp;y=***'],
    [
      'those of an address in another',
      'see https%3A%2F%2Fh%2Fa%3FSignature%3Dd%2Bf%26X-Amz-Date%3D1',
      'see https%3A%2F%2Fh%2Fa%3FSignature%3D***%26X-Amz-Date%3D***',
    ],
    ['those of one that is encoded twice', 'a%253Fx%253Dabc%2526y%253D1', 'a%253Fx%253D***%2526y%253D***'],
    ['a signature by its name alone', 'X-Amz-Signature=abc', 'X-Amz-Signature=***'],
    ['a header', 'api-key: Aabc12345\r\nHost: h', 'api-key: ***\r\nHost: h'],
    ['a header in JSON', '{"api-key":"Aabc12345","x":1}', '{"api-key":"***","x":1}'],
    ['a header in JSON in JSON', '{\\"api-key\\":\\"Aabc12345\\"}', '{\\"api-key\\":\\"***\\"}'],
    ['a variable', 'KALEYRA_API_KEY=Aabc12345', 'KALEYRA_API_KEY=***'],
    ['a proxy’s credentials', 'Proxy-Authorization: Basic dTpw\r\nHost: h', 'Proxy-Authorization: Basic ***\r\nHost: h'],
    ['a password in an address', 'http://user:p@ss:w@proxy:8080/', 'http://user:***@proxy:8080/'],
    ['a user’s name that may be a token', 'http://token@host', 'http://***@host'],
  ])('%s is masked', (_what, text, shown) => {
    expect(maskForms(text)).toBe(shown);
    expect(maskForms(shown)).toBe(shown);
  });

  it.each([
    'api-key: Invalid api-key',
    'Authorization: required',
    'password: must not be empty',
    'Set KALEYRA_API_KEY or KALEYRA_API_KEY_FILE.',
    'Pass it with --api-key-stdin, or type it.',
    'the Signature of it; mysignature=2',
    'https://api.kaleyra.io/v1/HX1/voice/recordings?id=1a2b%3D%3D&validity=5&download=1',
    'https://host/a@b, mail a@b',
    'sha256 a5e1f0c1a2b3d4e5f60718293a4b5c6d7a5e1f0c1a2b3d4e5f60718293a4b5c6',
    'Saved 1a2b3c4d==.mp3 in 0.4 s. Why? x=1',
  ])('%j holds none, and keeps all of its words', (text) => {
    expect(maskForms(text)).toBe(text);
  });

  it('changes nothing the second time, whatever stands beside it', () => {
    const pieces = [
      ...[
        'api-key: a1b2c3d4e5',
        'api-key=***',
        '"api-key":"a1b2c3d4"',
        'Authorization: Basic dTpwYXNz',
        'token=12345678;',
        'Signature=Zm9v%3D',
      ],
      ...[
        'https://user:p%40ss1234@host/a?id=1&X-Amz-Signature=abc',
        'http://u@h',
        '//h/?a=b',
        '%3FSignature%3Dabc%26x%3D1',
        '***',
        'abc',
        '\n',
        '&',
        '?',
      ],
      'A0123456789abcdef0123456789abcdef',
    ];
    fc.assert(
      fc.property(fc.array(fc.constantFrom(...pieces), { maxLength: 30 }), (parts) => {
        const once = maskForms(parts.join(' '));
        expect(maskForms(once)).toBe(once);
      }),
      { numRuns: 500 },
    );
  });
});

describe('what the other side says', () => {
  it.each([
    ['loses the path of an address', 'gone: http://aws.s3.com/xyz/link/limited/to/5/minutes!', 'gone: http://aws.s3.com/…'],
    ['loses an address without a scheme', 'at //play.example.com/?id=1', 'at //play.example.com/…'],
    ['loses an encoded address', 'at https%3A%2F%2Fh%2Fa%3Fx', 'at https%3A…'],
    ['loses a query alone', 'bad ?a=1&b', 'bad ?…'],
    ['loses a signature that nothing names', `not ${'0123456789abcdef'.repeat(4)}.`, 'not ***.'],
    ['keeps its words', 'Invalid Id: 1a2b3c== (api-key: Invalid api-key)?', 'Invalid Id: 1a2b3c== (api-key: Invalid api-key)?'],
  ])('%s', (_what, text, shown) => {
    expect(maskQuoted(text)).toBe(shown);
  });

  it('passes the redactor that it is given', () => {
    expect(maskQuoted('the s3cr3t', knowing('s3cr3t').redact)).toBe('the ***');
  });
});

// A pattern that is quadratic shows as a time that grows with the square of the text's length.
describe('hostile text', () => {
  const redact = knowing(KEY, 'quo"ted\\key/').redact;
  const pieces = [
    ...[
      '://',
      '//',
      '/',
      'a',
      'a1',
      'A',
      '\\',
      ' ',
      'api-key',
      'api-key:',
      '"api-key",',
      "'",
      'Signature=',
      'Signature:',
      'X-Amz-Signature%3D',
    ],
    ...[
      '%3A%2F%2F',
      '%2F',
      '%25',
      '%',
      '%3F',
      '%3Fa',
      '&',
      '?',
      '?a',
      '&a=',
      ';',
      '@',
      '://a@',
      '0',
      '&#',
      '&#0',
      '\\u0041',
      'authorization:',
    ],
  ];
  it.each(pieces)('of %j is masked in linear time', (piece) => {
    for (const start of ['', 'api-key="', '%3Fa%3D', KEY.slice(0, -1)]) {
      expectLinear(
        (length) => start + piece.repeat(Math.ceil(length / piece.length)),
        (text) => maskQuoted(text, redact),
      );
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
