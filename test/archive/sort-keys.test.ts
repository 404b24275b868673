import { describe, expect, test } from 'vitest';
import { inOrder, type SortKey, textKey } from '../../src/archive/sort-keys.ts';

describe('what a value is sorted by', () => {
  test.each<[value: string, key: SortKey]>([
    ['12', 12],
    [' 12 ', 12],
    ['-3', -3],
    ['+3', 3],
    ['1.5', 1.5],
    ['1,5', 1.5],
    ['123456789012345', 123456789012345],
    ['1234567890123456', '1234567890123456'],
    ['.5', '.5'],
    ['1.', '1.'],
    ['1.2.3', '1.2.3'],
    ['12 min', '12 min'],
    ['a12', 'a12'],
    ['--3', '--3'],
    [' Anna ', 'anna'],
    ['A\u030a', '\u00e5'],
    ['x'.repeat(61), 'x'.repeat(60)],
    ['', undefined],
    [' \t', undefined],
  ])('%j: %j', (value, key) => {
    expect(textKey(value)).toBe(key);
  });
});

describe('keys', () => {
  const keys = ['b', 2, undefined, 'a', 10, 'b', undefined];

  test('are sorted with numbers before texts, what has none last, and what is alike as it stands', () => {
    expect([...inOrder(keys, false)]).toEqual([1, 4, 3, 0, 5, 2, 6]);
  });

  test('are sorted backwards with what has none last all the same', () => {
    expect([...inOrder(keys, true)]).toEqual([0, 5, 3, 4, 1, 2, 6]);
  });
});
