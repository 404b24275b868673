import { useEffect, useState } from 'preact/hooks';
import { ask, parametersOf, type Query } from './api.ts';
import type { Results } from './use-rows.ts';

/** How many of the selected recordings the search does not find. */
export function useHidden(query: Query, results: Results | undefined, selected: ReadonlySet<number>): number {
  const [found, setFound] = useState<ReadonlySet<number>>();
  const version = results?.version;
  // Where everything is found, nothing is to be asked for.
  const asks = selected.size > 0 && results !== undefined && results.matched < results.total;
  useEffect(() => {
    setFound(undefined);
    if (!asks) return;
    const stop = new AbortController();
    ask<number[]>(`keys?${parametersOf(query)}`, { signal: stop.signal }).then(
      (keys) => setFound(new Set(keys)),
      () => undefined,
    );
    return () => stop.abort();
  }, [query, version, asks]);
  return asks && found !== undefined ? [...selected].filter((key) => !found.has(key)).length : 0;
}
