import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { readLenientJson } from '../../src/recordings/lenient-json.ts';

function fixture(name: string): string {
  return readFileSync(new URL(`../fixtures/responses/${name}`, import.meta.url), 'utf8');
}

describe('readLenientJson', () => {
  test('agrees with JSON.parse on every JSON, behind a byte order mark too', () => {
    fc.assert(
      fc.property(fc.json({ stringUnit: 'binary' }), fc.constantFrom(undefined, 2, '\t'), (json, indent) => {
        const text = JSON.stringify(JSON.parse(json), undefined, indent);
        // A null says no more than what cannot be read.
        expect(readLenientJson(text) ?? null).toStrictEqual(JSON.parse(text));
        expect(readLenientJson(`\uFEFF${text}`) ?? null).toStrictEqual(JSON.parse(text));
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
    ['\uFEFF["a":1]', { a: 1 }],
    ['["a":[ "b" : {"c":null}, "d":[1,[]] ]]', { a: { b: { c: null }, d: [1, []] } }],
    ['[["a" :1], ["b"]]', [{ a: 1 }, ['b']]],
    ['["]\\"[":"["]', { ']"[': '[' }],
  ])('reads %j', (text, expected) => {
    expect(readLenientJson(text)).toStrictEqual(expected);
  });

  test.each(['', ' ', '<html>', '{', '[', '["a":]', '["a":1', '["a":1 "b":2]', '["a":1,2]', '["a":1] x', '["a', '["a\\', "['a':1]"])(
    'does not read %j',
    (text) => {
      expect(readLenientJson(text)).toBeUndefined();
    },
  );

  test.each(['{"__proto__":{"evil":1}}', '["__proto__":{"evil":1}]'])('sets no prototype for %s', (text) => {
    const value = readLenientJson(text);
    expect(Object.getPrototypeOf(value)).toBe(Object.prototype);
    expect(Object.hasOwn(value as object, '__proto__')).toBe(true);
    expect(value).not.toHaveProperty('evil');
  });

  test('never throws, on any string', () => {
    const pieces = fc.array(fc.constantFrom(...'{}[],:"\\ \n-0e.tn', 'true', 'null', '"a"', '\\u00', '\uFEFF'), { maxLength: 60 });
    const text = fc.oneof(
      fc.string({ unit: 'binary' }),
      pieces.map((list) => list.join('')),
    );
    fc.assert(
      fc.property(text, (any) => void readLenientJson(any)),
      { numRuns: 1000 },
    );
  });

  // Anything but linear time would let these run into the test's time limit.
  test.each([
    ['brackets', '['.repeat(1_000_000)],
    ['keys', '["a":'.repeat(200_000)],
    ['a string without end', `["${'a'.repeat(1_000_000)}`],
    ['escaped quotes', `["${'\\"'.repeat(500_000)}`],
    ['blanks', `[${' '.repeat(1_000_000)}x`],
    ['quotes', `[${'"'.repeat(1_000_001)}`],
    ['values', `[${'"a",'.repeat(250_000)}x`],
  ])('gives up on a megabyte of %s', (_, text) => {
    expect(readLenientJson(text)).toBeUndefined();
  });
});
