/** The folder of the manifest's pieces, below the archive's prefix. */
export const PIECES = 'manifest/';

/** A piece's name: when it was begun (UTC, to the millisecond), the run, and its number in the run. Names rise with time. */
const PIECE = /^manifest\/(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)(\d{3})Z-[0-9a-f]{8}-\d{6}\.jsonl$/u;

/** The name of a piece, relative to the archive. `at` is in milliseconds since 1970 UTC, `run` 8 hexadecimal digits. */
export function pieceName(at: number, run: string, number: number): string {
  const time = new Date(at).toISOString().replace(/[-:.]/gu, '');
  return `${PIECES}${time}-${run}-${String(number).padStart(6, '0')}.jsonl`;
}

/** When a piece was begun, in milliseconds since 1970 UTC; undefined for what is no piece. */
export function timeOfPiece(file: string): number | undefined {
  const [, year, month, day, hour, minute, second, ms] = PIECE.exec(file) ?? [];
  if (year === undefined) return undefined;
  return Date.parse(`${year}-${month}-${day}T${hour}:${minute}:${second}.${ms}Z`);
}

/** Whether a file of the archive is a piece of its manifest. */
export function isPiece(file: string): boolean {
  return PIECE.test(file);
}
