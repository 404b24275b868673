import { expect, test } from 'vitest';
import { namesEtag, parseRange } from '../../src/sandbox/ranges.ts';

test.each([
  ['bytes=0-', { start: 0, end: 10 }],
  ['bytes=4-', { start: 4, end: 10 }],
  ['bytes=9-', { start: 9, end: 10 }],
  ['bytes=2-5', { start: 2, end: 6 }],
  ['bytes=3-3', { start: 3, end: 4 }],
  ['bytes=2-99', { start: 2, end: 10 }],
  ['bytes=-3', { start: 7, end: 10 }],
  ['bytes=-99', { start: 0, end: 10 }],
  ['bytes=10-', 'unsatisfiable'],
  ['bytes=99-100', 'unsatisfiable'],
  ['bytes=-0', 'unsatisfiable'],
  [undefined, undefined],
  ['', undefined],
  ['bytes=-', undefined],
  ['bytes=5-2', undefined],
  ['bytes=0-1,4-5', undefined],
  ['bytes=a-b', undefined],
  ['items=0-1', undefined],
] as const)('of 10 bytes, %j asks for %j', (header, range) => {
  expect(parseRange(header, 10)).toEqual(range);
});

test('of no bytes, no range can be had', () => {
  expect(parseRange('bytes=0-', 0)).toBe('unsatisfiable');
  expect(parseRange('bytes=-5', 0)).toBe('unsatisfiable');
});

test.each([
  ['"a"', true],
  ['*', true],
  ['"b", "a"', true],
  ['"b"', false],
  ['a', false],
  ['W/"a"', false],
  ['', false],
])('the ETags %s name "a": %s', (header, named) => {
  expect(namesEtag(header, '"a"')).toBe(named);
});
