import fc from 'fast-check';
import stringWidth from 'string-width';
import { describe, expect, it } from 'vitest';
import { fitTable, type TableColumn, tabbedLine, tableLine, textColumn } from '../../src/report/table.ts';

const number = (name: string): TableColumn => ({ name, isNumber: true });

function lines(columns: readonly TableColumn[], rows: readonly string[][], width: number): string[] {
  const layout = fitTable(columns, rows, width, stringWidth);
  return [columns.map(({ name }) => name), ...rows].map((row) => tableLine(layout, row, stringWidth));
}

describe('a table', () => {
  it('has numbers on the right, and texts on the left', () => {
    expect(
      lines(
        [textColumn('id'), number('size')],
        [
          ['a', '1 B'],
          ['bcd', '12.5 MB'],
        ],
        80,
      ),
    ).toEqual(['id      size', 'a        1 B', 'bcd  12.5 MB']);
  });

  it('cuts what is long, and leaves what is short whole', () => {
    const [head, line] = lines(
      [textColumn('id'), textColumn('note'), textColumn('z')],
      [['short', 'a very long text that goes on', 'x']],
      24,
    );
    expect(head).toBe('id     note            z');
    expect(line).toBe('short  a very long t…  x');
  });

  it('names the columns that it has no room for', () => {
    const columns = ['one', 'two', 'three'].map(textColumn);
    const layout = fitTable(columns, [['a'.repeat(20), 'b'.repeat(20), 'c'.repeat(20)]], 20, stringWidth);
    expect(layout.hidden).toEqual(['three']);
  });

  it('counts a wide character for two columns, and takes none apart', () => {
    const [, line = ''] = lines([textColumn('name')], [['録音録音録音']], 8);
    expect(line).toBe('録音録…');
  });

  it('shows what a terminal would obey or break a line at as escapes', () => {
    const [, line] = lines([textColumn('name')], [['a\tb\nc\u001b[31m\u202e']], 80);
    expect(line).toBe('a\\u0009b\\u000ac\\u001b[31m\\u202e');
  });

  it('is never wider than the terminal, whatever it holds', () => {
    const cell = fc.string({ unit: 'grapheme', maxLength: 40 });
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 120 }),
        fc.array(fc.record({ name: cell, isNumber: fc.boolean(), least: fc.option(fc.constant(8), { nil: undefined }) }), {
          minLength: 1,
          maxLength: 8,
        }),
        fc.array(fc.array(cell, { maxLength: 8 }), { maxLength: 5 }),
        fc.array(fc.array(cell, { maxLength: 8 }), { maxLength: 5 }),
        (width, given, rows, later) => {
          const columns = given.map(({ least, ...column }) => ({ ...column, ...(least !== undefined && { least }) }));
          const layout = fitTable(columns, rows, width, stringWidth);
          expect(layout.widths.length + layout.hidden.length).toBe(columns.length);
          for (const row of [...rows, ...later]) expect(stringWidth(tableLine(layout, row, stringWidth))).toBeLessThanOrEqual(width);
        },
      ),
    );
  });
});

describe('a line of tab-separated values', () => {
  it('is one line with a tab between values, whatever they hold', () => {
    expect(tabbedLine(['a\tb', 'c\r\nd', '', 'è'])).toBe('a\\u0009b\tc\\u000d\\u000ad\t\tè');
  });

  it('is not cut', () => {
    expect(tabbedLine(['x'.repeat(5000)])).toHaveLength(5000);
  });
});
