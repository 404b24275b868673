import { describe, expect, test } from 'vitest';
import { documentAtStart, kindOfText } from '../../../src/download/content/text.ts';

const latin1 = (text: string) => Buffer.from(text, 'latin1');
const hex = (digits: string) => Buffer.from(digits.replaceAll(' ', ''), 'hex');
const utf16 = (text: string) => Buffer.from(text, 'utf16le');
const utf32 = (text: string) => Buffer.concat([...text].map((char) => Buffer.concat([utf16(char), Buffer.alloc(2)])));

describe('a text is called', () => {
  test.each<[kind: string, ...starts: string[]]>([
    ['an HTML page', '<!DOCTYPE html>', '<!doctype  HTML ', '<html>', '<HTML lang="en">', '\ufeff<html>', ' \n\t<html>', '<!-- a --><b>'],
    ['an HTML page', '<head>', '<body class="a">', '<p/>', '<h1>', '<h6 ', '<DIV>', '<br>', '<a href', '<pre>', '<title>', '<iframe '],
    [
      'an XML document',
      '<?xml version="1.0"?>',
      '<?xml?>',
      '<!DOCTYPE svg>',
      '<Error>',
      '<s:Envelope xmlns',
      '<a-b/>',
      '<_x>',
      '<h7>',
      '<html5>',
    ],
    [
      'a JSON document',
      '{"a":1}',
      '{ "a"',
      '{}',
      '{\n}',
      '[]',
      '[ ]',
      '[{',
      '[[1',
      '["a"',
      '[1]',
      '[-1]',
      '[0',
      '[true]',
      '[false,',
      '[null',
    ],
    ['text', '<1>', '<!doctype', '<a', '{a', '{', '[', '[truely', '[nullable', '[x', 'a <html>', 'a {"b":1}', 'x', '-'],
    ['nothing but blanks', ' ', '\n', '\t\r\n', '\f'],
  ])('%s', (kind, ...starts) => {
    for (const start of starts) expect([start, kindOfText(Buffer.from(start))]).toEqual([start, kind]);
  });

  test('what it is in any of the wide encodings, with zeros before and behind it', () => {
    const zeros = Buffer.alloc(8);
    for (const text of ['<html> </html>', '\ufeff<html>', '<html>']) {
      for (const bytes of [utf16(text), utf16(text).swap16(), utf32(text)]) {
        expect(kindOfText(bytes)).toBe('an HTML page');
        expect(kindOfText(Buffer.concat([zeros, bytes, zeros]))).toBe('an HTML page');
      }
    }
  });

  test.each([
    ['Latin-1', 'M\xfcnchen: die Aufnahme f\xfcr diesen Anruf wurde gel\xf6scht'],
    ['code page 850', 'M\x81nchen: die Aufnahme fehlt; Anruf gel\x94scht, bitte melden'],
  ])('that in %s', (_, text) => {
    expect(kindOfText(latin1(text))).toBe('text');
  });

  test.each([
    ['Windows-1251', 'c7e0efe8f1fc20ede520ede0e9e4e5ede020ede020f1e5f0e2e5f0e5'],
    ['KOI8-R', 'fac1d0c9d3d820cec520cec1cac4c5cec120cec120d3c5d2d7c5d2c5'],
    ['Hebrew', 'e4e4f7ece8e420ece020f0eef6e0e4'],
    ['GBK', 'c2bcd2f4cec4bcfeb2bbb4e6d4daa1a3'],
    ['Big5', 'bffdadb5c0c9aec7a4a3a673a662a143'],
    ['EUC-KR', 'b3ecc0bdc6c4c0cfc0cc20bef8bdc0b4cfb4d9'],
    ['EUC-JP', 'cfbfb2bba5d5a5a1a5a4a5eba4aca4a2a4eaa4dea4bba4f3a1a3'],
  ])('that in %s', (_, digits) => {
    expect(kindOfText(hex(digits))).toBe('text');
  });

  test.each([
    // The first and the last letter of each row, and both digits at the ends.
    ['letters and digits', '81 40 89 40 91 40 99 40 a2 40 a9 40 c1 40 c9 40 d1 40 d9 40 e2 40 e9 40 f0 40 f9 40 c1 c9 d1 d9'],
    ['letters and line ends', '81 82 83 84 85 86 87 88 15 89 91 92 93 94 95 96 97 25 98 99 a2 a3'],
    ['JSON', 'c0 7f 85 99 99 96 99 7f 7a 40 7f 95 96 a3 40 86 96 a4 95 84 7f d0'],
  ])('that in EBCDIC: %s', (_, digits) => {
    expect(kindOfText(hex(digits))).toBe('text');
  });
});

describe('no text', () => {
  test.each([
    ['zeros', '00 00 00'],
    ['what is beside the letters of EBCDIC', '80 40 8a 40 90 40 9a 40 a1 40 aa 40 b1 40 ca 40 da 40 ea 40 fa 40 80 8a 90 9a a1 aa'],
    ['half of a pair in UTF-16', 'ff fe 00 d8 20 00 00 d8 20 00'],
    ['characters that are assigned to nothing', 'ff fe 78 03 20 00 79 03 20 00'],
    ['a control character in every place', '01 02 03 04 05 06 07'],
  ])('is %s', (_, digits) => {
    expect(kindOfText(hex(digits))).toBeUndefined();
  });

  test('are 10 ms or more of silence that look like one letter', () => {
    for (const letter of ['P', 'U', 'W', 'x', '~']) {
      expect([letter, kindOfText(latin1(letter.repeat(79)))]).toEqual([letter, 'text']);
      expect([letter, kindOfText(latin1(letter.repeat(80)))]).toEqual([letter, undefined]);
    }
    for (const letter of ['O', 'X', 'w', 'UUUUUUUX']) expect([letter, kindOfText(latin1(letter.repeat(80)))]).toEqual([letter, 'text']);
  });

  test('is a long word in wide characters: that could be silence with an offset', () => {
    expect(kindOfText(utf16('a'.repeat(39)))).toBe('text');
    expect(kindOfText(utf16('a'.repeat(40)))).toBeUndefined();
  });

  test('has more than one control character in 50', () => {
    expect(kindOfText(latin1(`${'a '.repeat(49)}\x01\x02`))).toBe('text');
    expect(kindOfText(latin1(`${'a '.repeat(48)}\x01\x02\x03`))).toBeUndefined();
  });
});

describe('a document is known by its start', () => {
  const page = '<!doctype html>';
  test.each<[string, Buffer, string | undefined]>([
    ['HTML', latin1(page), 'an HTML page'],
    ['HTML and noise', Buffer.concat([latin1(page), Buffer.from([0, 255, 1])]), 'an HTML page'],
    ['HTML behind a mark', Buffer.from(`\ufeff${page}`), 'an HTML page'],
    ['XML', latin1('<?xml '), 'an XML document'],
    ['UTF-16LE with a mark', utf16(`\ufeff${page}`), 'an HTML page'],
    ['UTF-16BE with a mark', utf16(`\ufeff${page}`).swap16(), 'an HTML page'],
    ['an element', latin1('<Error>'), undefined],
    ['JSON', latin1('{"a":1}'), undefined],
    ['wide characters without a mark', utf16(page), undefined],
    ['half a mark', Buffer.concat([hex('ff fb'), utf16(page)]), undefined],
    ['the other half', Buffer.concat([hex('fe fe'), utf16(page)]), undefined],
  ])('%s', (_, bytes, kind) => {
    expect(documentAtStart(bytes)).toBe(kind);
  });
});
