import { useCallback, useEffect, useMemo, useRef, useState } from 'preact/hooks';
import { addressOf, readAddress } from './address.ts';
import { ask, type Details as Found, onAnswer, parametersOf, type Query, type Row, type Trouble } from './api.ts';
import { Days } from './days.tsx';
import { Details, download, type Verdict } from './details.tsx';
import { Filters } from './filters.tsx';
import { countText, visible } from './format.ts';
import { Keys } from './keys.tsx';
import { type Controls, Player, STEP_SECONDS } from './player.tsx';
import { PrintList, printRows } from './print.tsx';
import { columnsOf, type FocusWish, Table } from './table.tsx';
import { useHidden } from './use-hidden.ts';
import { useKeys } from './use-keys.ts';
import { type Results, useRows } from './use-rows.ts';

/** So many of the report's columns are shown before anybody has chosen. */
const FIRST_COLUMNS = 4;

/** A recording, and where it stands in the list. */
interface Place {
  key: number;
  id: string;
  index: number;
}

/** A recording that is open, the list that it was opened from, and what is done with it at once. */
interface Opened {
  details: Found;
  index: number;
  query: Query;
  autoplay: boolean;
  checks: boolean;
  follows: boolean;
}

const TROUBLES: Readonly<Record<Trouble, string>> = {
  gone: 'kaleyra-rec browse has ended, or cannot be reached. Start it again and open the new address.',
  unread: 'The recording could not be read. Try again.',
};

/** How a recording is opened. */
interface How {
  autoplay?: boolean;
  checks?: boolean;
  /** Whether its row gets the focus. */
  focuses?: boolean;
  /** Whether it was opened by itself: the page then stays where it is. */
  follows?: boolean;
}

