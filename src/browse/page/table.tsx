import { useEffect, useLayoutEffect, useRef, useState } from 'preact/hooks';
import type { Query, Row } from './api.ts';
import { shownStatus, type Verdict } from './details.tsx';
import { bytesText, clockText, momentText, visible } from './format.ts';
import type { Results } from './use-rows.ts';

/** How high a row is, in pixels; the style has the same. */
const ROW_HEIGHT = 32;
/** So many rows are drawn beyond each edge of what is seen. */
const MARGIN_ROWS = 10;

/** A column of the table. */
export interface Column {
  /** What it is sorted by, in the search. */
  name: string;
  heading: string;
  /** As a part of a CSS grid. */
  width: string;
  numeric?: boolean;
  text(row: Row): string;
}

const FIXED: readonly Column[] = [
  { name: 'date', heading: 'Date', width: '10.5rem', text: ({ time, day }) => momentText(time, day) },
  { name: 'id', heading: 'Id', width: 'minmax(9rem, 1.4fr)', text: ({ id }) => visible(id) },
  { name: 'status', heading: 'Status', width: '5.5rem', text: ({ status }) => status },
  { name: 'bytes', heading: 'Size', width: '5rem', numeric: true, text: ({ bytes }) => bytesText(bytes) },
  { name: 'seconds', heading: 'Length', width: '5rem', numeric: true, text: ({ seconds }) => clockText(seconds) },
];

/** By these the table cannot be sorted: they are read from the files of the rows that are seen. */
const UNSORTED: ReadonlySet<string> = new Set(['seconds']);

/** The columns that are shown: the fixed ones, and those of the report. */
export function columnsOf(chosen: readonly string[]): Column[] {
  const own = chosen.map((header) => ({
    name: `row:${header}`,
    heading: visible(header),
    width: 'minmax(7rem, 1fr)',
    text: ({ row }: Row) => visible(row?.[header] ?? ''),
  }));
  return [...FIXED, ...own];
}

/** Asks that a row be brought into sight and get the focus once it is drawn. */
export interface FocusWish {
  index: number;
  /** The page around the table does not scroll. */
  still?: boolean;
  /** It is brought into sight alone. */
  shows?: boolean;
}

