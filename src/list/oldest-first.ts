import type { ListRow } from './list-row.ts';

/** The most rows that are sorted in memory, and the most characters that they may hold together: about 200 MB at the worst. */
export const SORT_LIMIT = { rows: 100_000, characters: 40_000_000 };

const BATCH_ROWS = 1000;

/**
 * The rows of a report, oldest call first, so that what leaves the service next is fetched first. `timeOf` gives a row's time in milliseconds
 * since 1970 UTC, undefined where it cannot be read: such rows come before all others, as nobody knows how old they are. Rows of the same time
 * keep their order. All rows are read before the first is given.
 */
export async function* oldestFirst(
  batches: AsyncIterable<ListRow[]>,
  timeOf: (row: ListRow) => number | undefined,
): AsyncGenerator<ListRow[], void, undefined> {
  const rows: { row: ListRow; time: number }[] = [];
  for await (const batch of batches) {
    for (const row of batch) rows.push({ row, time: timeOf(row) ?? Number.NEGATIVE_INFINITY });
  }
  // -Infinity minus itself is no number, so the times are compared and not subtracted.
  rows.sort((one, other) => (one.time < other.time ? -1 : one.time > other.time ? 1 : 0));
  for (let from = 0; from < rows.length; from += BATCH_ROWS) yield rows.slice(from, from + BATCH_ROWS).map(({ row }) => row);
}
