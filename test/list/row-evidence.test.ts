import { describe, expect, test } from 'vitest';
import { RowEvidence } from '../../src/list/row-evidence.ts';

const evidence = (rows: string[][], idColumn = 1) => new RowEvidence(rows, idColumn, (value) => value === 'Recording ID');
const ofIds = (...ids: string[]) => evidence(ids.map((id) => ['2026-11-20', id]));

describe('ids with a blank in them', () => {
  test.each<[usual: boolean, ...ids: string[]]>([
    [true, 'a b', 'c d'],
    [true, 'abc', 'c d'],
    [false, 'abc', 'def', 'c d'],
    [false, 'abc', 'def'],
    [false, 'abc', 'Recording ID'],
    // Neither what cannot be an id, nor a row without one, nor a report's last row is held against the others.
    [true, 'c d', '', '#NAME?'],
  ])('are as usual as others: %s %s %s %s', (usual, ...ids) => {
    expect(ofIds(...ids).idsHoldBlanks).toBe(usual);
  });

  test('are not those of rows that begin with a word for the last row', () => {
    expect(evidence([['Total', 'c d']]).idsHoldBlanks).toBe(false);
    expect(evidence([['x', 'c d']]).idsHoldBlanks).toBe(true);
  });
});

describe('numbers that lost their last digits', () => {
  test.each<[found: string | undefined, ...ids: string[]]>([
    ['123456789012345000000', '123456789012345000000'],
    ['123456789012345000', '123456789012345000', '223456789012345000'],
    ['123456789012345000', 'abc', '123456789012345000', '223456789012345000'],
    [undefined, '12345678901234500', '22345678901234500'],
    [undefined, '123456789012345000', '223456789012345000', '323456789012345001'],
    [undefined, '1234567890123456', '123456789012345'],
    [undefined, '0123456789012345000000'],
    [undefined],
  ])('are told by their zeros: %s', (found, ...ids) => {
    expect(ofIds(...ids).roundedId).toBe(found);
  });
});

describe('a report’s last row', () => {
  const calls = [
    ['2026-11-20', 'abc', 'Anna', ''],
    ['2026-11-21', 'def', 'Ben', '+39'],
  ];

  test.each<[is: boolean, ...row: string[]]>([
    [true, 'Total', '', '2', ''],
    [true, 'Grand total:', 'x', '2', '3'],
    [true, '', 'Total', '', ''],
    [true, ' Gesamtsumme ', '2', '', ''],
    [true, 'Generated on', '', '', ''],
    [true, 'Page 1', '', '', ''],
    [true, '2026-11-22', 'Total calls', '', ''],
    [false, '2026-11-22', 'Total', 'Cara', ''],
    [false, 'Totally', 'ghi', 'Cara', ''],
    [false, 'Total1', 'ghi', 'Cara', ''],
    [false, 'Cara', 'ghi', '', ''],
    [false, '', '', '', ''],
  ])('is one (%s) where the others have a date: %s | %s | %s | %s', (is, ...row) => {
    expect(evidence(calls).isFooter(row)).toBe(is);
  });

  test('is one with fewer fields than any call has, where none has a date', () => {
    const undated = evidence([
      ['Anna', 'abc', 'x', 'y'],
      ['Ben', 'def', 'x', ''],
    ]);
    expect(undated.isFooter(['Total', '2', '', ''])).toBe(true);
    expect(undated.isFooter(['Total', '2', '3', ''])).toBe(false);
  });

  test('is one by its word alone where there is no call', () => {
    expect(evidence([]).isFooter(['Total', '2', '3', '4'])).toBe(true);
    expect(evidence([]).isFooter(['Anna', '2', '3', '4'])).toBe(false);
    expect(evidence([['Total', '2']]).isFooter(['Total', '2'])).toBe(true);
  });

  test.each([
    '20.11.2026',
    '11/20/26',
    '2026/11/20 09:15',
    '20 Nov 2026',
    '20-November-26',
    'Nov. 20, 2026',
    'November 20 2026',
    '20261120091500',
  ])('has no date as %s', (date) => {
    const dated = evidence([[date, 'abc', 'Anna']]);
    expect(dated.isFooter(['Total', '2', 'Anna'])).toBe(true);
    expect(dated.isFooter(['Total', date, 'Anna'])).toBe(true);
    expect(dated.isFooter([date, 'Total', 'Anna'])).toBe(false);
  });
});