/** The recordings that were found. Of them only the rows that are seen are in the page. */
export function Table(props: {
  results: Results;
  query: Query;
  columns: readonly Column[];
  current: number;
  focus: FocusWish | undefined;
  openKey: number | undefined;
  selected: ReadonlySet<number>;
  verdicts: ReadonlyMap<number, Verdict>;
  /** Whether all that were found are selected. */
  allSelected: boolean;
  onSort: (name: string) => void;
  onCurrent: (index: number) => void;
  onOpen: (row: Row, index: number) => void;
  onSelect: (row: Row) => void;
  onSelectAll: () => void;
  /** Takes back all that the search asks for. */
  onClear: () => void;
  need: (index: number) => void;
}) {
  const { results, query, columns, current, openKey, selected, need, focus } = props;
  const scroller = useRef<HTMLDivElement>(null);
  const head = useRef<HTMLDivElement>(null);
  const [view, setView] = useState({ first: 0, count: 40 });
  const { matched } = results;

  const look = () => {
    const element = scroller.current;
    if (element === null) return;
    const first = Math.max(0, Math.floor(element.scrollTop / ROW_HEIGHT) - MARGIN_ROWS);
    const count = Math.ceil(element.clientHeight / ROW_HEIGHT) + 2 * MARGIN_ROWS;
    setView((before) => (before.first === first && before.count === count ? before : { first, count }));
  };
  useLayoutEffect(() => {
    look();
    const watch = new ResizeObserver(look);
    if (scroller.current) watch.observe(scroller.current);
    return () => watch.disconnect();
  }, []);
  // another search begins at its top
  useEffect(() => scroller.current?.scrollTo({ top: 0 }), [query]);
  useLayoutEffect(() => {
    const element = scroller.current;
    if (element === null || focus === undefined) return;
    const top = focus.index * ROW_HEIGHT;
    const headHeight = head.current?.offsetHeight ?? 0;
    if (top < element.scrollTop) element.scrollTop = top;
    else if (top + ROW_HEIGHT + headHeight > element.scrollTop + element.clientHeight) {
      element.scrollTop = top + ROW_HEIGHT + headHeight - element.clientHeight;
    }
    look();
  }, [focus]);
  // A row far away is drawn only after the table has scrolled to it.
  const granted = useRef<FocusWish>(undefined);
  useLayoutEffect(() => {
    const row =
      focus === undefined || focus.shows || focus === granted.current
        ? null
        : scroller.current?.querySelector<HTMLElement>(`.body .row[data-index="${focus?.index}"]`);
    if (!row) return;
    granted.current = focus;
    row.focus({ preventScroll: focus?.still ?? false });
  });

  const last = Math.min(matched, view.first + view.count);
  need(view.first);
  need(Math.max(view.first, last - 1));
  const indexes = Array.from({ length: Math.max(0, last - view.first) }, (_, at) => view.first + at);
  const template = { gridTemplateColumns: ['2.25rem', ...columns.map(({ width }) => width)].join(' ') };

  return (
    <div class="scroller" ref={scroller} onScroll={look}>
      <div
        class="grid"
        role="grid"
        aria-label="Recordings"
        aria-rowcount={matched + 1}
        aria-colcount={columns.length + 1}
        aria-multiselectable="true"
      >
        <div class="head" role="rowgroup" ref={head}>
          <div class="row" role="row" aria-rowindex={1} style={template}>
            <span role="columnheader" class="cell check">
              <input type="checkbox" aria-label="Select all" checked={props.allSelected} onChange={props.onSelectAll} />
            </span>
            {columns.map(({ name, heading, numeric }) => (
              <span
                key={name}
                role="columnheader"
                class={numeric ? 'cell numeric' : 'cell'}
                {...(UNSORTED.has(name) ? {} : { 'aria-sort': query.sort === name ? query.order : ('none' as const) })}
              >
                {UNSORTED.has(name) ? (
                  heading
                ) : (
                  <button type="button" class="sort" onClick={() => props.onSort(name)} title={heading}>
                    {heading}
                    <span class="arrow" aria-hidden="true">
                      {query.sort === name ? (query.order === 'ascending' ? '▲' : '▼') : ''}
                    </span>
                  </button>
                )}
              </span>
            ))}
          </div>
        </div>
        <div class="body" role="rowgroup" style={{ height: `${matched * ROW_HEIGHT}px` }}>
          {indexes.map((index) => {
            const row = results.at(index);
            const isCurrent = index === current;
            return (
              <div
                key={index}
                class={`row ${row?.key !== undefined && row.key === openKey ? 'open' : ''}`}
                role="row"
                data-index={index}
                aria-rowindex={index + 2}
                aria-selected={row !== undefined && selected.has(row.key)}
                tabIndex={isCurrent ? 0 : -1}
                style={{ ...template, top: `${index * ROW_HEIGHT}px` }}
                onFocusIn={() => props.onCurrent(index)}
                onDblClick={() => row && props.onOpen(row, index)}
              >
                {row === undefined ? (
                  <span role="gridcell" class="cell" aria-colspan={columns.length + 1}>
                    …
                  </span>
                ) : (
                  <Cells row={row} index={index} {...props} />
                )}
              </div>
            );
          })}
        </div>
      </div>
      {matched === 0 && (
        <p class="nothing">
          {results.total === 0 ? (
            'This archive has no recordings yet.'
          ) : (
            <>
              No recordings match.{' '}
              <button type="button" onClick={props.onClear}>
                Clear filters
              </button>
            </>
          )}
        </p>
      )}
    </div>
  );
}

function Cells(props: {
  row: Row;
  index: number;
  columns: readonly Column[];
  selected: ReadonlySet<number>;
  verdicts: ReadonlyMap<number, Verdict>;
  onOpen: (row: Row, index: number) => void;
  onSelect: (row: Row) => void;
}) {
  const { row, index, columns, selected, verdicts } = props;
  const status = shownStatus(row.status, verdicts.get(row.key));
  return (
    <>
      <span role="gridcell" class="cell check">
        <input
          type="checkbox"
          tabIndex={-1}
          aria-label={`Select ${visible(row.id)}`}
          checked={selected.has(row.key)}
          onChange={() => props.onSelect(row)}
        />
      </span>
      {columns.map((column) => (
        <span
          key={column.name}
          role="gridcell"
          class={`cell ${column.numeric ? 'numeric' : ''} ${column.name === 'status' ? `status ${status}` : ''}`}
          title={column.name === 'status' ? (row.reason ?? '') : column.text(row)}
        >
          {column.name === 'id' ? (
            <button type="button" class="id" tabIndex={-1} onClick={() => props.onOpen(row, index)}>
              {column.text(row)}
            </button>
          ) : column.name === 'status' ? (
            status
          ) : (
            column.text(row)
          )}
        </span>
      ))}
    </>
  );
}
