import { useCallback, useEffect, useMemo, useRef, useState } from 'preact/hooks';
import { ask, askRows, type Details as Found, type Query, type Row } from './api.ts';
import { Days } from './days.tsx';
import { Details, download, type Verdict } from './details.tsx';
import { Filters } from './filters.tsx';
import { visible } from './format.ts';
import { Keys } from './keys.tsx';
import { type Controls, Player, STEP_SECONDS } from './player.tsx';
import { PrintList, printRows } from './print.tsx';
import { columnsOf, Table } from './table.tsx';
import { Tools } from './tools.tsx';
import { Trouble } from './trouble.tsx';
import { focusedRow, useCurrent } from './use-current.ts';
import { useHidden } from './use-hidden.ts';
import { useIndex } from './use-index.ts';
import { useKeys } from './use-keys.ts';
import { type How, type Place, useNeighbours } from './use-neighbours.ts';
import { type Results, useRows } from './use-rows.ts';
import { useSelection } from './use-selection.ts';
import { useStored } from './use-stored.ts';
import { useView } from './use-view.ts';

/** So many of the report's columns are shown before anybody has chosen. */
const FIRST_COLUMNS = 4;

/** A recording that is open, and what is done with it at once. */
interface Opened {
  details: Found;
  autoplay: boolean;
  checks: boolean;
  follows: boolean;
}

