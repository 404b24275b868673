import { useCallback, useEffect, useState } from 'preact/hooks';
import { addressOf, readAddress, type View } from './address.ts';

/** The view that the address holds, and what changes both. What is typed replaces the address; with `adds` it is one more to go back to. */
export function useView(): { view: View; show: (change: Partial<View>, adds?: boolean) => void } {
  const [view, setView] = useState(() => readAddress(location.search));
  const show = useCallback((change: Partial<View>, adds = false) => {
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
  return { view, show };
}
