import { useLayoutEffect, useRef, useState } from 'preact/hooks';
import type { Query } from './api.ts';
import type { FocusWish } from './table.tsx';
import { useIndex } from './use-index.ts';
import type { Results } from './use-rows.ts';

/** The row to which Tab leads, and the row that is to get the focus. */
export interface Current {
  index: number;
  focus: FocusWish | undefined;
  /** Makes another row the current one, which is brought into sight; `key` is that of its recording, where it is not the one drawn there now. */
  move(index: number, wish?: Pick<FocusWish, 'still' | 'shows'>, key?: number): void;
}

/**
 * Keeps to a recording, once one was moved to: where rows come, go or change places, the row that has the focus is that of the same recording. One
 * that is no longer found leaves its place to the first row, until it is found again.
 */
export function useCurrent(query: Query, results: Results | undefined): Current {
  const [stands, setStands] = useState<{ key: number | undefined; index: number }>({ key: undefined, index: 0 });
  const [focus, setFocus] = useState<FocusWish>();
  const found = useIndex(query, results, stands.key);
  const known = useRef(0);
  const index = stands.key === undefined ? stands.index : Math.max(0, found ?? known.current);
  const drawn = useRef(index);
  known.current = index;
  useLayoutEffect(() => {
    const before = drawn.current;
    drawn.current = index;
    // The focus is still where the recording was, on another one now.
    if (before !== index && focusedRow() === before) setFocus({ index });
  }, [index]);
  return {
    index,
    focus,
    move(to, wish = {}, key = results?.at(to)?.key) {
      known.current = to;
      setStands({ key, index: to });
      setFocus({ index: to, ...wish });
    },
  };
}

/** The row that has the focus, or holds what has it; undefined where none does. */
export function focusedRow(): number | undefined {
  const row = document.activeElement?.closest<HTMLElement>('.body .row');
  return row ? Number(row.dataset.index) : undefined;
}
