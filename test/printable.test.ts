import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { printable, printableId, shortened, terminalText, toJsonLine } from '../src/printable.ts';

/** What no terminal may be shown, and how it is shown. */
const HOSTILE: readonly [what: string, text: string, shown: string][] = [
  ['an escape sequence', '\u001b[31mred', '\\u001b[31mred'],
  ['a window title', '\u001b]0;owned\u0007', '\\u001b]0;owned\\u0007'],
  ['a link', '\u001b]8;;http://x\u001b\\', '\\u001b]8;;http://x\\u001b\\'],
  ['the one-byte form of it', '\u009b31m', '\\u009b31m'],
  ['a return to the start of the line', 'a\rb', 'a\\u000db'],
  ['a bell, a delete and a null', '\u0007\u007f\0', '\\u0007\\u007f\\u0000'],
  ['a change of direction', 'a\u202egpj.3pm', 'a\\u202egpj.3pm'],
  ['an isolate', 'a\u2066b\u2069', 'a\\u2066b\\u2069'],
  ['what cannot be seen', 'a\u200bb\ufeffc\u2028d\u2029e', 'a\\u200bb\\ufeffc\\u2028d\\u2029e'],
  ['a filler', 'a\u3164b\u115fc\u2800d\u034fe', 'a\\u3164b\\u115fc\\u2800d\\u034fe'],
  ['a choice of variant', 'a\ufe0fb', 'a\\ufe0fb'],
  ['a tag', 'a\u{e0041}b', 'a\\udb40\\udc41b'],
  ['half of a surrogate pair', 'a\ud800b\udc00', 'a\\ud800b\\udc00'],
  ['a noncharacter', 'a\ufffeb', 'a\\ufffeb'],
];

const STEERS = /[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]/u;

describe('printable', () => {
  it('leaves ordinary text as it is', () => {
    for (const text of ['1xxxx8axxxxgiu587==', 'é 日本 😀', 'a b/c\\d"e', '']) expect(printable(text)).toBe(text);
  });

  it.each([...HOSTILE, ['line ends and tabs', 'a\r\nb\tc', 'a\\u000d\\u000ab\\u0009c']])('shows %s as what it is', (_what, text, shown) => {
    expect(printable(text)).toBe(shown);
  });

  it('leaves nothing that steers a terminal, whatever it is given', () => {
    fc.assert(fc.property(fc.string({ unit: 'binary' }), (text) => void expect(printable(text)).not.toMatch(STEERS)));
  });

  it('shows the beginning of what is long', () => {
    expect(printable('x'.repeat(1_000_000))).toBe(`${'x'.repeat(1999)}…`);
    expect(printableId('x'.repeat(201))).toBe(`${'x'.repeat(199)}…`);
    expect(printableId('x'.repeat(200))).toBe('x'.repeat(200));
  });
});

describe('terminalText', () => {
  it.each(HOSTILE.slice(1))('lets %s through on no line', (_what, text, shown) => {
    expect(terminalText(`a\tb\n${text}`)).toBe(`a\tb\n${shown}`);
  });

  it('lets through the colours of the tool, and no other sequence', () => {
    expect(terminalText('\u001b[31;1merror:\u001b[0m x')).toBe('\u001b[31;1merror:\u001b[0m x');
    expect(terminalText('\u001b[8mhidden\u001b[2J\u001b[1A')).toBe('\\u001b[8mhidden\\u001b[2J\\u001b[1A');
  });
});

describe('toJsonLine', () => {
  it.each(HOSTILE)('escapes %s, and reads as the same value', (_what, text) => {
    const line = toJsonLine({ [text]: [text] });
    expect(line).not.toMatch(STEERS);
    expect(line).toMatch(/\\u[0-9a-f]{4}|\\[bfnrt]/);
    expect(JSON.parse(line)).toEqual({ [text]: [text] });
  });

  it('gives one line that no terminal obeys, whatever the value', () => {
    fc.assert(
      fc.property(fc.jsonValue(), fc.string({ unit: 'binary' }), (value, text) => {
        const line = toJsonLine({ value, text });
        expect(line).not.toMatch(STEERS);
        expect(JSON.parse(line)).toEqual(JSON.parse(JSON.stringify({ value, text })));
      }),
    );
  });

  it('passes the replacer on', () => {
    expect(toJsonLine({ a: 1, b: 2 }, (name, value) => (name === 'a' ? undefined : value))).toBe('{"b":2}');
  });
});

describe('shortened', () => {
  it('never cuts a surrogate pair in two', () => {
    expect(shortened('ab😀cd', 4)).toBe('ab…');
  });
});
