import type { RefObject } from 'preact';
import type { Query } from './api.ts';
import { visible } from './format.ts';

/** The search: words, days, status, and which columns are shown. */
export function Filters(props: {
  query: Query;
  columns: readonly string[];
  chosen: readonly string[];
  searchBox: RefObject<HTMLInputElement | null>;
  onQuery: (change: Partial<Query>) => void;
  onColumns: (chosen: string[]) => void;
  onKeys: () => void;
}) {
  const { query, columns, chosen, onQuery } = props;
  return (
    <form class="filters" role="search" onSubmit={(event) => event.preventDefault()}>
      <input
        ref={props.searchBox}
        type="search"
        aria-label="Search id, file and columns"
        placeholder="Search id, file, any column"
        value={query.q}
        onInput={(event) => onQuery({ q: event.currentTarget.value })}
      />
      <label>
        From
        <input type="date" value={query.from} max={query.until} onInput={(event) => onQuery({ from: event.currentTarget.value })} />
      </label>
      <label>
        Until
        <input type="date" value={query.until} min={query.from} onInput={(event) => onQuery({ until: event.currentTarget.value })} />
      </label>
      <label>
        Status
        <select value={query.status} onChange={(event) => onQuery({ status: event.currentTarget.value })}>
          <option value="">all</option>
          <option value="saved">saved</option>
          <option value="gone">gone</option>
          <option value="failed">failed</option>
        </select>
      </label>
      {columns.length > 0 && (
        <details class="choose">
          <summary>Columns</summary>
          <div>
            {columns.map((column) => (
              <label key={column}>
                <input
                  type="checkbox"
                  checked={chosen.includes(column)}
                  onChange={() => props.onColumns(chosen.includes(column) ? chosen.filter((each) => each !== column) : [...chosen, column])}
                />
                {visible(column)}
              </label>
            ))}
          </div>
        </details>
      )}
      <button type="button" onClick={props.onKeys} aria-label="Keys" title="Keys (?)">
        ?
      </button>
    </form>
  );
}