/** The whole page. */
export function App({ archive, nonce }: { archive: string; nonce: string }) {
  const [view, setView] = useState(() => readAddress(location.search));
  const { query } = view;
  const { results, need } = useRows(query);
  const [current, setCurrent] = useState(0);
  const [opened, setOpened] = useState<Opened>();
  const [focus, setFocus] = useState<FocusWish>();
  const [selected, setSelected] = useState<ReadonlySet<number>>(new Set());
  const [verdicts, setVerdicts] = useState<ReadonlyMap<number, Verdict>>(new Map());
  const [note, setNote] = useState('');
  const [trouble, setTrouble] = useState<Trouble>();
  const [keysOpen, setKeysOpen] = useState(false);
  const [through, setThrough] = useState(false);
  const [printed, setPrinted] = useState<Row[]>([]);
  const searchBox = useRef<HTMLInputElement>(null);
  const aside = useRef<HTMLElement>(null);
  const controls = useRef<Controls | undefined>(undefined);
  const check = useRef<(() => void) | undefined>(undefined);
  const latest = useRef<number>(undefined);

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
    // That the server still answers does not say that a recording can be read again.
    onAnswer((now, path) => setTrouble((before) => (before === 'unread' && path === 'version' ? (now ?? before) : now)));
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
      setCurrent(index);
      setOpened({ details, index, query, autoplay: how.autoplay ?? false, checks: how.checks ?? false, follows: how.follows ?? false });
      // The page is not to scroll away from what was opened.
      if (how.focuses) setFocus({ index, still: true });
      show({ open: id });
    },
    [show, query, look],
  );
  const close = () => {
    setOpened(undefined);
    latest.current = undefined;
    show({ open: undefined });
    setFocus({ index: current });
  };
  // On a narrow screen it would open below the list, out of sight.
  useEffect(() => {
    if (opened?.follows === false) aside.current?.scrollIntoView({ block: 'nearest' });
  }, [opened]);
  // An address that was sent on names the recording that was open.
  const wanted = view.open;
  useEffect(() => {
    if (wanted === undefined || opened !== undefined || results === undefined) return;
    for (let index = 0; index < Math.min(results.matched, 100); index += 1) {
      const row = results.at(index);
      if (row?.id === wanted) void open({ key: row.key, id: row.id, index });
    }
  }, [wanted, opened, results, open]);

  /** Where the open recording stands in the list; before its first row if it is not there. */
  const openIndex = () => {
    if (opened === undefined) return current;
    return results?.indexOf(opened.details.key) ?? (opened.query === query ? opened.index : -1);
  };
  /** The next recording to play in a direction, which `among` may narrow down. */
  const neighbour = (from: number, step: 1 | -1, among?: ReadonlySet<number>): Place | undefined => {
    for (let index = from + step; results !== undefined && index >= 0 && index < results.matched; index += step) {
      const row = results.at(index);
      if (row === undefined) return undefined;
      if (row.status === 'saved' && (among === undefined || among.has(row.key))) return { key: row.key, id: row.id, index };
    }
    return undefined;
  };
  const play = (place: Place | undefined, how: How = {}) => place && void open(place, { autoplay: true, ...how });
  const before = neighbour(openIndex(), -1);
  const after = neighbour(openIndex(), 1);
  const select = (key: number) =>
    setSelected((before) => {
      const after = new Set(before);
      if (!after.delete(key)) after.add(key);
      return after;
    });
  const selectAll = async () => {
    const keys = await ask<number[]>(`keys?${parametersOf(query)}`).catch(() => []);
    setSelected((before) => {
      const after = new Set(before);
      const removes = keys.every((key) => before.has(key));
      for (const key of keys) after[removes ? 'delete' : 'add'](key);
      return after;
    });
  };
  // Where the server is gone, or the archive, the browser would put a page of its own in the place of this one.
  const sendForm = async (event: SubmitEvent) => {
    event.preventDefault();
    const form = event.currentTarget as HTMLFormElement;
    const [first] = selected;
    await ask(`details/${first}`).then(
      () => form.submit(),
      () => undefined,
    );
  };
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
    if (focused === undefined && opened !== undefined) return { key: opened.details.key, id: opened.details.line.id, index: openIndex() };
    const index = focused ?? current;
    const row = results?.at(index);
    return row && { key: row.key, id: row.id, index };
  };
  const isOpen = (at: Place | undefined) => at !== undefined && opened?.details.key === at.key;
  const print = async () => setPrinted(await printRows(query, selected));
  useKeys({
    print: () => void print(),
    search: () => searchBox.current?.select(),
    first: () => {
      setCurrent(0);
      setFocus({ index: 0 });
    },
    move: (by) => {
      const to = Math.max(0, Math.min((results?.matched ?? 1) - 1, (focusedRow() ?? current) + by));
      setCurrent(to);
      setFocus({ index: to });
    },
    open: () => {
      const at = place();
      if (at !== undefined) void open(at);
    },
    toggle: () => {
      const at = place();
      if (isOpen(at)) controls.current?.toggle();
      else play(at);
    },
    step: (direction) => controls.current?.step(direction * STEP_SECONDS),
    faster: (steps) => controls.current?.faster(steps),
    next: () => play(neighbour(place()?.index ?? -1, 1), { focuses: true }),
    previous: () => play(neighbour(place()?.index ?? -1, -1), { focuses: true }),
    select: () => {
      const at = place();
      if (at !== undefined) select(at.key);
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
      {trouble !== undefined && (
        <p class="trouble" role="alert">
          {TROUBLES[trouble]}
        </p>
      )}
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
            {hidden > 0 ? `, ${countText(hidden)} of them not shown` : ''}
          </p>
          <p role="status" class="warning">
            {note}
          </p>
          {results !== undefined && results.unreadable > 0 && (
            <p class="warning">{countText(results.unreadable)} damaged lines in the manifest. Run `kaleyra-rec verify`.</p>
          )}
          {selected.size > 0 && (
            <button type="button" onClick={() => setSelected(new Set())}>
              Clear selection
            </button>
          )}
          <form method="post" action="zip" onSubmit={sendForm}>
            <input type="hidden" name="keys" value={[...selected].join(',')} />
            <button type="submit" disabled={selected.size === 0}>
              Download selection as ZIP
            </button>
          </form>
          <button type="button" onClick={print}>
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
            verdicts={verdicts}
            allSelected={selected.size > 0 && selected.size - hidden === results.matched}
            onSort={(name) => ask_({ sort: name, order: query.sort === name && query.order === 'ascending' ? 'descending' : 'ascending' })}
            onCurrent={setCurrent}
            focus={focus}
            onOpen={({ key, id }, index) => open({ key, id, index }, { focuses: true })}
            onSelect={({ key }) => select(key)}
            onSelectAll={selectAll}
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
              onPrevious={before && (() => play(before))}
              onNext={after && (() => play(after))}
              // A row that has the focus hands it on; nobody who types or works the player loses it.
              onEnded={() =>
                through &&
                play(neighbour(openIndex(), 1, selected.size > 0 ? selected : undefined), {
                  focuses: focusedRow() !== undefined,
                  follows: true,
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

/** The row that has the focus, or holds what has it; undefined where none does. */
function focusedRow(): number | undefined {
  const row = document.activeElement?.closest<HTMLElement>('.body .row');
  return row ? Number(row.dataset.index) : undefined;
}
