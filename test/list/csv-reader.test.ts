import { describe, expect, it } from 'vitest';
import { CsvReader, type CsvRecord } from '../../src/list/csv-reader.ts';
import { type Delimiter, MAX_ROW_LENGTH } from '../../src/list/list-row.ts';
import { expectLinear } from '../helpers/growth.ts';

interface How {
  delimiter?: Delimiter;
  /** How many fields a row should have. */
  width?: number;
  line?: number;
}

/** The rows that each of the pieces completes, and those that the end does. */
function inPieces(pieces: Iterable<string>, { delimiter = ',', width, line }: How = {}): CsvRecord[][] {
  const reader = new CsvReader(delimiter, line);
  reader.width = width;
  return [...[...pieces].map((piece) => [...reader.read(piece, false)]), [...reader.read('', true)]];
}

/** The pieces of a text, none of which ends between a CR and its LF. */
function* cut(text: string, size: number): Generator<string> {
  for (let at = 0; at < text.length; ) {
    let end = at + size;
    if (text[end - 1] === '\r' && text[end] === '\n') end++;
    yield text.slice(at, end);
    at = end;
  }
}

/** All rows of a text, which must be the same whatever the pieces that it comes in. */
function rowsOf(text: string, how: How = {}): CsvRecord[] {
  const reader = new CsvReader(how.delimiter ?? ',', how.line);
  reader.width = how.width;
  const rows = [...reader.read(text, true)];
  for (let size = 1; size <= text.length; size++) expect(inPieces(cut(text, size), how).flat()).toEqual(rows);
  return rows;
}

const OPEN = 'a quote is opened and never closed';
const BEHIND = 'a quoted field goes on behind its closing quote';

describe('rows of CSV', () => {
  it.each<[what: string, text: string, fields: string[][], how?: How]>([
    [
      'fields between commas',
      'a,b\nc,d\n',
      [
        ['a', 'b'],
        ['c', 'd'],
      ],
    ],
    [
      'a last row without a line end',
      'a,b\nc,d',
      [
        ['a', 'b'],
        ['c', 'd'],
      ],
    ],
    [
      'empty fields, also at the end',
      ',a,\n,\n',
      [
        ['', 'a', ''],
        ['', ''],
      ],
    ],
    [
      'empty fields around quotes',
      ',"a",\n"",""\n',
      [
        ['', 'a', ''],
        ['', ''],
      ],
    ],
    ['blanks around fields without quotes, which stay', ' a , b \n', [[' a ', ' b ']]],
    ['blanks around quotes, which do not', '  " a "  ,  "b"  \n', [[' a ', 'b']]],
    ['delimiters within quotes', '"a,b","c"\n', [['a,b', 'c']]],
    ['doubled quotes', '"a ""b""","""",""""""\n', [['a "b"', '"', '""']]],
    ['quotes within a field that has none around it', 'a"b,c""d\n', [['a"b', 'c""d']]],
    ['the formula that keeps a value text', '="007", ="b,c",="d ""e"""\n', [['007', 'b,c', 'd "e"']]],
    ['a = that begins no such formula', '=a,= "b",==\n', [['=a', '= "b"', '==']]],
    ['another delimiter', 'a,b;"c;d"\n', [['a,b', 'c;d']], { delimiter: ';' }],
    ['quotes at the very end', 'a,"b"', [['a', 'b']]],
    ['fewer fields than the others', '"a",b\nc\n', [['a', 'b'], ['c']], { width: 3 }],
  ])('may have %s', (_, text, fields, how) => {
    const rows = rowsOf(text, how);
    expect(rows.map((row) => row.fields)).toEqual(fields);
    expect(rows.filter((row) => 'problem' in row)).toEqual([]);
    expect(rows.map((row) => row.raw)).toEqual(text.replace(/\n$/u, '').split('\n'));
  });

  it('have the number of the line that they start on, whatever the line ends', () => {
    const text = 'a\r\nb\rc\n\r\n\r\n"d\n\re"\r"f\r\ng"\r\nh,"i\rj",\n"k"\nl';
    expect(rowsOf(text, { line: 7 }).map(({ fields, line }) => [line, ...fields])).toEqual([
      [7, 'a'],
      [8, 'b'],
      [9, 'c'],
      [10, ''],
      [11, ''],
      [12, 'd\n\re'],
      [15, 'f\r\ng'],
      [17, 'h', 'i\rj', ''],
      [19, 'k'],
      [20, 'l'],
    ]);
    expect(rowsOf('a\nb').map(({ line }) => line)).toEqual([1, 2]);
  });

  it('may go over several lines within quotes, where they have the fields that they should', () => {
    expect(rowsOf('"a\nb",c\nd,e\n', { width: 2 })).toEqual([
      { fields: ['a\nb', 'c'], raw: '"a\nb",c', line: 1 },
      { fields: ['d', 'e'], raw: 'd,e', line: 3 },
    ]);
  });

  it.each<[pieces: string[], given: number[]]>([
    [
      ['a,b', '\n', 'c', ',d\ne', '\nf\ng\n'],
      [0, 1, 0, 1, 3, 0],
    ],
    [
      ['a\r', 'b\r', 'c'],
      [1, 1, 0, 1],
    ],
    [
      ['"a', 'b', '\n', 'c"', ',d', '\n"e"\n'],
      [0, 0, 0, 0, 0, 2, 0],
    ],
    [
      ['"a\n', '"', '"b', '"\n'],
      [0, 0, 0, 1, 0],
    ],
    [
      ['x,"a\n"', '\n'],
      [0, 1, 0],
    ],
    [
      ['"a\n" ', ' ', ',b\n'],
      [0, 0, 1, 0],
    ],
    [
      ['', '', ''],
      [0, 0, 0, 0],
    ],
  ])('are given as soon as they are whole: %j', (pieces, given) => {
    expect(inPieces(pieces).map((rows) => rows.length)).toEqual(given);
  });
});

