import { useCallback, useEffect, useMemo, useRef, useState } from 'preact/hooks';
import { addressOf, readAddress } from './address.ts';
import { ask, type Details as Found, parametersOf, type Query, type Row } from './api.ts';
import { Days } from './days.tsx';
import { Details, download } from './details.tsx';
import { Filters } from './filters.tsx';
import { countText } from './format.ts';
import { Keys } from './keys.tsx';
import { type Controls, Player, STEP_SECONDS } from './player.tsx';
import { PrintList, printRows } from './print.tsx';
import { columnsOf, Table } from './table.tsx';
import { useKeys } from './use-keys.ts';
import { type Results, useRows } from './use-rows.ts';

/** So many of the report's columns are shown before anybody has chosen. */
const FIRST_COLUMNS = 4;

/** The whole page. */
export function App({ archive, nonce }: { archive: string; nonce: string }) {
  const [view, setView] = useState(() => readAddress(location.search));
  const { query } = view;
  const { results, need, fault } = useRows(query);
  const [current, setCurrent] = useState(0);
  const [opened, setOpened] = useState<{ details: Found; index: number; autoplay: boolean }>();
  const [selected, setSelected] = useState<ReadonlySet<number>>(new Set());
  const [keysOpen, setKeysOpen] = useState(false);
  const [through, setThrough] = useState(false);
  const [printed, setPrinted] = useState<Row[]>([]);
  const searchBox = useRef<HTMLInputElement>(null);
  const controls = useRef<Controls | undefined>(undefined);
  const check = useRef<(() => void) | undefined>(undefined);

  const chosen = useMemo(() => view.columns ?? firstColumns(results), [view.columns, results]);
  const columns = useMemo(() => columnsOf(chosen), [chosen]);

  // What is typed replaces the address; what is opened or picked adds one to go back to.
  const show = useCallback((change: Partial<typeof view>, adds = false) => {
    setView((before) => {
      const next = { ...before, ...change };
      history[adds ? 'pushState' : 'replaceState'](null, '', addressOf(next));
      return next;
    });
  }, []);
  useEffect(() => {
    const back = () => setView(readAddress(location.search));
    addEventListener('popstate', back);
    return () => removeEventListener('popstate', back);
  }, []);

  const ask_ = (change: Partial<Query>, adds = false) => {
    setCurrent(0);
    show({ query: { ...query, ...change } }, adds);
  };
  const open = useCallback(
    async (row: Pick<Row, 'key' | 'id'>, index: number, autoplay = false) => {
      const details = await ask<Found>(`/details/${row.key}`).catch(() => undefined);
      if (details === undefined) return;
      setCurrent(index);
      setOpened({ details, index, autoplay });
      show({ open: row.id });
    },
    [show],
  );
  const close = () => {
    setOpened(undefined);
    show({ open: undefined });
    focusRow(current);
  };
  // An address that was sent on names the recording that was open.
  const wanted = view.open;
  useEffect(() => {
    if (wanted === undefined || opened !== undefined || results === undefined) return;
    for (let index = 0; index < Math.min(results.matched, 100); index += 1) {
      const row = results.at(index);
      if (row?.id === wanted) void open(row, index);
    }
  }, [wanted, opened, results, open]);

  /** The next recording to play in a direction: of the selection, where there is one. */
  const neighbour = (from: number, step: 1 | -1): { row: Row; index: number } | undefined => {
    for (let index = from + step; results !== undefined && index >= 0 && index < results.matched; index += step) {
      const row = results.at(index);
      if (row === undefined) return undefined;
      if (row.status === 'saved' && (selected.size === 0 || selected.has(row.key))) return { row, index };
    }
    return undefined;
  };
  const play = (step: 1 | -1) => {
    const next = opened && neighbour(opened.index, step);
    if (next !== undefined) void open(next.row, next.index, true);
  };
  const select = (row: Row) =>
    setSelected((before) => {
      const after = new Set(before);
      if (!after.delete(row.key)) after.add(row.key);
      return after;
    });
  const selectAll = async () => {
    if (results === undefined) return;
    if (selected.size >= results.matched) return setSelected(new Set());
    setSelected(new Set(await ask<number[]>(`/keys?${parametersOf(query)}`).catch(() => [])));
  };

  const currentRow = results?.at(current);
  useKeys({
    search: () => searchBox.current?.select(),
    move: (by) => {
      const to = Math.max(0, Math.min((results?.matched ?? 1) - 1, current + by));
      setCurrent(to);
      focusRow(to);
    },
    open: () => currentRow && void open(currentRow, current),
    toggle: () => {
      if (opened !== undefined && (currentRow === undefined || opened.details.key === currentRow.key)) controls.current?.toggle();
      else if (currentRow !== undefined) void open(currentRow, current, true);
    },
    step: (direction) => controls.current?.step(direction * STEP_SECONDS),
    faster: (steps) => controls.current?.faster(steps),
    next: () => play(1),
    previous: () => play(-1),
    select: () => currentRow && select(currentRow),
    check: () => check.current?.(),
    download: () => opened?.details.line.file && download(opened.details.key),
    close: () => opened !== undefined && close(),
    help: () => setKeysOpen(true),
  });

  const status = results === undefined ? 'Reading the archive…' : `${countText(results.matched)} of ${countText(results.total)} recordings`;
  return (
    <>
      <header class="top">
        <h1 title={archive}>{archive}</h1>
        <Filters
          query={query}
          columns={results?.columns ?? []}
          chosen={chosen}
          searchBox={searchBox}
          onQuery={ask_}
          onColumns={(next) => show({ columns: next })}
          onKeys={() => setKeysOpen(true)}
        />
      </header>
      <main>
        {results !== undefined && (
          <Days
            days={results.days}
            from={query.from}
            until={query.until}
            onPick={(day) => ask_({ from: day ?? '', until: day ?? '' }, true)}
          />
        )}
        <div class="bar-of-tools">
          <p role="status" class="count">
            {status}
            {selected.size > 0 ? `, ${countText(selected.size)} selected` : ''}
          </p>
          {results !== undefined && results.unreadable > 0 && (
            <p class="warning">{countText(results.unreadable)} damaged lines in the manifest. Run `kaleyra-rec verify`.</p>
          )}
          {fault !== undefined && (
            <p class="warning" role="alert">
              {fault}
            </p>
          )}
          <form method="post" action="/zip">
            <input type="hidden" name="keys" value={[...selected].join(',')} />
            <button type="submit" disabled={selected.size === 0}>
              Download selection as ZIP
            </button>
          </form>
          <button type="button" onClick={async () => setPrinted(await printRows(query, selected))}>
            Print
          </button>
        </div>
        {results !== undefined && (
          <Table
            results={results}
            query={query}
            columns={columns}
            current={current}
            openKey={opened?.details.key}
            selected={selected}
            onSort={(name) => ask_({ sort: name, order: query.sort === name && query.order === 'ascending' ? 'descending' : 'ascending' })}
            onCurrent={setCurrent}
            onOpen={(row, index) => open(row, index)}
            onSelect={select}
            onSelectAll={selectAll}
            need={need}
          />
        )}
      </main>
      {opened !== undefined && (
        <aside class="opened" aria-label="Recording">
          {opened.details.line.status === 'saved' && (
            <Player
              details={opened.details}
              autoplay={opened.autoplay}
              nonce={nonce}
              through={through}
              onThrough={setThrough}
              onPrevious={neighbour(opened.index, -1) && (() => play(-1))}
              onNext={neighbour(opened.index, 1) && (() => play(1))}
              onEnded={() => through && play(1)}
              controls={controls}
            />
          )}
          <Details details={opened.details} checks={check} onClose={close} />
        </aside>
      )}
      <Keys open={keysOpen} onClose={() => setKeysOpen(false)} />
      <PrintList rows={printed} columns={columns} title={archive} onPrinted={() => setPrinted([])} />
    </>
  );
}

/** The report's columns that say something new: not the id once more. */
function firstColumns(results: Results | undefined): string[] {
  const row = results?.at(0);
  return (results?.columns ?? []).filter((column) => row?.row?.[column] !== row?.id).slice(0, FIRST_COLUMNS);
}

/** Puts the focus on a row once it is drawn. */
function focusRow(index: number): void {
  requestAnimationFrame(() => document.querySelector<HTMLElement>(`.body .row[data-index="${index}"]`)?.focus());
}
