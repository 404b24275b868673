import { printable, printableWhole } from '../printable.ts';
import { cutTo } from './line.ts';

/** A column of a table. */
export interface TableColumn {
  name: string;
  /** Numbers, which stand on the right. */
  isNumber: boolean;
  /** What is narrower is as good as left out; the width of the values where left out. */
  least?: number;
}

/** How a table fits a terminal. */
export interface TableLayout {
  columns: readonly TableColumn[];
  /** The width of each column that is shown: the first ones. */
  widths: readonly number[];
  /** The names of columns that there is no room for. */
  hidden: readonly string[];
}

type WidthOf = (text: string) => number;

const GAP = '  ';
/** What is cut to less tells nothing. */
const LEAST = 8;

/**
 * Lays out a table by its first rows, so that it fits `width`: as many columns as there is room for, the room shared among them so that what is short
 * is shown whole. `widthOf` gives the columns that a text takes on the terminal, as string-width tells them.
 */
export function fitTable(
  columns: readonly TableColumn[],
  rows: readonly (readonly string[])[],
  width: number,
  widthOf: WidthOf,
): TableLayout {
  const whole = columns.map(({ name }, index) =>
    rows.reduce((most, row) => Math.max(most, widthOf(printable(row[index] ?? ''))), widthOf(printable(name))),
  );
  const least = columns.map((column, index) => Math.min(whole[index] ?? 0, column.least ?? whole[index] ?? 0));
  let shown = 0;
  let room = width + GAP.length;
  for (const each of least) {
    if (each + GAP.length > room && shown > 0) break;
    room -= each + GAP.length;
    shown += 1;
  }
  const widths = share(least.slice(0, shown), whole.slice(0, shown), Math.max(0, room));
  // A terminal that is narrower than one column.
  if (shown === 1) widths[0] = Math.min(widths[0] ?? width, width);
  return { columns: columns.slice(0, shown), widths, hidden: columns.slice(shown).map(({ name }) => name) };
}

/** A column of texts, which can be cut. */
export function textColumn(name: string): TableColumn {
  return { name, isNumber: false, least: LEAST };
}

/** A line of a table; what is too long is cut, and ends in `…`. */
export function tableLine({ columns, widths }: TableLayout, values: readonly string[], widthOf: WidthOf): string {
  const cells = columns.map(({ isNumber }, index) => {
    const width = widths[index] ?? 0;
    const text = fitted(printable(values[index] ?? ''), width, widthOf);
    const blanks = ' '.repeat(Math.max(0, width - widthOf(text)));
    return isNumber ? blanks + text : text + blanks;
  });
  const line = cells.join(GAP).trimEnd();
  // A combining mark at the head of a cell is wider behind a blank than it is alone.
  const most = widths.reduce((sum, width) => sum + width + GAP.length, -GAP.length);
  return fitted(line, Math.max(0, most), widthOf);
}

/** A line of tab-separated values: tabs, line breaks and what else no terminal may obey become `\\uXXXX`, so that a line is a row. */
export function tabbedLine(values: readonly string[]): string {
  return values.map(printableWhole).join('\t');
}

/** Gives the narrowest columns more first, none more than it needs. */
function share(least: readonly number[], whole: readonly number[], room: number): number[] {
  const widths = [...least];
  for (let left = room; left > 0; ) {
    const growing = widths.flatMap((width, index) => (width < (whole[index] ?? 0) ? [index] : []));
    const narrowest = Math.min(...growing.map((index) => widths[index] ?? 0));
    const next = growing.filter((index) => widths[index] === narrowest).slice(0, left);
    if (next.length === 0) break;
    for (const index of next) widths[index] = narrowest + 1;
    left -= next.length;
  }
  return widths;
}

function fitted(text: string, width: number, widthOf: WidthOf): string {
  return widthOf(text) <= width ? text : `${cutTo(text, Math.max(0, width - 1), widthOf)}…`;
}
