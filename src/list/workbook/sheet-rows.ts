import { damaged } from './damaged.ts';
import { numberText } from './number-format.ts';
import { decodeEscapes, type Sheet, TextCollector, type WorkbookParts } from './parts.ts';
import { readXml } from './xml.ts';
import type { Zip } from './zip.ts';

/** A row of a sheet that has a cell with something in it. */
export interface SheetRow {
  /** Its number in the sheet, from 1. */
  number: number;
  /** The values as the cells mean them, from column A on; empty where there is none. */
  fields: string[];
  /** Which of them are numbers that are not whole, or have more digits than a spreadsheet keeps; and which are dates. */
  inexact?: Map<number, 'rounded' | 'date'>;
}

/** Excel's last column is XFD. */
const MAX_COLUMN = 16_384;

/** The rows of a sheet, as it is unpacked. Throws USAGE for a damaged one, and the signal's reason. */
export async function* sheetRows(
  zip: Zip,
  sheet: Sheet,
  parts: WorkbookParts,
  name: string,
  signal: AbortSignal,
): AsyncGenerator<SheetRow[], void, undefined> {
  const reader = new RowReader(parts);
  try {
    for await (const _ of readXml(zip.read(sheet.part), reader, signal)) {
      const rows = reader.take();
      if (rows.length > 0) yield rows;
    }
  } catch (error) {
    signal.throwIfAborted();
    throw damaged(name, error);
  }
}

class RowReader {
  readonly #parts: WorkbookParts;
  readonly #inline = new TextCollector();
  #rows: SheetRow[] = [];
  #row: SheetRow = { number: 0, fields: [] };
  #column = -1;
  #type = '';
  #style = 0;
  #value = '';
  #inValue = false;
  #isEmpty = true;

  constructor(parts: WorkbookParts) {
    this.#parts = parts;
  }

  take(): SheetRow[] {
    const rows = this.#rows;
    this.#rows = [];
    return rows;
  }

  open(tag: string, attributes: Readonly<Record<string, string>>): void {
    if (tag === 'c') {
      this.#column = columnOf(attributes.r) ?? this.#column + 1;
      this.#type = attributes.t ?? 'n';
      this.#style = Number(attributes.s ?? 0);
      this.#value = '';
    } else if (tag === 'v') {
      this.#inValue = true;
    } else if (tag === 'row') {
      this.#row = { number: Number(attributes.r) || this.#row.number + 1, fields: [] };
      this.#column = -1;
      this.#isEmpty = true;
    } else this.#inline.open(tag);
  }

  text(text: string): void {
    if (this.#inValue) this.#value += text;
    else this.#inline.text(text);
  }

  close(tag: string): void {
    if (tag === 'v') this.#inValue = false;
    else if (tag === 'c') this.#endCell();
    else if (tag === 'row' && !this.#isEmpty) this.#rows.push(this.#row);
    else this.#inline.close(tag);
  }

  #endCell(): void {
    const column = this.#column;
    if (column >= MAX_COLUMN) throw new Error('a cell stands right of the last column that a sheet can have');
    const inline = this.#inline.take();
    const text = this.#type === 'inlineStr' ? inline : this.#valueText(column);
    if (text === '') return;
    const { fields } = this.#row;
    while (fields.length < column) fields.push('');
    fields[column] = text;
    this.#isEmpty = false;
  }

  #valueText(column: number): string {
    const value = this.#value;
    switch (this.#type) {
      case 's':
        return this.#parts.texts[Number(value)] ?? '';
      case 'str':
        return decodeEscapes(value);
      case 'b':
        return value === '1' || value === 'true' ? 'TRUE' : 'FALSE';
      case 'e':
      case 'd':
        return value;
      default:
        return value === '' ? '' : this.#numberText(value, column);
    }
  }

  #numberText(value: string, column: number): string {
    const number = Number(value);
    if (Number.isNaN(number)) return value;
    const kind = this.#parts.styles[this.#style] ?? 'number';
    if (typeof kind === 'string' && kind !== 'number') this.#mark(column, 'date');
    else if (!Number.isInteger(number) || Math.abs(number) >= 1e15) this.#mark(column, 'rounded');
    return numberText(number, kind, this.#parts.from1904);
  }

  #mark(column: number, as: 'rounded' | 'date'): void {
    this.#row.inexact ??= new Map();
    this.#row.inexact.set(column, as);
  }
}

/** The index of the column in a cell's address (`AB12`), from 0; undefined where there is no address. */
function columnOf(address: string | undefined): number | undefined {
  if (address === undefined) return undefined;
  let column = 0;
  for (let at = 0; at < address.length; at++) {
    const code = address.charCodeAt(at) & ~0x20;
    if (code < A || code > Z) break;
    column = column * 26 + (code - A + 1);
  }
  return column === 0 ? undefined : column - 1;
}

const A = 0x41;
const Z = 0x5a;

/** A column as a sheet calls it: 0 is A. */
export function columnLetters(column: number): string {
  const rest = column % 26;
  const letter = String.fromCharCode(A + rest);
  return column < 26 ? letter : columnLetters((column - rest) / 26 - 1) + letter;
}
