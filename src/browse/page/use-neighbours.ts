import { useEffect, useRef } from 'preact/hooks';
import type { Results } from './use-rows.ts';

/** A recording, and where it stands in the list. */
export interface Place {
  key: number;
  id: string;
  index: number;
}

/** How a recording is opened. */
export interface How {
  autoplay?: boolean;
  checks?: boolean;
  /** Whether its row gets the focus. */
  focuses?: boolean;
  /** Whether it was opened by itself: the page then stays where it is. */
  follows?: boolean;
}

/** Down or up the list. */
type Step = 1 | -1;

/** A way to the next recording that is saved. */
interface Way {
  step: Step;
  how?: How;
  /** From this row; from the open recording where there is none. */
  from?: number | undefined;
  /** Only to one of these. */
  among?: ReadonlySet<number> | undefined;
}

/** The recordings beside the open one, or beside a row. */
export interface Neighbours {
  /** Whether there is none that way; false as long as nobody knows. */
  isLast(step: Step): boolean;
  /** Plays the next one that way. Where its place or its row is not here yet, it does so once it is, unless another recording was opened meanwhile. */
  go(way: Way): void;
}

/**
 * Finds the recordings to play before and after the open one.
 *
 * @param openIndex - Where the open recording stands, -1 where it is not among what was found, undefined as long as that is not known.
 */
export function useNeighbours(of: {
  results: Results | undefined;
  openKey: number | undefined;
  openIndex: number | undefined;
  need: (index: number) => void;
  play: (place: Place, how?: How) => void;
}): Neighbours {
  const { results, openKey, openIndex, need, play } = of;
  const owed = useRef<Way & { openKey: number | undefined }>(undefined);

  /** What a way leads to: a place, nothing, or a row that is to be fetched first, which is undefined where not even its number is known. */
  const look = ({ step, from = openIndex, among }: Way): Place | 'none' | { lacks: number | undefined } => {
    if (results === undefined || from === undefined) return { lacks: undefined };
    for (let index = from + step; index >= 0 && index < results.matched; index += step) {
      const row = results.at(index);
      if (row === undefined) return { lacks: index };
      if (row.status === 'saved' && (among === undefined || among.has(row.key))) return { key: row.key, id: row.id, index };
    }
    return 'none';
  };
  /** Goes a way as far as it is known; what it lacks is fetched, and the way is owed until then. */
  const go = (way: Way) => {
    const found = look(way);
    owed.current = undefined;
    if (found === 'none') return;
    if (!('lacks' in found)) return play(found, way.how);
    owed.current = { ...way, openKey };
    if (found.lacks !== undefined) need(found.lacks);
  };
  useEffect(() => {
    const way = owed.current;
    if (way === undefined) return;
    if (way.openKey === openKey) go(way);
    else owed.current = undefined;
  }, [results, openKey, openIndex]);

  return { isLast: (step) => look({ step }) === 'none', go };
}
