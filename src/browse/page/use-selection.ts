import { useState } from 'preact/hooks';
import { ask, parametersOf, type Query } from './api.ts';

/** The recordings that are selected, by their keys, and what changes that. */
export interface Selection {
  keys: ReadonlySet<number>;
  toggle(key: number): void;
  /** Adds all that a search finds, or takes them out where all of them are in. */
  toggleAll(query: Query): Promise<void>;
  clear(): void;
}

/** A selection that is empty at first. */
export function useSelection(): Selection {
  const [keys, setKeys] = useState<ReadonlySet<number>>(new Set());
  return {
    keys,
    toggle: (key) =>
      setKeys((before) => {
        const after = new Set(before);
        if (!after.delete(key)) after.add(key);
        return after;
      }),
    async toggleAll(query) {
      const found = await ask<number[]>(`keys?${parametersOf(query)}`).catch(() => []);
      setKeys((before) => {
        const after = new Set(before);
        const removes = found.every((key) => before.has(key));
        for (const key of found) after[removes ? 'delete' : 'add'](key);
        return after;
      });
    },
    clear: () => setKeys(new Set()),
  };
}