describe('a line whose quotes are wrong', () => {
  it.each<[what: string, line: string, fields: string[]]>([
    ['text behind a closing quote', '"Anna" <114>,114', ['"Anna" <114>', '114']],
    ['delimiters within such quotes', '"Rossi, Anna" <114>,"1,2"', ['"Rossi, Anna" <114>', '1,2']],
    ['text before and behind quotes', '"a" b,c "d"', ['"a" b', 'c "d"']],
    ['quotes escaped by a backslash', '"Anna \\"the voice\\"",114', ['Anna "the voice"', '114']],
    ['quotes that are doubled in another field', '"a" b,"c ""d"""', ['"a" b', 'c "d"']],
    ['an odd quote in the middle of quotes', '"a 24" screen",b', ['a 24" screen', 'b']],
    ['an odd quote, and nothing in other quotes', '"a 24" screen",""', ['a 24" screen', '']],
    ['nothing between its delimiters', '"a" b,', ['"a" b', '']],
  ])('is read as well as it can be with %s', (_, line, fields) => {
    expect(rowsOf(`${line}\nc,d\n`, { width: 2 })).toEqual([
      { fields, raw: line, line: 1 },
      { fields: ['c', 'd'], raw: 'c,d', line: 2 },
    ]);
  });

  it.each<[what: string, line: string, problem: string, width?: number]>([
    ['no field is sure to end', '"a,b', OPEN],
    ['the quote that is open would have to be in the middle of a field', '"a" b,c"d', OPEN],
    ['a field is a quote alone', 'a"x,",b', BEHIND, 3],
    ['a field begins with a quote and does not end with one', '"x" y,"z', OPEN],
    ['it has too few fields', '"a" b', BEHIND],
    ['it has too many fields', '"a" b,c,d', BEHIND],
    ['a stray quote leaves too many', '"a 24" screen",b,c', OPEN],
  ])('cannot be read where %s, and spoils no other', (_, line, problem, width = 2) => {
    const rest = Array.from({ length: width }, () => 'z').join(',');
    expect(rowsOf(`${line}\n${rest}\n`, { width })).toEqual([
      { fields: line.split(','), raw: line, line: 1, problem },
      { fields: rest.split(','), raw: rest, line: 2 },
    ]);
  });

  it('cannot be read while it is not known how many fields there should be', () => {
    expect(rowsOf('"a" b,c\n"d"\n')).toEqual([
      { fields: ['"a" b', 'c'], raw: '"a" b,c', line: 1, problem: BEHIND },
      { fields: ['d'], raw: '"d"', line: 2 },
    ]);
  });

  it('is cut at its own end, where a quote of a later line would close it', () => {
    // With three fields, or without a number of fields to hold it to, this is a row of two lines.
    const text = 'a,"b\nc",d\n';
    expect(rowsOf(text, { width: 3 }).map(({ fields }) => fields)).toEqual([['a', 'b\nc', 'd']]);
    expect(rowsOf(text).map(({ fields }) => fields)).toEqual([['a', 'b\nc', 'd']]);
    expect(rowsOf(text, { width: 4 })).toEqual([
      { fields: ['a', '"b'], raw: 'a,"b', line: 1, problem: OPEN },
      { fields: ['c"', 'd'], raw: 'c",d', line: 2 },
    ]);
  });
});

