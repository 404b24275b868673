import type { Archive, Known, KnowOptions } from '../archive/archive.ts';
import { DigestSet } from '../archive/digest-map.ts';
import type { ListRow } from '../list/list-row.ts';

/** Which rows of a list are wanted. */
export interface SelectOptions extends KnowOptions {
  /** Ask again for what the service has called gone. */
  retryGone: boolean;
  /** Stop after so many recordings to fetch. */
  limit?: number | undefined;
  /** Whether an id falls to this machine's share of the list; all do where left out. */
  inShare?: ((id: string) => boolean) | undefined;
}

/** A row that counts for nothing in this run, and why: it names no recording to fetch, another machine fetches it, or it came before. */
export interface PassedRow {
  row: ListRow;
  as: 'blank' | 'passedOver' | 'filtered' | 'others' | 'duplicate';
}

/** A row of this run: settled by an earlier one, or to be fetched. */
export type SelectedRow =
  | { row: ListRow; as: 'saved'; known: Extract<Known, { status: 'saved' }> }
  | { row: ListRow; as: 'gone'; known: Extract<Known, { status: 'gone' }> }
  | { row: ListRow; as: 'wanted'; known: Known };

/**
 * Decides, row by row and for each once, what a run has to do with a list: the run and its plan (`--dry-run`) both go by it. Keeps nothing of
 * a row but its digest, and reads no further than its reader asks. Throws what the list throws, and what {@link Archive.know} does.
 */
export async function* select(
  rows: AsyncIterable<ListRow[]>,
  archive: Pick<Archive, 'know'>,
  options: SelectOptions,
): AsyncGenerator<PassedRow | SelectedRow, void, undefined> {
  const seen = new DigestSet();
  let wanted = 0;
  for await (const chunk of rows) {
    for (const row of chunk) {
      const passed = whyPassed(row, seen, options);
      if (passed !== undefined) {
        yield { row, as: passed };
        continue;
      }
      // A million rows that were saved before are passed over in seconds, because the archive need not be waited for.
      const answer = archive.know(row.id, options);
      const selected = settle(row, answer instanceof Promise ? await answer : answer, options);
      yield selected;
      if (selected.as !== 'wanted') continue;
      wanted += 1;
      if (wanted === options.limit) return;
    }
  }
}

function whyPassed(row: ListRow, seen: DigestSet, { inShare }: SelectOptions): PassedRow['as'] | undefined {
  if (row.leftOut !== undefined) return row.leftOut;
  if (row.id === '') return 'blank';
  if (inShare?.(row.id) === false) return 'others';
  return seen.add(row.id) ? undefined : 'duplicate';
}

function settle(row: ListRow, known: Known, { retryGone }: SelectOptions): SelectedRow {
  if (known.status === 'saved') return { row, as: 'saved', known };
  if (known.status === 'gone' && !retryGone) return { row, as: 'gone', known };
  return { row, as: 'wanted', known };
}
