import { useEffect } from 'preact/hooks';
import { askRows, PAGE_ROWS, type Query, type Row } from './api.ts';
import type { Column } from './table.tsx';

/** More rows than this are no list that anybody prints. */
const MOST_ROWS = 5000;

/** The rows to print: of those that were found, the selected ones, or all where none is. */
export async function printRows(query: Query, selected: ReadonlySet<number>): Promise<Row[]> {
  const rows: Row[] = [];
  for (let offset = 0; rows.length < MOST_ROWS; offset += PAGE_ROWS) {
    const page = await askRows(query, offset).catch(() => undefined);
    if (page === undefined || page.rows.length === 0) break;
    rows.push(...page.rows.filter(({ key }) => selected.size === 0 || selected.has(key)));
  }
  return rows.slice(0, MOST_ROWS);
}

/** The list that is printed; on a screen it is not seen. */
export function PrintList({
  rows,
  columns,
  title,
  onPrinted,
}: {
  rows: Row[];
  columns: readonly Column[];
  title: string;
  onPrinted: () => void;
}) {
  useEffect(() => {
    if (rows.length === 0) return;
    window.print();
    onPrinted();
  }, [rows, onPrinted]);
  if (rows.length === 0) return null;
  return (
    <table class="printed">
      <caption>{title}</caption>
      <thead>
        <tr>
          {columns.map(({ name, heading }) => (
            <th key={name} scope="col">
              {heading}
            </th>
          ))}
        </tr>
      </thead>
      <tbody>
        {rows.map((row) => (
          <tr key={row.key}>
            {columns.map((column) => (
              <td key={column.name}>{column.text(row)}</td>
            ))}
          </tr>
        ))}
      </tbody>
    </table>
  );
}