/** The whole page. */
export function App({ archive, nonce }: { archive: string; nonce: string }) {
  const { view, show } = useView();
  const { query } = view;
  const { results, need } = useRows(query);
  const current = useCurrent(query, results);
  const [opened, setOpened] = useState<Opened>();
  const selection = useSelection();
  const selected = selection.keys;
  const [verdicts, setVerdicts] = useState<ReadonlyMap<number, Verdict>>(new Map());
  const [note, setNote] = useState('');
  const [keysOpen, setKeysOpen] = useState(false);
  const [through, setThrough] = useStored('through', false, (stored) => typeof stored === 'boolean');
  const [printed, setPrinted] = useState<Row[]>([]);
  const searchBox = useRef<HTMLInputElement>(null);
  const aside = useRef<HTMLElement>(null);
  const controls = useRef<Controls | undefined>(undefined);
  const check = useRef<(() => void) | undefined>(undefined);
  const latest = useRef<number>(undefined);
  const sought = useRef<string>(undefined);
  const { move } = current;
  const openAt = useIndex(query, results, opened?.details.key);

  const chosen = useMemo(() => view.columns ?? firstColumns(results), [view.columns, results]);
  const columns = useMemo(() => columnsOf(chosen), [chosen]);

  const ask_ = (change: Partial<Query>, adds = false) => show({ query: { ...query, ...change } }, adds);
  const judge = useCallback((key: number, verdict: Verdict) => setVerdicts((before) => new Map(before).set(key, verdict)), []);
  /** Asks for a recording, and marks it where its file is missing. */
  const look = useCallback(
    async (key: number) => {
      const details = await ask<Found>(`details/${key}`).catch(() => undefined);
      if (details !== undefined && details.line.file !== null) {
        if (details.size === undefined) judge(key, 'missing');
        else setVerdicts((before) => (before.get(key) === 'missing' ? new Map([...before].filter(([each]) => each !== key)) : before));
      }
      return details;
    },
    [judge],
  );
  const open = useCallback(
    async ({ key, id, index }: Place, how: How = {}) => {
      latest.current = key;
      setNote('');
      const details = await look(key);
      // Another one may have been opened meanwhile.
      if (details === undefined || latest.current !== key) return;
      setOpened({ details, autoplay: how.autoplay ?? false, checks: how.checks ?? false, follows: how.follows ?? false });
      // The page is not to scroll away from what was opened.
      move(index, how.focuses ? { still: true } : { shows: true }, key);
      show({ open: id });
    },
    [show, move, look],
  );
  const close = () => {
    setOpened(undefined);
    latest.current = undefined;
    show({ open: undefined });
    move(current.index);
  };
  // On a narrow screen it would open below the list, out of sight.
  useEffect(() => {
    if (opened?.follows === false) aside.current?.scrollIntoView({ block: 'nearest' });
  }, [opened]);
  // An address that was sent on names the recording that was open.
  const wanted = view.open;
  useEffect(() => {
    if (opened !== undefined || results === undefined || sought.current === wanted) return;
    sought.current = wanted;
    if (wanted === undefined) return;
    // Wherever in the list it stands, and where a filter leaves it out: of ids that hold this one, it is the first.
    askRows({ q: wanted, from: '', until: '', status: '', sort: 'id', order: 'ascending' }, 0).then(
      ({ rows }) => {
        const row = rows.find(({ id }) => id === wanted);
        if (row !== undefined) void open({ key: row.key, id: row.id, index: results.indexOf(row.key) ?? -1 });
      },
      () => undefined,
    );
  }, [wanted, opened, results, open]);

  /** Where the open recording stands in the list: before its first row if it is not there, undefined as long as that is not known. */
  const openIndex = opened === undefined ? current.index : openAt;
  // Those beside it are to be at hand, however far away its place has come to be.
  useEffect(() => {
    if (openIndex !== undefined && openIndex >= 0 && results !== undefined && results.at(openIndex) === undefined) need(openIndex);
  }, [openIndex, results, need]);
  const play = (place: Place, how: How = {}) => void open(place, { autoplay: true, ...how });
  const { isLast, go } = useNeighbours({ results, openKey: opened?.details.key, openIndex, need, play });
  /** Has the browser keep a file, or says that there is none. */
  const keep = async ({ key, id }: Pick<Place, 'key' | 'id'>) => {
    const details = await look(key);
    if (details === undefined) return;
    const isThere = details.line.file !== null && details.size !== undefined;
    setNote(
      isThere ? '' : `${visible(id)} cannot be downloaded: ${details.line.file === null ? 'it was not saved' : 'its file is missing'}.`,
    );
    if (isThere) download(key);
  };
  const hidden = useHidden(query, results, selected);

  /** What the keys are about: the row that has the focus, else the open recording, else the row to which Tab would lead. */
  const place = (): Place | undefined => {
    const focused = focusedRow();
    if (focused === undefined && opened !== undefined)
      return { key: opened.details.key, id: opened.details.line.id, index: openIndex ?? -1 };
    const index = focused ?? current.index;
    const row = results?.at(index);
    return row && { key: row.key, id: row.id, index };
  };
  const isOpen = (at: Place | undefined) => at !== undefined && opened?.details.key === at.key;
  const print = async () => setPrinted(await printRows(query, selected));
  useKeys({
    print: () => void print(),
    search: () => searchBox.current?.select(),
    first: () => move(0),
    move: (by) => move(Math.max(0, Math.min((results?.matched ?? 1) - 1, (focusedRow() ?? current.index) + by))),
    open: () => {
      const at = place();
      if (at !== undefined) void open(at);
    },
    toggle: () => {
      const at = place();
      if (isOpen(at)) controls.current?.toggle();
      else if (at !== undefined) play(at);
    },
    step: (direction) => controls.current?.step(direction * STEP_SECONDS),
    faster: (steps) => controls.current?.faster(steps),
    next: () => go({ step: 1, from: focusedRow(), how: { focuses: true } }),
    previous: () => go({ step: -1, from: focusedRow(), how: { focuses: true } }),
    select: () => {
      const at = place();
      if (at !== undefined) selection.toggle(at.key);
    },
    check: () => {
      const at = place();
      if (isOpen(at)) check.current?.();
      else if (at !== undefined) void open(at, { checks: true });
    },
    download: () => {
      const at = place();
      if (at !== undefined) void keep(at);
    },
    close: () => opened !== undefined && close(),
    help: () => setKeysOpen(true),
  });

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
      <Trouble />
      <main>
        {results !== undefined && (
          <Days
            days={results.days}
            from={query.from}
            until={query.until}
            onPick={(day) => ask_({ from: day ?? '', until: day ?? '' }, true)}
          />
        )}
        <Tools results={results} selection={selection} hidden={hidden} note={note} onPrint={print} />
        {results !== undefined && (
          <Table
            results={results}
            query={query}
            columns={columns}
            current={current.index}
            openKey={opened?.details.key}
            selected={selected}
            verdicts={verdicts}
            allSelected={selected.size > 0 && selected.size - hidden === results.matched}
            onSort={(name) => ask_({ sort: name, order: query.sort === name && query.order === 'ascending' ? 'descending' : 'ascending' })}
            onCurrent={(index) => move(index, { shows: true })}
            focus={current.focus}
            onOpen={({ key, id }, index) => open({ key, id, index }, { focuses: true })}
            onSelect={({ key }) => selection.toggle(key)}
            onSelectAll={() => selection.toggleAll(query)}
            onClear={() => {
              ask_({ q: '', from: '', until: '', status: '' }, true);
              // The button goes, and the focus with it.
              searchBox.current?.focus();
            }}
            need={need}
          />
        )}
      </main>
      {opened !== undefined && (
        <aside class="opened" ref={aside} aria-label="Recording">
          {opened.details.line.status === 'saved' && (
            <Player
              details={opened.details}
              autoplay={opened.autoplay}
              nonce={nonce}
              through={through}
              onThrough={setThrough}
              throughSelection={selected.size > 0}
              onPrevious={isLast(-1) ? undefined : () => go({ step: -1 })}
              onNext={isLast(1) ? undefined : () => go({ step: 1 })}
              // A row that has the focus hands it on; nobody who types or works the player loses it.
              onEnded={() =>
                through &&
                go({
                  step: 1,
                  among: selected.size > 0 ? selected : undefined,
                  how: { focuses: focusedRow() !== undefined, follows: true },
                })
              }
              controls={controls}
            />
          )}
          <Details
            details={opened.details}
            checksNow={opened.checks}
            checks={check}
            verdict={verdicts.get(opened.details.key)}
            onVerdict={judge}
            onDownload={() => keep({ key: opened.details.key, id: opened.details.line.id })}
            onClose={close}
          />
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
