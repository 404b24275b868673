import { describe, expect, test } from 'vitest';
import { isCommentText, NO_ID, readId, refusedId, stripOuter, unguard } from '../../src/list/recording-id.ts';

const ZERO_WIDTH = '\u200b';

describe('an id', () => {
  test.each([
    ['as the service writes it', '1a2b3c8axyzgiu587==', '1a2b3c8axyzgiu587=='],
    ['with all that base64 has', 'a+b/c_d-e=', 'a+b/c_d-e='],
    ['of two letters', 'ab', 'ab'],
    ['of words that none is of', 'nullable', 'nullable'],
    ['with a number', '123456789012345678', '123456789012345678'],
    ['with a + behind an e', '1ae+bc', '1ae+bc'],
    ['between blanks', ' \t1a2b \r', '1a2b'],
    ['between marks without a width', `\ufeff${ZERO_WIDTH} 1a2b\u200f\u00ad`, '1a2b'],
    ['in quotes', '"1a2b"', '1a2b'],
    ['in quotes with quotes in it', '"1a""2b"', '1a"2b'],
    ['as a formula that keeps it text', '="1a2b=="', '1a2b=='],
    ['as one with quotes in it', '="1a""2b"', '1a"2b'],
    ['behind an apostrophe', "'1a2b==", '1a2b=='],
    ['between apostrophes', "'1a2b'", '1a2b'],
    ['in guards within guards', ` "='1a2b'" `.replace('=', ''), '1a2b'],
    ['with a blank, which the caller judges', 'a b', 'a b'],
    ['in an address', 'https://play.example.com/?id=1a2b%3D%3D&x=1', '1a2b=='],
    ['in an address without a scheme', '//play.example.com/?id=1a2b', '1a2b'],
    ['in one that begins with www', 'www.example.com/?a=1&id=1a2b#top', '1a2b'],
    ['in one with semicolons', 'https://a.example/x;id=1a2b', '1a2b'],
    ['in one that calls it so', 'https://a.example/?recording_id=1a2b', '1a2b'],
    ['in one that calls it so in other words', 'https://a.example/?recordingId=1a2b', '1a2b'],
    ['in one that has both', 'https://a.example/?recording-id=x&id=1a2b', '1a2b'],
    ['in a query alone', '/play?id=1a2b', '1a2b'],
    ['with a + in an address', 'https://a.example/?id=a+b', 'a+b'],
    ['in a formula for an address', '=HYPERLINK("https://a.example/?id=1a2b"; "Play")', '1a2b'],
  ])('is read %s', (_, value, id) => {
    expect(readId(value)).toBe(id);
  });

  test.each([
    ...['', ' ', ZERO_WIDTH, '""', '=""', "''"],
    ...['null', 'NULL', '(null)', '[null]', '<null>', 'N/A', 'na', 'n.a.', 'n/d', 'NaN', 'None', '(none)', 'nil', 'undefined', '\\N'],
    ...[
      '(blank)',
      '(empty)',
      '#N/A',
      '#NV',
      '#n/d',
      '-',
      '--',
      '---',
      '–',
      '—',
      'No recording',
      'no_recording',
      'no-recording',
      'norecording',
    ],
    ...[
      'Not recorded',
      'not available',
      'Recording not available',
      'No recording available',
      'no recording found',
      'unavailable',
      '"NULL"',
    ],
  ])('is none where there is %j', (value) => {
    expect(readId(value)).toBe('');
  });

  test.each<[why: RegExp, ...values: string[]]>([
    [
      /^is an error of a spreadsheet, not an id$/,
      '#NAME?',
      '#VALUE!',
      '#REF!',
      '#DIV/0!',
      '#GETTING_DATA',
      '###',
      '#####',
      'Err:502',
      '#ИМЯ?',
    ],
    [/^is a number that a spreadsheet has made of the id/, '1.23E+15', '1,23E+15', '123.0', '123,00', '1E+15', '1e+5', '-1.5E3', '12.5E-3'],
    [/^is a placeholder that was never filled in$/, '{id}', '$\u007bid}', '$(id)', '<id>', '%ID%', '[[id]]'],
    [/^cannot be a recording id: it holds control characters$/, 'a\u0007b', 'a\tb'],
    [/^has an invisible or damaged character in it \(U\+200B\)$/, `1a${ZERO_WIDTH}2b`],
    [/^has an invisible or damaged character in it \(U\+00AD\)$/, '1a\u00ad2b'],
    [/^has an invisible or damaged character in it \(U\+FFFD\)$/, '1a\ufffd2b'],
    [/^is a formula, not an id$/, '=A1', '=1a2b'],
    [
      /^is an address without the id of a recording$/,
      'https://a.example/1a2b',
      'https://a.example/?id=',
      '//a.example/x',
      'www.example.com',
      '/play?id=null',
    ],
    [/^is an address without the id of a recording$/, 'https://a.example/?id=%E0%A4%A', 'https://a.example/?xid=1'],
    [/^is a placeholder/, 'https://a.example/?id={id}'],
  ])('is refused as what %s', (why, ...values) => {
    for (const value of values)
      expect([value, readId(value)]).toEqual([value, expect.objectContaining({ why: expect.stringMatching(why) })]);
  });

  test.each([
    '#NAMEx',
    '##',
    'Err:50',
    'Err:5022',
    'x#NAME?',
    '12.5E',
    '1.2.0',
    '{id',
    'a<id>',
    '%a b%',
    'x[[id]]',
    'a=b',
    'http:/x',
    'wwwx',
    'E+15',
  ])('can be %j', (value) => {
    expect(readId(value)).toBe(value);
  });
});

