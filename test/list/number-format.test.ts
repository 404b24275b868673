import { describe, expect, test } from 'vitest';
import { type NumberKind, numberKind, numberText } from '../../src/list/workbook/number-format.ts';

describe('the format of a number in a workbook', () => {
  test.each<[id: number, kind: NumberKind]>([
    [0, 'number'],
    [1, 'number'],
    [13, 'number'],
    [14, 'date'],
    [17, 'date'],
    [18, 'time'],
    [21, 'time'],
    [22, 'datetime'],
    [23, 'number'],
    [27, 'date'],
    [32, 'time'],
    [36, 'date'],
    [44, 'number'],
    [45, 'duration'],
    [47, 'duration'],
    [49, 'number'],
    [58, 'date'],
    [164, 'number'],
  ])('that has no code is known by its number: %i is a %s', (id, kind) => {
    expect(numberKind(id, undefined)).toBe(kind);
  });

  test.each<[code: string, kind: NumberKind]>([
    ['General', 'number'],
    ['0', 'number'],
    ['#,##0.00', 'number'],
    ['0.00E+00', 'number'],
    ['@', 'number'],
    ['00', { zeros: 2 }],
    ['000000', { zeros: 6 }],
    ['dd/mm/yyyy', 'date'],
    ['D-MMM-YY', 'date'],
    ['mmm', 'date'],
    ['yyyy', 'date'],
    ['hh:mm', 'time'],
    ['h:mm AM/PM', 'time'],
    ['h:mm A/P', 'time'],
    ['mm:ss', 'duration'],
    ['[h]:mm:ss', 'duration'],
    ['[mm]:ss', 'duration'],
    ['[ss]', 'duration'],
    ['dd/mm/yyyy hh:mm', 'datetime'],
    ['yyyy-mm-dd"T"hh:mm:ss', 'datetime'],
    ['[$-409]d mmm yyyy', 'date'],
    ['[Red]0', 'number'],
    ['0 "days"', 'number'],
    ['0 \\d', 'number'],
    ['_d0', 'number'],
    ['*d0', 'number'],
    ['0;dd/mm/yyyy', 'number'],
    ['dd/mm/yyyy;@', 'date'],
    ['上午/下午h:mm', 'time'],
  ])('that has one is known by it: %s', (code, kind) => {
    expect(numberKind(14, code)).toEqual(kind);
  });
});

describe('a number in a workbook', () => {
  test.each<[value: number, kind: NumberKind, text: string]>([
    [12, 'number', '12'],
    [-12, 'number', '-12'],
    [1e20, 'number', '100000000000000000000'],
    [1e21, 'number', '1e+21'],
    [123456789012345680, 'number', '123456789012345680'],
    [0.1 + 0.2, 'number', '0.3'],
    [7, { zeros: 5 }, '00007'],
    [0, { zeros: 2 }, '00'],
    [-7, { zeros: 5 }, '-7'],
    [7.5, { zeros: 5 }, '7.5'],
    [46_346, 'date', '2026-11-20'],
    [46_346.5, 'date', '2026-11-20T12:00:00'],
    [46_346.385_416_666_7, 'datetime', '2026-11-20T09:15:00'],
    [46_346, 'datetime', '2026-11-20T00:00:00'],
    [59, 'date', '1900-02-28'],
    [61, 'date', '1900-03-01'],
    [2_958_465, 'date', '9999-12-31'],
    [2_958_466, 'date', '2958466'],
    [-1, 'date', '-1'],
    [0.385_416_666_7, 'time', '09:15:00'],
    [1, 'time', '1900-01-01T00:00:00'],
    [46_346.25, 'time', '2026-11-20T06:00:00'],
    [0.999_999_9, 'time', '00:00:00'],
    [1.043_090_277_8, 'duration', '25:02:03'],
    [0.043_090_277_8, 'duration', '1:02:03'],
  ])('%d as a %o is %s', (value, kind, text) => {
    expect(numberText(value, kind, false)).toBe(text);
  });

  test('counts from 1904 where the workbook does', () => {
    expect(numberText(0, 'date', true)).toBe('1904-01-01');
    expect(numberText(44_884, 'date', true)).toBe('2026-11-20');
  });
});
