import { describe, expect, it } from 'vitest';
import { cleanHeader, HeadReader, isComment } from '../../src/list/head-reader.ts';
import { MAX_ROW_LENGTH } from '../../src/list/list-row.ts';

/** A reader that was given these pieces, and what it said of each: whether enough has come. */
function given(pieces: readonly string[], column?: string) {
  const reader = new HeadReader(column);
  const enough = pieces.map((piece) => reader.add(piece, false));
  return { reader, enough, tells: reader.tells, head: reader.head };
}

describe('the head of a list', () => {
  it.each<[text: string, head: { text: string; line: number; comments: number; blanks: number }]>([
    ['abc\ndef\n', { text: 'abc\ndef\n', line: 1, comments: 0, blanks: 0 }],
    ['# a\n\n  \n\t# b\nabc\n# c\n\ndef\n', { text: 'abc\n# c\n\ndef\n', line: 5, comments: 2, blanks: 2 }],
    ['\r\n\r# a\r\nabc\r\n', { text: 'abc\r\n', line: 4, comments: 1, blanks: 2 }],
    ['\u200b\n#NAME?\nabc\n', { text: '#NAME?\nabc\n', line: 2, comments: 0, blanks: 1 }],
    ['# a\n#;Recording ID\n#;abc\n', { text: '#;Recording ID\n#;abc\n', line: 2, comments: 1, blanks: 0 }],
  ])('of %j begins with its first line that tells something', (text, head) => {
    for (let size = 1; size <= text.length; size++) {
      const pieces = text.match(new RegExp(`[\\s\\S]{1,${size}}(?:(?<=\\r)\\n)?`, 'gu')) ?? [];
      const { reader, tells, head: found } = given(pieces);
      expect([tells, found]).toEqual([true, head]);
      expect(reader.add('', true)).toBe(true);
      expect(reader.head).toEqual(head);
    }
  });

  it('tells once a line is whole that is no comment', () => {
    const { reader, enough, tells } = given(['\n', '# a\n', 'ab', 'c']);
    expect([enough, tells]).toEqual([[false, false, false, false], false]);
    expect(reader.add('\n', false)).toBe(false);
    expect(reader.tells).toBe(true);
  });

  it('ends with a last line that has no line end, and with the text', () => {
    const { reader } = given(['# a\nabc']);
    expect(reader.tells).toBe(false);
    expect(reader.add('', true)).toBe(true);
    expect([reader.tells, reader.head]).toEqual([true, { text: 'abc', line: 2, comments: 1, blanks: 0 }]);
    const empty = given(['\n# a']);
    expect(empty.reader.add('', true)).toBe(true);
    expect([empty.reader.tells, empty.reader.head]).toEqual([false, { text: '', line: 3, comments: 1, blanks: 1 }]);
  });

  it('has 20 lines that tell something, or 64 KB', () => {
    const lines = (count: number) => Array.from({ length: count }, () => 'a\n# b\n\n').join('');
    expect(given([lines(19)]).enough).toEqual([false]);
    expect(given([lines(19), 'a', '\n', 'a\n']).enough).toEqual([false, false, true, true]);
    const long = 'x'.repeat(64 * 1024 - 2);
    expect(given([long, '\n', 'a']).enough).toEqual([false, false, false]);
    expect(given([`${long}x\n`]).enough).toEqual([true]);
  });

  it('does not hold what stands before the first such line', () => {
    const { reader, head } = given(['\n'.repeat(100_000), '# a\n']);
    expect(head).toEqual({ text: '', line: 100_002, comments: 1, blanks: 100_000 });
    reader.add(`${'#\n'.repeat(50_000)}#`, false);
    expect(reader.head.text.length).toBeLessThan(64 * 1024);
  });

  it('is enough with a line that is longer than any may be', () => {
    const longest = 'x'.repeat(MAX_ROW_LENGTH);
    expect(given([longest])).toMatchObject({ enough: [false], tells: false });
    expect(given([longest, 'x'])).toMatchObject({ enough: [false, true], tells: true });
    expect(given(['\nabc\n', longest, 'x'])).toMatchObject({ enough: [false, false, true], tells: true });
  });
});

describe('a line that begins with #', () => {
  it.each<[line: string, is: boolean, column?: string]>([
    ['# a', true],
    ['#', true],
    ['  # a', true],
    ['# Date, Recording ID', true],
    ['#a,Recording ID', true],
    ['#,Agent', true],
    ['#,a;Recording ID', true],
    ['#NAME?', false],
    ['abc', false],
    ['#,Recording ID', false],
    ['#;Agent;recording_id', false],
    ["#\t'Recording ID'", false],
    ['#|Recording ID', false],
    ['#,Agent', false, 'agent'],
    ['#,Recording ID', true, 'Agent'],
  ])('%j is a comment: %s', (line, is, column) => {
    expect(isComment(line, column)).toBe(is);
  });
});

it('a header loses what a spreadsheet puts around it', () => {
  const cleaned: [string, string][] = [
    [' Days ', 'Days'],
    ['\ufeffDays', 'Days'],
    ['="Days"', 'Days'],
    [' =" Days " ', 'Days'],
    ["'Days", 'Days'],
    ["'Days'", 'Days'],
    ["'Call\nstart'", 'Call\nstart'],
    ["Days'", "Days'"],
    ["Agent's name", "Agent's name"],
    ["'Agent's name", "Agent's name"],
    ["'", ''],
    ['', ''],
  ];
  for (const [header, plain] of cleaned) expect([header, cleanHeader(header)]).toEqual([header, plain]);
});
