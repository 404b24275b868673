import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { matcher } from '../../src/list/pattern.ts';

describe('a pattern', () => {
  it.each([
    ['answered', 'Answered', true],
    ['answered', ' answered ', true],
    ['answered', 'answered by', false],
    ['*', '', true],
    ['', '', true],
    ['', '  ', true],
    ['', 'x', false],
    ['+91*', '+9122', true],
    ['+91*', '+3922', false],
    ['*.wav', 'a.b.WAV', true],
    ['*a*b*', 'xxaxxbxx', true],
    ['*a*b*', 'xxbxxaxx', false],
    ['a?c', 'abc', true],
    ['a?c', 'ac', false],
    ['?', '👍', true],
    ['**a', 'a', true],
    ['a*', 'b', false],
    ['CAFÉ', 'cafe\u0301', true],
    ['a\\*b', 'a*b', true],
    ['a\\*b', 'axb', false],
    ['a\\?', 'a?', true],
    ['a\\\\b', 'a\\b', true],
    ['C:\\dir\\*', 'c:\\dir*', true],
    ['C:\\dir*', 'c:\\dir\\x', true],
    ['a.c', 'abc', false],
    ['[ab]', 'a', false],
    ['a*\nb', 'ax\nb', true],
  ])('%j matches %j: %s', (pattern, value, expected) => {
    expect(matcher(pattern)(value)).toBe(expected);
  });

  it('with all that is special escaped matches the value itself alone', () => {
    const value = fc.string({ unit: 'grapheme-ascii' }).map((text) => text.trim().toLowerCase());
    fc.assert(
      fc.property(value, value, (text, other) => {
        const matches = matcher(text.replace(/[*?\\]/g, '\\$&'));
        expect(matches(text)).toBe(true);
        expect(matches(other)).toBe(other === text);
      }),
    );
  });

  it('finds what it must, and says no at last, however many ways there are to try', () => {
    const value = 'a'.repeat(20_000);
    expect(matcher(`${'*a'.repeat(20)}*`)(value)).toBe(true);
    expect(matcher(`${'*a'.repeat(20)}*b`)(value)).toBe(false);
  });
});
