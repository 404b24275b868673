import { Readable } from 'node:stream';
import { type ListOptions, type ListRow, openList, type ReportHeader, type TextSource } from '../../src/list/id-list.ts';

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
  /** The rows that name a recording. */
  rows: ListRow[];
  blank: number;
  passedOver: number;
  notices: string[];
  /** The notices that are told with `--quiet` too. */
  warnings: string[];
  failure?: unknown;
}

/** Reads a list to its end, or to the error that ends it. Opening it must succeed. */
export async function readList(bytes: Buffer | string, options: ListOptions = {}, pieceSize?: number): Promise<WholeList> {
  return readWhole(streamOf(bytes, pieceSize), options);
}

/** As {@link readList}, from any source. */
export async function readWhole(source: TextSource, options: ListOptions = {}): Promise<WholeList> {
  const notices: string[] = [];
  const warnings: string[] = [];
  const list = await openList(source, {
    ...options,
    onNotice: ({ message, always }) => (always ? warnings : notices).push(message),
  });
  const all: ListRow[] = [];
  const whole = (more: object = {}): WholeList => ({
    header: list.header,
    rows: all.filter((row) => row.leftOut === undefined),
    blank: all.filter((row) => row.leftOut === 'blank').length,
    passedOver: all.filter((row) => row.leftOut === 'passedOver').length,
    notices,
    warnings,
    ...more,
  });
  try {
    for await (const batch of list.batches()) all.push(...batch);
  } catch (failure) {
    return whole({ failure });
  }
  return whole();
}

/** The ids of a list that must be read without an error. */
export async function idsOf(bytes: Buffer | string, options: ListOptions = {}, pieceSize?: number): Promise<string[]> {
  const { rows, failure } = await readList(bytes, options, pieceSize);
  if (failure !== undefined) throw failure;
  return rows.map((row) => row.id);
}
