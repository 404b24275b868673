import { useEffect, useRef } from 'preact/hooks';

/** A bar for each day that has recordings; a click asks for that day alone, and once more for all. */
export function Days(props: {
  days: [day: string, count: number][];
  from: string;
  until: string;
  onPick: (day: string | undefined) => void;
}) {
  const { days, from, until, onPick } = props;
  const strip = useRef<HTMLDivElement>(null);
  const most = days.reduce((top, [, count]) => Math.max(top, count), 1);
  const latest = days.at(-1)?.[0];
  // The latest days are what is mostly asked for.
  // to be done when there are other days
  useEffect(() => strip.current?.scrollTo({ left: strip.current.scrollWidth }), [latest]);
  const move = (event: KeyboardEvent) => {
    const step = event.key === 'ArrowRight' ? 'nextElementSibling' : event.key === 'ArrowLeft' ? 'previousElementSibling' : undefined;
    const next = step && (event.target as HTMLElement)[step];
    if (!(next instanceof HTMLElement)) return;
    event.preventDefault();
    next.focus();
  };
  return (
    <div class="days" role="group" aria-label="Recordings by day" ref={strip} onKeyDown={move}>
      {days.map(([day, count], index) => {
        const picked = from === day && until === day;
        const within = (from === '' || day >= from) && (until === '' || day <= until);
        return (
          <button
            key={day}
            type="button"
            class={within ? 'day' : 'day outside'}
            aria-label={day}
            aria-description={`${count} recordings`}
            aria-pressed={picked}
            title={`${day}: ${count}`}
            tabIndex={picked || (from !== until && index === days.length - 1) || (from === '' && index === days.length - 1) ? 0 : -1}
            onClick={() => onPick(picked ? undefined : day)}
          >
            <span class="bar" style={{ height: `${Math.max(6, Math.round((count / most) * 100))}%` }} />
          </button>
        );
      })}
    </div>
  );
}
