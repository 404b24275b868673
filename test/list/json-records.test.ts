import { describe, expect, test } from 'vitest';
import { arraysIn, idKey, keysOf, objectsAt, parseValue, recordOf } from '../../src/list/json-records.ts';

const parse = (text: string) => parseValue({ text } as Parameters<typeof parseValue>[0]);

describe('a value of JSON', () => {
  test.each<[text: string, value: unknown]>([
    ['{"id":1}', { id: 1 }],
    ['{"id":123456789012345}', { id: 123456789012345 }],
    ['{"id":1234567890123456}', { id: '1234567890123456' }],
    ['{"id": -1234567890123456789}', { id: '-1234567890123456789' }],
    ['[1234567890123456, 2234567890123456]', ['1234567890123456', '2234567890123456']],
    ['{"a":"1234567890123456","b":1234567890123456}', { a: '1234567890123456', b: '1234567890123456' }],
    ['{"a":"x\\":1234567890123456","b":1234567890123456}', { a: 'x":1234567890123456', b: '1234567890123456' }],
    ['{"a":1234567890123456.5}', { a: 1234567890123456.5 }],
    ['{"a":1234567890123456e3}', { a: 1234567890123456e3 }],
  ])('keeps the digits of a long number as a text: %s', (text, value) => {
    expect(parse(text)).toEqual(value);
  });

  test('that is parsed already is taken as it is', () => {
    const parsed = { id: 'a' };
    expect(parseValue({ text: '{"id":"a"}', parsed } as Parameters<typeof parseValue>[0])).toBe(parsed);
    expect(() => parse('{')).toThrow(SyntaxError);
  });
});

describe('a record', () => {
  test('has nested objects under keys with dots, arrays as JSON, and nothing for null', () => {
    const value = { a: 'x', b: { c: 1, d: { e: true } }, f: [1, { g: 2 }], h: null, i: 0, j: {}, k: false };
    expect([...recordOf(value)]).toEqual([
      ['a', 'x'],
      ['b.c', '1'],
      ['b.d.e', 'true'],
      ['f', '[1,{"g":2}]'],
      ['h', ''],
      ['i', '0'],
      ['k', 'false'],
    ]);
  });

  test('has objects that are too deep as JSON', () => {
    const nest = (depth: number): Record<string, unknown> => (depth === 0 ? { end: 1 } : { a: nest(depth - 1) });
    expect([...recordOf(nest(8))]).toEqual([['a.a.a.a.a.a.a.a.end', '1']]);
    expect([...recordOf(nest(9))]).toEqual([['a.a.a.a.a.a.a.a.a', '{"end":1}']]);
  });

  test('has its keys where they first occur', () => {
    expect(keysOf([recordOf({ b: 1, a: 2 }), recordOf({ c: 3, a: 4 })])).toEqual(['b', 'a', 'c']);
  });
});

describe('the arrays of records in an answer', () => {
  test('are those that hold objects, with the way to them', () => {
    const value = { n: 1, calls: [{ id: 1 }, 2], data: { agents: [{ id: 3 }], empty: [], numbers: [1] } };
    expect(arraysIn(value)).toEqual([
      { path: ['calls'], objects: [{ id: 1 }] },
      { path: ['data', 'agents'], objects: [{ id: 3 }] },
    ]);
    expect(arraysIn([{ id: 1 }])).toEqual([]);
    expect(arraysIn(null)).toEqual([]);
  });

  test('are four keys deep at most', () => {
    expect(arraysIn({ a: { b: { c: { d: [{}] } } } })).toEqual([{ path: ['a', 'b', 'c', 'd'], objects: [{}] }]);
    expect(arraysIn({ a: { b: { c: { d: { e: [{}] } } } } })).toEqual([]);
  });

  test('are found by that way in another answer, where it has them', () => {
    expect(objectsAt({ data: { calls: [{ id: 1 }, 2] } }, ['data', 'calls'])).toEqual([{ id: 1 }, 2]);
    expect(objectsAt({ id: 1 }, [])).toEqual([{ id: 1 }]);
    for (const value of [{}, { data: 1 }, { data: { calls: { id: 1 } } }, null, 'data', { data: 'calls' }, { data: null }]) {
      expect(objectsAt(value, ['data', 'calls'])).toBeUndefined();
    }
    expect(objectsAt({}, ['constructor', 'name'])).toBeUndefined();
    expect(objectsAt({ data: [] }, ['data', 'length'])).toBeUndefined();
  });
});

describe('the key that holds the id', () => {
  test.each<[keys: string[], index: number | undefined, column?: string]>([
    [['n', 'recording_id'], 1],
    [['id', 'Recording ID'], 1],
    [['id', 'recording.id'], 1],
    [['recordingId', 'recording_id'], undefined],
    [['call.recordingId', 'id'], 0],
    [['a.recordingId', 'b.recordingId', 'id'], 2],
    [['a.recordingId', 'b.recordingId'], undefined],
    [['n', 'ID'], 1],
    [['id', 'ID'], undefined],
    [['call.id'], undefined],
    [['ids'], undefined],
    [[], undefined],
    [['recordingId', 'call'], 1, 'call'],
    [['recordingId', 'n'], undefined, 'call'],
    [['call', 'Call'], undefined, 'CALL'],
  ])('among %j is number %j', (keys, index, column) => {
    expect(idKey(keys, column)).toBe(index);
  });
});
