import { describe, expect, it } from 'vitest';
import { type JsonText, JsonValues, MAX_JSON_VALUE } from '../../src/list/json-values.ts';

/** What the pieces of a JSON text hold, and what is wrong with it. */
function inPieces(pieces: readonly string[], line = 1) {
  const values = new JsonValues(/^\s*\[/u.test(pieces.join('')), line);
  const given = [...pieces.map((piece) => [...values.read(piece, false)]), [...values.read('', true)]];
  return { given, failure: values.failure };
}

/** The same, where it must not matter in what pieces the text comes. */
function read(text: string, line = 1) {
  const shown = ({ given, failure }: ReturnType<typeof inPieces>) => ({
    values: given.flat().map((value) => [value.text, value.line]),
    failure,
  });
  const whole = shown(inPieces([text], line));
  for (let size = 1; size < text.length; size++) {
    expect(shown(inPieces(text.match(new RegExp(`[\\s\\S]{1,${size}}`, 'gu')) ?? [], line))).toEqual(whole);
  }
  const values = new JsonValues(/^\s*\[/u.test(text), line);
  const atOnce: JsonText[] = [...values.read(text, true)];
  expect(shown({ given: [atOnce], failure: values.failure })).toEqual(whole);
  return whole;
}

describe('the values of JSON', () => {
  it.each<[what: string, text: string, values: [text: string, line: number][]]>([
    [
      'the elements of an array',
      '[1,"a",null,{"b":[2]},[3]]',
      [
        ['1', 1],
        ['"a"', 1],
        ['null', 1],
        ['{"b":[2]}', 1],
        ['[3]', 1],
      ],
    ],
    [
      'elements over several lines',
      '[\n{\n"a":1\n},\r\n\n 2\n]\n',
      [
        ['{\n"a":1\n}', 2],
        ['2\n', 6],
      ],
    ],
    [
      'elements that hold what could end them',
      '["a,b]","c\\"]","\\\\",{"]":"}"}]',
      [
        ['"a,b]"', 1],
        ['"c\\"]"', 1],
        ['"\\\\"', 1],
        ['{"]":"}"}', 1],
      ],
    ],
    [
      'line breaks in a string, which are wrong but end nothing',
      '["a\nb",1]',
      [
        ['"a\nb"', 1],
        ['1', 1],
      ],
    ],
    ['nothing in an array', ' [ ] ', []],
    [
      'an array with a comma too many',
      '[,1,,2,]',
      [
        ['1', 1],
        ['2', 1],
      ],
    ],
    [
      'arrays one behind the other',
      '[1]\n[2],[3]\n',
      [
        ['1', 1],
        ['2', 2],
        ['3', 2],
      ],
    ],
    [
      'an object on each line',
      '{"a":1}\r\n \n{"b":2}\n{"c":3}',
      [
        ['{"a":1}', 1],
        ['{"b":2}', 3],
        ['{"c":3}', 4],
      ],
    ],
    [
      'objects over several lines',
      '{\n"a": {}\n}\n{\n"b": "}"\n}\n',
      [
        ['{\n"a": {}\n}', 1],
        ['{\n"b": "}"\n}', 4],
      ],
    ],
    [
      'several objects on a line',
      '{"a":1} {"b":2},{"c":3}\n',
      [
        ['{"a":1}', 1],
        ['{"b":2}', 1],
        ['{"c":3}', 1],
      ],
    ],
    [
      'a line among objects that is none',
      '{"a":1} more junk\n"b\\"c"\nnull\n{"d":4}',
      [
        ['{"a":1}', 1],
        ['more junk', 1],
        ['"b\\"c"', 2],
        ['null', 3],
        ['{"d":4}', 4],
      ],
    ],
    [
      'a last line that is none',
      '{"a":1}\nnull',
      [
        ['{"a":1}', 1],
        ['null', 2],
      ],
    ],
    [
      'an object that is damaged, on its line',
      '{"a":b}\n{"c":1}\n',
      [
        ['{"a":b}', 1],
        ['{"c":1}', 2],
      ],
    ],
  ])('are %s', (_, text, values) => {
    expect(read(text)).toEqual({ values, failure: undefined });
  });

  it('are counted from the line that the text begins on', () => {
    expect(read('{"a":1}\n{"b":2}', 7).values).toEqual([
      ['{"a":1}', 7],
      ['{"b":2}', 8],
    ]);
    expect(read('[\n1]', 7).values).toEqual([['1', 8]]);
  });

  it.each<[text: string, values: number, failure: string]>([
    ['[1', 0, 'what begins in line 1 breaks off before its end'],
    ['[\n\n"a', 0, 'what begins in line 3 breaks off before its end'],
    ['[{"a":1},', 1, 'it breaks off before its end'],
    ['[', 0, 'it breaks off before its end'],
    ['{"a":1}\n{"b":', 1, 'what begins in line 2 breaks off before its end'],
    ['{"a":1}\n"b', 1, 'what begins in line 2 breaks off before its end'],
    ['[1}', 1, 'an unexpected } stands in line 1'],
    ['[1,\n}', 1, 'an unexpected } stands in line 2'],
    ['{"a":1}\n]\n{"b":2}', 1, 'an unexpected ] stands in line 2'],
    ['{"a":1}}', 1, 'an unexpected } stands in line 1'],
    ['[1]\nx[2]', 1, 'line 2 goes on behind the end of the array'],
    ['[1]]', 1, 'line 1 goes on behind the end of the array'],
  ])('end where the text is wrong: %j', (text, count, failure) => {
    const found = read(text);
    expect([found.values.length, found.failure]).toEqual([count, failure]);
  });

  it('are given as soon as they are whole', () => {
    const counts = (...pieces: string[]) => inPieces(pieces).given.map((values) => values.length);
    expect(counts('{"a":1', '}', '\n{"b":2}\n{', '}\n')).toEqual([0, 1, 1, 1, 0]);
    expect(counts('[1', ',', '2,3', ']')).toEqual([0, 1, 1, 1, 0]);
  });

  it('are parsed in passing where each is a line by itself', () => {
    expect(inPieces(['{"a":1}\r\n{"b":\n2}\n{"c":d}\n{"e":5} \n{"f":6}']).given.flat()).toEqual([
      { text: '{"a":1}', line: 1, parsed: { a: 1 } },
      { text: '{"b":\n2}', line: 2 },
      { text: '{"c":d}', line: 4 },
      { text: '{"e":5}', line: 5, parsed: { e: 5 } },
      { text: '{"f":6}', line: 6 },
    ]);
  });

  it('are not read where one is larger than 32 MB', () => {
    const most = 'x'.repeat(MAX_JSON_VALUE - 1);
    const failure = 'a value that begins in line 2 is larger than 32 MB';
    expect(inPieces(['[1,\n', `"${most}`, '"]']).failure).toBeUndefined();
    expect(inPieces(['[1,\n', `"${most}x`, '"]', '[2]'])).toMatchObject({ given: [[{ text: '1' }], [], [], [], []], failure });
    // What lies between values is none.
    expect(inPieces(['[1,\n', ' '.repeat(MAX_JSON_VALUE + 1), '2]']).failure).toBeUndefined();
  });
});
