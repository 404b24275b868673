import { RecordingError } from '../../errors.ts';
import type { Share } from '../archive.ts';
import { BAD_ROWS_FIRST_LINE, BAD_ROWS_NAME, foreignBadRows } from '../bad-rows.ts';
import { FAILED_NAME, failedList, type OwnList } from '../failed-rows.ts';
import type { ManifestLine } from '../manifest-line.ts';
import type { ObjectStore } from './object-store.ts';

const TEXT = 'text/plain; charset=utf-8';

/** The rows that failed, as a manifest has them. */
export interface FailedRows {
  /** By which a list of them is known for one of ours. */
  own: OwnList;
  /** The last line of each id that failed, anew at each call. */
  lines(): Iterable<ManifestLine>;
}

/**
 * Brings the list of failed rows in a bucket up to what the manifest says: `failed.txt`, or `failed-<k>-of-<n>.txt` with the rows of one share. It
 * is taken away where no row failed. A list that is not made of what this run knows may be that of a run at work beside it: then `anew` is asked, which
 * reads the manifest again. Returns its address, undefined where there is none. Throws `BUCKET`, and `FILE_EXISTS` where rows failed and
 * another's object bears its name.
 */
export async function writeFailedList(
  store: ObjectStore,
  prefix: string,
  share: Share | undefined,
  known: FailedRows,
  anew: () => Promise<FailedRows>,
): Promise<string | undefined> {
  const key = prefix + (share === undefined ? FAILED_NAME : `failed-${share.index}-of-${share.count}.txt`);
  const stands = await textOf(store, key);
  const isOwnOf = ({ own }: FailedRows) => stands === undefined || isOwnText(stands, own);
  const rows = isOwnOf(known) ? known : await anew();
  const lines = function* () {
    for (const line of rows.lines()) if (share === undefined || share.holds(line.id)) yield line;
  };
  const hasFailed = lines().next().done !== true;
  const isOwn = isOwnOf(rows);
  if (!hasFailed) {
    if (stands !== undefined && isOwn) await store.remove(key);
    return undefined;
  }
  if (!isOwn) {
    throw new RecordingError('FILE_EXISTS', `Cannot list the rows that failed: ${store.address(key)} was not written by kaleyra-rec.`, {
      hint: 'Move it away, and run the same command again; until then the manifest names the rows that failed.',
    });
  }
  const list = [...failedList(lines)].map((line) => `${line}\n`).join('');
  if (list !== stands) await store.putOwn(key, Buffer.from(list), TEXT);
  return store.address(key);
}

/** See `Archive.listBadRows`. Throws `BUCKET`, and `FILE_EXISTS` where it is not ours. */
export async function writeBadList(store: ObjectStore, prefix: string, list: string | undefined): Promise<string | undefined> {
  const key = prefix + BAD_ROWS_NAME;
  const stands = await textOf(store, key);
  const isOwn = stands === undefined || stands.startsWith(BAD_ROWS_FIRST_LINE);
  if (list === undefined) {
    if (stands !== undefined && isOwn) await store.remove(key);
    return undefined;
  }
  if (!isOwn) throw foreignBadRows(store.address(key));
  await store.putOwn(key, Buffer.from(list), TEXT);
  return store.address(key);
}

async function textOf(store: ObjectStore, key: string): Promise<string | undefined> {
  return (await store.bytes(key))?.toString();
}

function isOwnText(list: string, own: OwnList): boolean {
  const lines = list.replace(/\n$/u, '').split(/\r?\n/u);
  const [first = ''] = lines;
  return list === '' || lines.every((line) => own.holds(line, first));
}
