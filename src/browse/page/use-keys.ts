import { useEffect, useRef } from 'preact/hooks';

/** What the keys do. */
export interface KeyActions {
  print(): void;
  search(): void;
  first(): void;
  move(by: number): void;
  open(): void;
  toggle(): void;
  step(direction: 1 | -1): void;
  faster(steps: 1 | -1): void;
  next(): void;
  previous(): void;
  select(): void;
  check(): void;
  download(): void;
  close(): void;
  help(): void;
}

/** Listens for the keys of the page, wherever nobody types or works something that has keys of its own. */
export function useKeys(actions: KeyActions): void {
  const latest = useRef(actions);
  latest.current = actions;
  useEffect(() => {
    const press = (event: KeyboardEvent) => {
      // The browser would print what is drawn, which is a part of the list at most.
      if ((event.ctrlKey || event.metaKey) && event.key === 'p') {
        event.preventDefault();
        return latest.current.print();
      }
      if (event.ctrlKey || event.metaKey || event.altKey) return;
      const target = event.target as HTMLElement;
      const types = target.closest('input:not([type=checkbox]), select, textarea, dialog, details') !== null;
      if (event.key === 'Escape' && target.matches('input[type=search]')) return target.blur();
      // What is being composed, such as Japanese, has Enter and the arrows to itself.
      if (target.matches('input[type=search]') && (event.key === 'ArrowDown' || event.key === 'Enter') && !event.isComposing) {
        event.preventDefault();
        return latest.current.first();
      }
      const menu = document.querySelector<HTMLDetailsElement>('details.choose[open]');
      if (event.key === 'Escape' && menu !== null && target.closest('dialog') === null) {
        menu.open = false;
        return menu.querySelector('summary')?.focus();
      }
      if (types) return;
      // On a button, these are the button's.
      if ((event.key === ' ' || event.key === 'Enter') && target.closest('button, a, input') !== null) return;
      if (event.key.startsWith('Arrow') && target.closest('.days') !== null) return;
      const act = KEYS[event.key];
      if (act === undefined) return;
      event.preventDefault();
      act(latest.current);
    };
    addEventListener('keydown', press);
    return () => removeEventListener('keydown', press);
  }, []);
}

const KEYS: Readonly<Record<string, (actions: KeyActions) => void>> = {
  '/': (on) => on.search(),
  ArrowDown: (on) => on.move(1),
  ArrowUp: (on) => on.move(-1),
  j: (on) => on.move(1),
  k: (on) => on.move(-1),
  PageDown: (on) => on.move(20),
  PageUp: (on) => on.move(-20),
  Home: (on) => on.move(Number.NEGATIVE_INFINITY),
  End: (on) => on.move(Number.POSITIVE_INFINITY),
  Enter: (on) => on.open(),
  ' ': (on) => on.toggle(),
  ArrowLeft: (on) => on.step(-1),
  ArrowRight: (on) => on.step(1),
  '[': (on) => on.faster(-1),
  ']': (on) => on.faster(1),
  n: (on) => on.next(),
  p: (on) => on.previous(),
  x: (on) => on.select(),
  c: (on) => on.check(),
  d: (on) => on.download(),
  Escape: (on) => on.close(),
  '?': (on) => on.help(),
};
