import { describe, expect, it } from 'vitest';
import type { ListRow } from '../../src/list/list-row.ts';
import { redactCell, redactRow } from '../../src/list/redact-row.ts';
import { createRedactor } from '../../src/redact.ts';
import { expectLinear } from '../helpers/growth.ts';

const KEY = 'A5e1f0c1a2b3d4e5f60718293a4b5c6d7';
const SIGNATURE = '0123456789abcdef'.repeat(4);
const redactor = createRedactor();
redactor.addSecret('own-s3cret');

const reportRow = (...columns: string[]): ListRow => ({ id: columns[0]?.trim() ?? '', line: 2, raw: columns.join(','), columns });
const cell = (value: string, id = '1a2b==') => redactCell(value, id, redactor.redact);

describe('a cell of a report', () => {
  it.each([
    ['https://b.s3.amazonaws.com/rc/a.mp3?X-Amz-Signature=0123&X-Amz-Expires=3600', 'https://b.s3.amazonaws.com/rc/a.mp3'],
    ['https://h/a?sig=1#t', 'https://h/a'],
    ['https://h/a?opaque', 'https://h/a'],
    ['https://h/a#token=1', 'https://h/a'],
    ['?sig=1', ''],
    ['//play.example.com/?id=other&k=1', '//play.example.com/'],
    ['play.example.com/a?token=1', 'play.example.com/a'],
    ['https%3A%2F%2Fh%2Fa%3FX-Amz-Signature%3D01', 'https%3A%2F%2Fh%2Fa'],
    ['https%253A%252F%252Fh%252Fa%253FX-Amz-Signature%253D01', 'https%253A%252F%252Fh%252Fa'],
    ['=HYPERLINK("https://h/a?sig=1","Play")', '=HYPERLINK("https://h/a","Play")'],
    ['<a href="https://h/a?sig=1">Play</a>', '<a href="https://h/a">Play</a>'],
    ['heard at https://h/a?sig=1 (see //h/b?sig=2).', 'heard at https://h/a (see //h/b).'],
    ['https://user:pw@h/a', 'https://user:***@h/a'],
    ['X-Amz-Signature=0123&X-Amz-Expires=3600', 'X-Amz-Signature=***&X-Amz-Expires=3600'],
    ['a=1&sig=2', 'a=1&sig=***'],
    [SIGNATURE, '***'],
    [`signed ${SIGNATURE.toUpperCase()}`, 'signed ***'],
    [KEY, '***'],
    ['key OWN-S3CRET', 'key ***'],
  ])('%j becomes %j', (value, shown) => {
    expect(cell(value)).toBe(shown);
    expect(cell(shown)).toBe(shown);
  });

  it.each([
    '+39 02 1234',
    'Was it heard? Yes',
    'a=b',
    'R&D',
    'https://h/a',
    'mail@example.com',
    '2026-11-01T08:00:00Z',
    'd41d8cd98f00b204e9800998ecf8427e',
  ])('%j is kept as it came', (value) => {
    expect(cell(value)).toBe(value);
  });

  it.each([
    ['https://h/get?id=1a2b%3D%3D&sig=1', 'https://h/get?id=1a2b%3D%3D'],
    ['//h/?sig=1&ID=1a2b==&x=1', '//h/?ID=1a2b=='],
    ['https://h/get?id=another&sig=1', 'https://h/get'],
  ])('%j keeps the id that the row was read by, and no other', (value, shown) => {
    expect(cell(value)).toBe(shown);
  });

  it('is left alone where it is the id, whatever that looks like', () => {
    expect(cell(` ${SIGNATURE}`, SIGNATURE)).toBe(` ${SIGNATURE}`);
    expect(cell('a?b=c&d', 'a?b=c&d')).toBe('a?b=c&d');
  });

  it.each(['?', '//', '//a?', '%3F', '%25', '&', '&a=', '?id=', '#', '@', '0', 'a'])('of %j is read in linear time', (piece) => {
    expectLinear((length) => `https://h/?${piece.repeat(Math.ceil(length / piece.length))}`, cell);
    expectLinear((length) => piece.repeat(Math.ceil(length / piece.length)), cell);
  });
});

describe('a row of a report', () => {
  it('without secrets is the same row', () => {
    const row = reportRow('1a2b==', '+39', 'R&D');
    expect(redactRow(row, ',', redactor)).toBe(row);
  });

  it('keeps its id and the places of its columns, and can be read again', () => {
    const row = reportRow('1a2b==', 'Rossi, "Anna"', 'https://h/a?x=1,2', ' two\nlines');
    expect(redactRow(row, ',', redactor)).toEqual({
      id: '1a2b==',
      line: 2,
      raw: '1a2b==,"Rossi, ""Anna""",https://h/a," two\nlines"',
      columns: ['1a2b==', 'Rossi, "Anna"', 'https://h/a', ' two\nlines'],
    });
  });

  it.each([';', '\t'] as const)('is written with its own delimiter (%j)', (delimiter) => {
    const row: ListRow = { id: 'a', line: 1, raw: `a${delimiter}https://h/a?x${delimiter}1,5`, columns: ['a', 'https://h/a?x', '1,5'] };
    expect(redactRow(row, delimiter, redactor).raw).toBe(`a${delimiter}https://h/a${delimiter}1,5`);
  });

  it.each([
    ['a key', KEY],
    ['a known secret', 'OWN-S3CRET'],
    ['a known secret in base64', Buffer.from('user:own-s3cret').toString('base64')],
    ['a signature', SIGNATURE],
    ['a name', 'X-Amz-Signature=1'],
    ['a header', 'api-key: Aabc12345'],
    ['a login', 'Authorization: Basic dTpw'],
    ['an address', 'https://h/a?b'],
    ['a fragment', 'https://h/a#b'],
    ['an encoded address', 'h%3Fa%3Db'],
    ['a password', 'https://u:p@h/'],
  ])('is looked at closely for %s, wherever that stands', (_what, value) => {
    for (let before = 0; before < 40; before++) {
      const row = reportRow('1a2b==', 'x'.repeat(before), value);
      expect(redactRow(row, ',', redactor).raw).not.toBe(row.raw);
    }
  });

  it.each([...'0123456789abcdefABCDEF'])(
    'is looked at closely for a signature of nothing but %s, first, last or alone in its row',
    (digit) => {
      const signature = digit.repeat(64);
      const shown = (...columns: string[]) => redactRow({ id: '1', line: 2, raw: columns.join(','), columns }, ',', redactor).columns;
      expect(shown(signature, '1')).toEqual(['***', '1']);
      expect(shown('1', signature)).toEqual(['1', '***']);
      expect(shown(signature)).toEqual(['***']);
    },
  );

  it('that is a line of a list keeps its id', () => {
    const plain: ListRow = { id: '1a2b==', line: 1, raw: ' 1a2b== ' };
    expect(redactRow(plain, undefined, redactor)).toBe(plain);
    const address: ListRow = { id: '1a2b==', line: 1, raw: 'https://h/get?id=1a2b==&sig=1' };
    expect(redactRow(address, undefined, redactor).raw).toBe('https://h/get?id=1a2b==');
  });
});
