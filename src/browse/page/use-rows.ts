import { useCallback, useEffect, useRef, useState } from 'preact/hooks';
import { ask, askRows, PAGE_ROWS, type Query, type Row, type Rows } from './api.ts';

/** How often the page looks whether a run at work has added something, in milliseconds. */
const LOOK_EVERY_MS = 2000;

/** What was found, of which only the pages are here that were looked at. */
export interface Results extends Omit<Rows, 'rows' | 'offset'> {
  at(index: number): Row | undefined;
  /** Where a recording stands, if it is on one of those pages. */
  indexOf(key: number): number | undefined;
}

/** Keeps what is found in step with a search: the first page at once, the others as `need` is told that they are seen. */
export function useRows(query: Query): { results: Results | undefined; need: (index: number) => void } {
  const [results, setResults] = useState<Results>();
  const pages = useRef(new Map<number, Row[]>());
  const asked = useRef(new Set<number>());
  const seen = useRef(0);
  const failed = useRef(false);
  const current = useRef(query);
  current.current = query;

  const load = useCallback(async (page: number, signal?: AbortSignal, fresh = false) => {
    const of = current.current;
    try {
      const { rows, offset: _, ...found } = await askRows(of, page * PAGE_ROWS, signal);
      if (of !== current.current || signal?.aborted) return;
      if (fresh) {
        pages.current = new Map();
        asked.current = new Set([page]);
      }
      pages.current.set(page, rows);
      const held = pages.current;
      setResults({
        ...found,
        at: (index) => held.get(Math.floor(index / PAGE_ROWS))?.[index % PAGE_ROWS],
        indexOf: (key) => {
          for (const [at, rows] of held) {
            const index = rows.findIndex((row) => row.key === key);
            if (index >= 0) return at * PAGE_ROWS + index;
          }
          return undefined;
        },
      });
      failed.current = false;
    } catch {
      if (!signal?.aborted) failed.current = true;
    }
  }, []);

  useEffect(() => {
    const stop = new AbortController();
    void load(0, stop.signal, true);
    return () => stop.abort();
  }, [query, load]);

  const version = results?.version;
  useEffect(() => {
    const timer = setInterval(async () => {
      if (document.hidden) return;
      const now = await ask<{ version: number }>('version').catch(() => undefined);
      if (now !== undefined && (now.version !== version || failed.current))
        void load(Math.floor(seen.current / PAGE_ROWS), undefined, true);
    }, LOOK_EVERY_MS);
    return () => clearInterval(timer);
  }, [version, load]);

  const need = useCallback(
    (index: number) => {
      seen.current = index;
      const page = Math.floor(index / PAGE_ROWS);
      if (asked.current.has(page)) return;
      asked.current.add(page);
      void load(page);
    },
    [load],
  );
  return { results, need };
}
