import { Readable } from 'node:stream';
import { type ListOptions, type ListRow, openList, type ReportHeader } from '../../src/list/id-list.ts';

/** A stream named `list.csv` that gives the bytes in pieces of the given size. */
export function streamOf(bytes: Buffer | string, pieceSize = Number.POSITIVE_INFINITY) {
  const whole = Buffer.from(bytes);
  const pieces: Buffer[] = [];
  for (let at = 0; at < whole.length; at += pieceSize) pieces.push(whole.subarray(at, Math.min(at + pieceSize, whole.length)));
  return { stream: Readable.from(pieces), name: 'list.csv' };
}

/** Everything a list holds; `failure` is what ended the reading, where something did. */
export interface WholeList {
  header: ReportHeader | undefined;
  rows: ListRow[];
  failure?: unknown;
}

/** Reads a list to its end, or to the error that ends it. Opening it must succeed. */
export async function readList(bytes: Buffer | string, options: ListOptions = {}, pieceSize?: number): Promise<WholeList> {
  const list = await openList(streamOf(bytes, pieceSize), options);
  const rows: ListRow[] = [];
  try {
    for await (const batch of list.batches()) rows.push(...batch);
  } catch (failure) {
    return { header: list.header, rows, failure };
  }
  return { header: list.header, rows };
}

/** The ids of a list that must be read without an error. */
export async function idsOf(bytes: Buffer | string, options: ListOptions = {}): Promise<string[]> {
  const { rows, failure } = await readList(bytes, options);
  if (failure !== undefined) throw failure;
  return rows.map((row) => row.id);
}
