import { type Listed, OWN_COLUMNS } from '../archive/listing.ts';
import { printableWhole, toJsonLine } from '../printable.ts';
import { csvLine } from '../report/csv.ts';
import { count, formatBytes, formatLength } from '../report/format.ts';
import { fitTable, type TableColumn, type TableLayout, tabbedLine, tableLine, textColumn } from '../report/table.ts';
import type { OutputStream } from '../system.ts';

/** Writes recordings as lines. */
export interface ListWriter {
  /** The lines of further recordings. There may be none yet of the first ones. */
  lines(piece: readonly Listed[]): string[];
  /** What is left, after the last recordings. */
  end(): string[];
  /** What a person should know, after all. */
  notices(): string[];
}

/** A terminal that does not know its width. */
const COLUMNS = 80;
const BYTE_ORDER_MARK = '\ufeff';

/** The form that the flags ask for; else a table on a terminal, and tab-separated values elsewhere. `headers` are those of the reports. */
export async function listWriter(
  { csv, excel, json }: { csv: boolean; excel: boolean; json: boolean },
  headers: readonly string[],
  stdout: OutputStream,
): Promise<ListWriter> {
  if (json) return separated(jsonLine);
  const values = (listed: Listed) => [
    ...OWN_COLUMNS.map((name) => listed.value(name, true)),
    ...headers.map((name) => listed.value(name, false)),
  ];
  const head = [...OWN_COLUMNS, ...headers];
  if (csv || excel) {
    // A terminal is shown nothing that it would obey; a file gets the values as they are.
    const shown = stdout.isTTY ? printableWhole : (line: string) => line;
    return separated((listed) => shown(csvLine(values(listed))), (excel && !stdout.isTTY ? BYTE_ORDER_MARK : '') + shown(csvLine(head)));
  }
  if (!stdout.isTTY) return separated((listed) => tabbedLine(values(listed)), tabbedLine(head));
  const { default: stringWidth } = await import('string-width');
  return table(headers, stdout.columns || COLUMNS, stringWidth);
}

function separated(line: (listed: Listed) => string, head?: string): ListWriter {
  const first = head === undefined ? [] : [head];
  const take = () => first.splice(0);
  return {
    lines: (piece) => [...take(), ...piece.map(line)],
    end: take,
    notices: () => [],
  };
}

function jsonLine({ line, date, seconds }: Listed): string {
  const { id, status, bytes, file, sha256, at, error, row } = line;
  return toJsonLine({ date, id, status, bytes, seconds: seconds ?? null, file, sha256, at, error, ...(row && { row }) });
}

/** A table, laid out by the first recordings. */
function table(headers: readonly string[], width: number, widthOf: (text: string) => number): ListWriter {
  let layout: { fits: TableLayout; order: readonly number[] } | undefined;
  const lineOf = ({ fits, order }: NonNullable<typeof layout>, row: readonly string[]) =>
    tableLine(
      fits,
      order.map((at) => row[at] ?? ''),
      widthOf,
    );
  const lines = (piece: readonly Listed[]) => {
    const rows = piece.map((listed) => [...ownCells(listed), ...headers.map((name) => listed.value(name, false))]);
    if (layout !== undefined) return rows.map((row) => lineOf(layout as NonNullable<typeof layout>, row));
    const own = OWN.map((column) => (column.name === 'id' ? { ...column, least: width < NARROW ? LEAST_OF_ID : WHOLE_ID } : column));
    const columns = [...own, ...headers.map((name, index) => reportColumn(name, rows, OWN.length + index))];
    const order = repeatedLast(rows, headers, new Set(piece.map(({ dateColumn }) => dateColumn)));
    const inOrder = (values: readonly string[]) => order.map((at) => values[at] ?? '');
    const shown = order.map((at) => columns[at] as TableColumn);
    layout = { fits: fitTable(shown, rows.map(inOrder), width, widthOf), order };
    return [columns.map(({ name }) => name), ...rows].map((row) => lineOf(layout as NonNullable<typeof layout>, row));
  };
  return {
    lines,
    end: () => (layout === undefined ? lines([]) : []),
    notices() {
      const hidden = layout?.fits.hidden ?? [];
      return hidden.length === 0
        ? []
        : [`${count(hidden.length, 'column')} not shown for want of room: ${hidden.join(', ')}. --csv and --json have them all.`];
    },
  };
}

/** The places of the columns, those last that say what the id or the date says already: where room is scarce they are the ones to go. */
function repeatedLast(rows: readonly string[][], headers: readonly string[], dateColumns: ReadonlySet<string | undefined>): number[] {
  const isId = (row: readonly string[], at: number) => row[at] === '' || row[at]?.replace(/\.\w+$/, '') === row[ID];
  const isDate = (at: number) => at >= OWN.length && dateColumns.has(headers[at - OWN.length]);
  const repeats = (at: number) => at >= FILE && rows.length > 0 && (isDate(at) || rows.every((row) => isId(row, at)));
  const places = Array.from({ length: OWN.length + headers.length }, (_, at) => at);
  return [...places.filter((at) => !repeats(at)), ...places.filter(repeats)];
}

const number = (name: string): TableColumn => ({ name, isNumber: true });
const OWN: readonly TableColumn[] = [
  { name: 'date', isNumber: false },
  textColumn('id'),
  { name: 'status', isNumber: false },
  number('size'),
  number('length'),
  textColumn('file'),
];
const ID = 1;
const FILE = OWN.length - 1;
/** An id is shown whole, as the other commands take it, unless there is hardly room for more. */
const WHOLE_ID = 24;
const LEAST_OF_ID = 8;
const NARROW = 60;

function ownCells(listed: Listed): string[] {
  const { id, status, bytes, file } = listed.line;
  return [listed.date, id, status, bytes === null ? '' : formatBytes(bytes), formatLength(listed.seconds), file ?? ''];
}

function reportColumn(name: string, rows: readonly string[][], at: number): TableColumn {
  const values = rows.map((row) => row[at] ?? '').filter((value) => value !== '');
  const isNumber = values.length > 0 && values.every((value) => /^-?[\d.,]+$/.test(value));
  return { ...textColumn(name), isNumber };
}