describe('a line of more than 16 MB', () => {
  const x = (length: number) => 'x'.repeat(length);
  const TOO_LONG = { fields: [], raw: x(1000), problem: 'the line is longer than 16 MB' };

  it('is one character longer than a row may be', () => {
    for (const end of ['\n', '\r\n', '']) {
      const [longest] = new CsvReader(',').read(x(MAX_ROW_LENGTH) + end, true);
      expect(longest?.raw.length).toBe(MAX_ROW_LENGTH);
      expect(longest).not.toHaveProperty('problem');
      expect([...new CsvReader(',').read(x(MAX_ROW_LENGTH + 1) + end, true)]).toEqual([{ ...TOO_LONG, line: 1 }]);
    }
  });

  it.each(['\n', '\r\n', '\r'])('is dropped to its end (%j), and not held in memory until that comes', (end) => {
    const pieces = [`a,b\n${x(MAX_ROW_LENGTH)}`, x(1), x(9), `"x${end}`, 'c,d\n', `e${end}f`];
    expect(inPieces(pieces)).toEqual([
      [{ fields: ['a', 'b'], raw: 'a,b', line: 1 }],
      [{ ...TOO_LONG, line: 2 }],
      [],
      [],
      [{ fields: ['c', 'd'], raw: 'c,d', line: 3 }],
      [{ fields: ['e'], raw: 'e', line: 4 }],
      [{ fields: ['f'], raw: 'f', line: 5 }],
    ]);
    expect(inPieces([x(MAX_ROW_LENGTH + 1), `x${end}a${end}b`])).toEqual([
      [{ ...TOO_LONG, line: 1 }],
      [{ fields: ['a'], raw: 'a', line: 2 }],
      [{ fields: ['b'], raw: 'b', line: 3 }],
    ]);
  });

  it('is not what stands before a row, however much that is', () => {
    const before = `${x(MAX_ROW_LENGTH / 2)}\n`.repeat(2);
    const given = inPieces([`${before}"a\n`, 'b",c\n']);
    expect(given.map((rows) => rows.length)).toEqual([2, 1, 0]);
    expect(given[1]).toEqual([{ fields: ['a\nb', 'c'], raw: '"a\nb",c', line: 3 }]);
    expect([...new CsvReader(',').read(`${before}"a\nb"`, true)].at(-1)?.fields).toEqual(['a\nb']);
  });

  it('is what a quote makes of many that is closed too late, or never: then it is wrong', () => {
    const lines = `${x(1024 * 1024)}\n`.repeat(17);
    for (const last of ['end",a\n', 'end\n']) {
      const text = `"${lines}${last}`;
      const given = inPieces(cut(text, 1024 * 1024));
      for (const rows of [given.flat(), [...new CsvReader(',').read(text, true)]]) {
        expect(rows[0]).toMatchObject({ line: 1, problem: OPEN });
        expect(rows[0]?.raw.length).toBe(1024 * 1024 + 1);
        expect(rows.at(-1)).toMatchObject({ line: 18, raw: last.trimEnd() });
        expect(rows).toHaveLength(18);
      }
      // It is given up before the text ends.
      expect(given.findIndex((rows) => rows.length > 0)).toBe(16);
    }
  });
});

describe('CSV of any kind', () => {
  it.each<[what: string, start: string, filling: string]>([
    ['short rows', '', 'a\n'],
    ['short rows that end in CR', '', 'a\r'],
    ['short rows with quotes', '', '"a"\r\n'],
    ['a row that goes on and on', '', 'a'],
    ['a row of many fields', '', 'a,'],
    ['a quoted field over many lines', '"', 'a\n'],
    ['doubled quotes', '"', '""'],
  ])('is read in time that grows with its length alone, at once and in pieces: %s', (_, start, filling) => {
    const text = (length: number) => start + filling.repeat(length / filling.length);
    expectLinear(text, (whole) => [...new CsvReader(',').read(whole, true)].length);
    expectLinear(text, (whole) => inPieces(cut(whole, 16)).length);
  });
});
