import { useEffect, useState } from 'preact/hooks';
import { ask, parametersOf, type Query } from './api.ts';
import type { Results } from './use-rows.ts';

/**
 * Where a recording stands in what was found, however rows come, go and change places; -1 where it is not among them, undefined as long as that
 * is not known. The server is asked only where the recording is on no page that is here.
 */
export function useIndex(query: Query, results: Results | undefined, key: number | undefined): number | undefined {
  const here = key === undefined ? undefined : results?.indexOf(key);
  const [told, setTold] = useState<{ of: string; index: number }>();
  const of = `${key} ${results?.version} ${parametersOf(query)}`;
  const asks = key !== undefined && results !== undefined && here === undefined;
  useEffect(() => {
    if (!asks) return;
    const stop = new AbortController();
    ask<number[]>(`keys?${parametersOf(query)}`, { signal: stop.signal }).then(
      (keys) => setTold({ of, index: keys.indexOf(key) }),
      () => undefined,
    );
    return () => stop.abort();
  }, [asks, of]);
  return here ?? (told?.of === of ? told.index : undefined);
}
