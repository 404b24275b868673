import type { RecordingError } from '../errors.ts';
import { printable, printableId } from '../printable.ts';

/** An error as its two lines: what happened (to this id, where several were asked for), and what to do. */
export function errorLines(error: RecordingError, color: boolean, id?: string): [string, string] {
  // The two codes are written out so that a failing start needs no colour library: red and bold, then dim.
  const paint = (codes: string, text: string) => (color ? `\u001b[${codes}m${text}\u001b[0m` : text);
  const what = `${id === undefined ? '' : `${printableId(id)}: `}${printable(error.message)}`;
  return [`${paint('31;1', 'error:')} ${what}`, `${paint('2', 'hint:')} ${printable(error.hint)}`];
}