test('a value loses the guards of a spreadsheet, and nothing else', () => {
  const guarded: [string, string][] = [
    ['="1a2b"', '1a2b'],
    ['="a""b"', 'a"b'],
    ['="a\nb"', 'a\nb'],
    ['=""', ''],
    ['="a', '="a'],
    ['=A1', '=A1'],
    ['x="a"', 'x="a"'],
    ["'123", '123'],
    ["'=A1", '=A1'],
    ["'+39", '+39'],
    ["'-1", '-1'],
    ["'@x", '@x'],
    ["'t Hooft", "'t Hooft"],
    ["1'2", "1'2"],
    ['', ''],
  ];
  for (const [value, plain] of guarded) expect([value, unguard(value)]).toEqual([value, plain]);
  expect(stripOuter(` ${ZERO_WIDTH}\ta ${ZERO_WIDTH}b \u2066`)).toBe(`a ${ZERO_WIDTH}b`);
});

test('a comment is told from a spreadsheet’s errors and words for nothing', () => {
  for (const text of ['# a', '#', '#a', '#NAME']) expect([text, isCommentText(text)]).toEqual([text, true]);
  for (const text of ['a # b', '#NAME?', '#N/A', '#nv', '###', ' # a']) expect([text, isCommentText(text)]).toEqual([text, false]);
});

test('what is refused is shown with its place, cut where it is long, and without what may be a signature', () => {
  const of = (value: string) => refusedId(value, NO_ID, 'report.csv, line 3').message;
  expect(of(' a b ')).toBe('report.csv, line 3: "a b" cannot be a recording id.');
  expect(of('x'.repeat(80))).toBe(`report.csv, line 3: "${'x'.repeat(80)}" cannot be a recording id.`);
  expect(of('x'.repeat(81))).toBe(`report.csv, line 3: "${'x'.repeat(79)}…" cannot be a recording id.`);
  expect(of('https://a.example/k.mp3?X-Amz-Signature=5ec2e7&a\nb')).toBe(
    'report.csv, line 3: "https://a.example/k.mp3?…" cannot be a recording id.',
  );
  expect(of('what? no')).toBe('report.csv, line 3: "what? no" cannot be a recording id.');
  expect(refusedId('x', NO_ID, '').hint).toContain('--column');
});

test('what is longer than 64 KB has no id in it, however long it is', () => {
  const x = (length: number) => 'x'.repeat(length);
  expect(readId(x(64 * 1024))).toBe(x(64 * 1024));
  expect(readId(x(64 * 1024 + 1))).toBe(NO_ID);
  expect(refusedId(`https://a.example/?sig=${x(16_000_000)}`, NO_ID, 'line 3').message).toBe(
    'line 3: "https://a.example/?…" cannot be a recording id.',
  );
  expect(refusedId(`?${x(16_000_000)}`, NO_ID, 'line 3').message).toBe(`line 3: "?${x(78)}…" cannot be a recording id.`);
});
