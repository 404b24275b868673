import { isToolsFile } from '../own-names.ts';

/** The folder of the manifest's pieces, below the archive's prefix. */
export const PIECES = 'manifest/';

/** A piece's name: when it was begun (UTC, to the millisecond), the run, and its number in the run. Names rise with time. */
const PIECE = /^manifest\/(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)(\d{3})Z-[0-9a-f]{8}-\d{6}\.jsonl$/u;

/** The last moment that a name can have, in milliseconds since 1970 UTC. */
const LAST = Date.UTC(9999, 11, 31, 23, 59, 59, 999);

/** The name of a piece, relative to the archive. `at` is in milliseconds since 1970 UTC, `run` 8 hexadecimal digits. */
export function pieceName(at: number, run: string, number: number): string {
  const time = new Date(Math.min(at, LAST)).toISOString().replace(/[-:.]/gu, '');
  return `${PIECES}${time}-${run}-${String(number).padStart(6, '0')}.jsonl`;
}

/** When a piece was begun, in milliseconds since 1970 UTC; undefined for what is no piece, and where its name holds no date. */
export function timeOfPiece(file: string): number | undefined {
  const [, year, month, day, hour, minute, second, ms] = PIECE.exec(file) ?? [];
  if (year === undefined) return undefined;
  const time = Date.parse(`${year}-${month}-${day}T${hour}:${minute}:${second}.${ms}Z`);
  return Number.isNaN(time) ? undefined : time;
}

/**
 * Whether a recording of the archive may bear this name. Another hand can have written others into the manifest: some stores keep objects as files, to
 * which `..` leads out of the archive.
 */
export function isRecordingName(file: string): boolean {
  return !isPiece(file) && !isToolsFile(file) && file.split('/').every((segment) => !['', '.', '..'].includes(segment));
}

/** Whether a file of the archive is a piece of its manifest. */
export function isPiece(file: string): boolean {
  return PIECE.test(file);
}
