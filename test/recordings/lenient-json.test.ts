import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { readLenientJson } from '../../src/recordings/lenient-json.ts';

function fixture(name: string): string {
  return readFileSync(new URL(`../fixtures/responses/${name}`, import.meta.url), 'utf8');
}

describe('readLenientJson', () => {
  test('agrees with JSON.parse on every JSON', () => {
    fc.assert(
      fc.property(fc.json({ stringUnit: 'binary' }), fc.constantFrom(undefined, 2, '\t'), (json, indent) => {
        const text = JSON.stringify(JSON.parse(json), undefined, indent);
        expect(readLenientJson(text)).toStrictEqual(JSON.parse(text));
      }),
    );
  });

  test('agrees with JSON.parse on every JSON that stands in what is not JSON', () => {
    fc.assert(
      fc.property(fc.json({ stringUnit: 'binary', maxDepth: 20 }), (json) => {
        expect(readLenientJson(`[${json},]`)).toStrictEqual([JSON.parse(json)]);
      }),
    );
  });

  test('reads the documented failure, whose list holds pairs', () => {
    expect(readLenientJson(fixture('documented-invalid-id.txt'))).toStrictEqual({
      code: 'RBC31XX',
      message: 'Invalid Id',
      data: { id: 'abcd1234==', validity: '5', download: '0' },
      error: { id: 'Invalid id' },
    });
  });

  test('reads the documented failure right whatever texts stand in it', () => {
    const text = fc.string({ unit: 'binary' });
    fc.assert(
      fc.property(text, text, text, text, (code, message, id, reason) => {
        const body = fixture('documented-invalid-id.txt')
          .replace('"RBC31XX"', () => JSON.stringify(code))
          .replace('"Invalid Id"', () => JSON.stringify(message))
          .replace('"abcd1234=="', () => JSON.stringify(id))
          .replace('"Invalid id"', () => JSON.stringify(reason));
        expect(readLenientJson(body)).toStrictEqual({ code, message, data: { id, validity: '5', download: '0' }, error: { id: reason } });
      }),
    );
  });

  test.each([
    ['\uFEFF{"a":1}', { a: 1 }],
    ['\uFEFF["a":1]', { a: 1 }],
    ['{"a":1,}', { a: 1 }],
    ['[1,,2,]', [1, 2]],
    ['[1 , 2,,]', [1, 2]],
    ['["a":[ "b" : {"c":null,}, ],]', { a: { b: { c: null } } }],
    ['["a":1,{"b":2}]', { a: 1, 1: { b: 2 } }],
    ['["a":1,"a":2]', { a: 2 }],
    ['["a":"line\nbreak"]', { a: 'line\nbreak' }],
    ['["a":"C:\\dir \\u00e9 \\u12"]', { a: 'C:\\dir é \\u12' }],
    ['["a":"\\"\\\\\\/\\b\\f\\n\\r\\t"]', { a: '"\\/\b\f\n\r\t' }],
    ['["a":-0.5e+3,"b":true,"c":false]', { a: -500, b: true, c: false }],
    ['\u00a0["a":\u00a01]\u00a0', { a: 1 }],
  ])('reads %j', (text, expected) => {
    expect(readLenientJson(text)).toStrictEqual(expected);
  });

  test.each([
    '',
    ' ',
    '\uFEFF',
    '<html>',
    '{',
    '[',
    '["a":]',
    '[,]',
    '{,}',
    '["a":1',
    '["a" 1]',
    '["a":1 "b":2]',
    '["a":1}',
    '{"a":1]',
    '{"a"}',
    '{"a":1,"b"}',
    '[1:2,]',
    '["a":1] x',
    '["a":1]["b":2]',
    '["a',
    '["a\\',
    '["a":01]',
    '["a":.5]',
    '["a":+1]',
    '["a":nul]',
    '["a":truex]',
    "['a':1]",
    '["a":b]',
    '["a"::1]',
  ])('does not read %j', (text) => {
    expect(readLenientJson(text)).toBeUndefined();
  });

  test.each(['{"__proto__":{"evil":1}}', '["__proto__":{"evil":1}]'])('sets no prototype for %s', (text) => {
    const value = readLenientJson(text);
    expect(Object.getPrototypeOf(value)).toBe(Object.prototype);
    expect(Object.hasOwn(value as object, '__proto__')).toBe(true);
    expect(value).not.toHaveProperty('evil');
  });

  test('never throws, on any string', () => {
    const pieces = fc.array(fc.constantFrom(...'{}[],:"\\ \n-0e.tn', 'true', 'null', '"a"', '\\u00', '\uFEFF'), { maxLength: 60 });
    fc.assert(
      fc.property(
        fc.oneof(
          fc.string({ unit: 'binary' }),
          pieces.map((list) => list.join('')),
        ),
        (text) => {
          expect(() => readLenientJson(text)).not.toThrow();
        },
      ),
      { numRuns: 1000 },
    );
  });

  // Anything but linear time would let these run into the test's time limit.
  test.each([
    ['brackets', '['.repeat(1_000_000)],
    ['keys', '["a":'.repeat(200_000)],
    ['commas', `[${','.repeat(1_000_000)}`],
    ['a string without end', `["${'a'.repeat(1_000_000)}`],
    ['backslashes', `["${'\\'.repeat(1_000_001)}`],
    ['blanks', `[${' '.repeat(1_000_000)}x`],
    ['digits', `[${'1'.repeat(1_000_000)}x`],
    ['quotes', `[${'"'.repeat(1_000_000)}`],
    ['values', `[${'"a",'.repeat(250_000)}x`],
  ])('gives up on a megabyte of %s', (_, text) => {
    expect(readLenientJson(text)).toBeUndefined();
  });

  test('reads what lies 64 deep, and nothing deeper unless it is JSON', () => {
    const nested = (depth: number, inner: string) => '['.repeat(depth) + inner + ']'.repeat(depth);
    expect(readLenientJson(nested(64, '"a":1'))).toBeDefined();
    expect(readLenientJson(nested(65, '"a":1'))).toBeUndefined();
    expect(readLenientJson(nested(65, '1'))).toBeDefined();
  });

  test('does not take what lies side by side for what lies deep', () => {
    expect(readLenientJson(`[${'[],'.repeat(100)}]`)).toHaveLength(100);
  });
});
