import { useCallback, useState } from 'preact/hooks';

/** A state that a reload of this tab keeps. What was stored and is not one any more counts as `first`. */
export function useStored<Value>(
  name: string,
  first: Value,
  isOne: (stored: unknown) => stored is Value,
): [value: Value, set: (next: Value) => void] {
  const [value, setValue] = useState(() => {
    try {
      const stored: unknown = JSON.parse(sessionStorage.getItem(name) ?? 'null');
      return isOne(stored) ? stored : first;
    } catch {
      return first;
    }
  });
  const set = useCallback(
    (next: Value) => {
      setValue(() => next);
      try {
        sessionStorage.setItem(name, JSON.stringify(next));
      } catch {
        // A browser may allow no page to keep anything.
      }
    },
    [name],
  );
  return [value, set];
}
