import { DigestSet } from '../archive/digest-map.ts';
import type { Archive, Known } from '../archive/folder/archive-folder.ts';
import type { ListRow } from '../list/list-row.ts';
import type { BatchOptions } from './batch-options.ts';

/**
 * The rows that `runBatch` would fetch, in the order of the list. Asks nothing of the service, and writes nothing. Throws what the list
 * throws, `FILE_SYSTEM` where the archive cannot be read, and the signal's reason.
 */
export async function* planBatch(
  rows: AsyncIterable<ListRow[]>,
  archive: Archive,
  options: Omit<BatchOptions, 'concurrency'>,
): AsyncGenerator<ListRow> {
  const seen = new DigestSet();
  let planned = 0;
  for await (const chunk of rows) {
    options.signal.throwIfAborted();
    for (const row of chunk) {
      if (row.id === '' || row.leftOut !== undefined || options.isOurs?.(row.id) === false || !seen.add(row.id)) continue;
      if (endedBefore(await archive.know(row.id, options), options) !== undefined) continue;
      yield row;
      planned += 1;
      if (planned === options.limit) return;
    }
  }
}

/** What an earlier run has settled, so that the recording is not asked for again; undefined where it is. */
export function endedBefore(
  known: Known,
  { retryGone }: Pick<BatchOptions, 'retryGone'>,
): Extract<Known, { status: 'saved' | 'gone' }> | undefined {
  if (known.status === 'saved') return known;
  return known.status === 'gone' && !retryGone ? known : undefined;
}
