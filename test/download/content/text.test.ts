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

  test.each([
    ['UTF-8', Buffer.from('A\u00e9\u00e8').subarray(0, -1)],
    ['GBK', hex('c2bcd2f4cec4bcfeb2bbb4e6d4daa1a3c2')],
  ])('that in %s, although it is cut within a character', (_, bytes) => {
    expect(kindOfText(bytes)).toBe('text');
  });

  test.each([
    ['UTF-16LE that begins with a zero', utf16('\u4e00\u6761\u5f55\u97f3\u3002')],
    ['UTF-16BE whose first character has two bytes', utf16('\u5f55\u97f3\u4e0d\u5b58\u5728\u3002').swap16()],
    ['UTF-16 with every kind of line and page end', utf16('a\tb\nc\vd\fe\rf')],
  ])('that in %s', (_, bytes) => {
    expect(kindOfText(bytes)).toBe('text');
  });

  test('what begins it, behind however many blanks', () => {
    expect(kindOfText(latin1(`${' '.repeat(2000)}<html>`))).toBe('an HTML page');
  });
});

/** So many of each of these bytes. */
const mixture = (...parts: [count: number, byte: number][]) => Buffer.concat(parts.map(([count, byte]) => Buffer.alloc(count, byte)));

/** What is a text by its mixture of bytes alone, and what no longer is. */
function expectText(bytes: Uint8Array, isText: boolean) {
  expect(kindOfText(bytes)).toBe(isText ? 'text' : undefined);
}

describe('a text with letters beyond ASCII', () => {
  /** In Latin-1; the star behind the first letter rules out the encodings of two bytes. */
  const latin = (high: number, blanks: number, plain: number, stars: number) =>
    mixture([1, 0xe9], [1, 0x2a], [high - 1, 0xe9], [blanks, 0x20], [plain, 0x61], [stars - 1, 0x2a]);

  test.each<[string, bytes: [high: number, blanks: number, plain: number, stars: number], isText: boolean]>([
    ['is one with a blank in 50', [1, 2, 96, 1], true],
    ['is none with fewer', [1, 1, 97, 1], false],
    ['is one where half is letters and blanks', [1, 2, 48, 49], true],
    ['is none where less is', [1, 2, 47, 50], false],
    ['is none where less is, however many blanks there are', [1, 10, 30, 59], false],
    ['is one with three such letters in ten', [30, 2, 67, 1], true],
    ['is none with more of them and as few blanks', [31, 2, 66, 1], false],
    ['is none with three in ten between signs', [30, 10, 30, 30], false],
    ['is one with many of them and a blank in 20', [40, 5, 54, 1], true],
    ['is none with many of them and fewer blanks', [40, 4, 55, 1], false],
    ['is one with many of them and as many blanks as characters', [40, 50, 9, 1], true],
    ['is none with many of them and more blanks than characters', [40, 51, 8, 1], false],
  ])('%s', (_, counts, isText) => {
    expectText(latin(...counts), isText);
  });

  // In GBK: "recording file does not exist".
  const chinese = hex('c2bcd2f4cec4bcfeb2bbb4e6d4da a1a3');

  test('is one of four characters, with a full stop', () => {
    expectText(hex('c2bcd2f4cec4a1a3'), true);
    expectText(hex('c2bcd2f4a1a3'), false);
  });

  test('is one where no more than one character in 20 is out of the common', () => {
    const common = Buffer.concat([chinese, chinese, hex('c2bcd2f4')]);
    expectText(Buffer.concat([common, hex('c2bc'), latin1('*')]), true);
    expectText(Buffer.concat([common, latin1('*')]), false);
  });
});

describe('a text in EBCDIC', () => {
  // A tab of EBCDIC is a control character anywhere else, so that no other encoding has these.
  const ebcdic = (counts: { letters: number; blanks: number; tabs: number; signs?: number }, letter = 0x81, blank = 0x40) =>
    mixture([counts.letters, letter], [counts.blanks, blank], [counts.tabs, 0x05], [counts.signs ?? 0, 0x6b]);

  test.each<[string, Parameters<typeof ebcdic>[0], isText: boolean]>([
    ['has a blank in 25', { letters: 84, blanks: 4, tabs: 12 }, true],
    ['has no fewer', { letters: 84, blanks: 3, tabs: 13 }, false],
    ['has as many blanks as letters and signs', { letters: 7, blanks: 10, tabs: 3 }, true],
    ['has no more', { letters: 34, blanks: 51, tabs: 15 }, false],
    ['has letters and blanks in 17 places of 20', { letters: 75, blanks: 10, tabs: 15 }, true],
    ['has them in no fewer', { letters: 74, blanks: 10, tabs: 16 }, false],
    ['is punctuation for the most part, with one blank', { letters: 39, blanks: 1, signs: 58, tabs: 2 }, true],
    ['has a blank somewhere', { letters: 40, blanks: 0, signs: 58, tabs: 2 }, false],
    ['is not for the most part of other signs', { letters: 39, blanks: 1, signs: 57, tabs: 3 }, false],
    ['has letters between its punctuation', { letters: 38, blanks: 1, signs: 59, tabs: 2 }, false],
  ])('%s', (_, counts, isText) => {
    expectText(ebcdic(counts), isText);
  });

  const prose = { letters: 75, blanks: 10, tabs: 15 };

  test.each(['81', '89', '91', '99', 'a2', 'a9', 'c1', 'c9', 'd1', 'd9', 'e2', 'e9', 'f0', 'f9'])(
    'has %s for a letter or a digit',
    (byte) => {
      expectText(ebcdic(prose, Number.parseInt(byte, 16)), true);
    },
  );

  test.each(['41', '49', '61', '69', '71', '80', '8a', '90', '9a', 'aa', 'b1', 'b9', 'c0', 'ca', 'da', 'e0', 'ea', 'fa'])(
    'has not %s for one',
    (byte) => {
      expectText(ebcdic(prose, Number.parseInt(byte, 16)), false);
    },
  );

  test.each(['40', '15', '25'])('has %s for a blank or a line end', (byte) => {
    expectText(ebcdic(prose, 0x81, Number.parseInt(byte, 16)), true);
  });
});

describe('no text', () => {
  test.each([
    ['zeros', '00 00 00'],
    ['what is beside the letters of EBCDIC', '80 40 8a 40 90 40 9a 40 a1 40 aa 40 b1 40 ca 40 da 40 ea 40 fa 40 80 8a 90 9a a1 aa'],
    ['half of a pair in UTF-16', 'ff fe 00 d8 20 00 00 d8 20 00'],
    ['characters that are assigned to nothing', 'ff fe 78 03 20 00 79 03 20 00'],
    ['a control character in every place', '01 02 03 04 05 06 07'],
    ['a click in silence', '00 02 30 00'],
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
    ['the end of a mark', Buffer.concat([hex('41 ff'), utf16(page)]), undefined],
    ['a mark in its midst', Buffer.from('<!doc\ufefftype html>'), undefined],
  ])('%s', (_, bytes, kind) => {
    expect(documentAtStart(bytes)).toBe(kind);
  });
});
