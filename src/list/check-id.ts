import { usageError } from '../errors.ts';

/** Throws USAGE, with the line, for an id that holds control characters: no recording has one, and no terminal or log should get it. */
export function checkId(id: string, name: string, line: number): void {
  if (!/\p{Cc}/u.test(id)) return;
  throw usageError(
    `${name}, line ${line}: the id ${JSON.stringify(id.slice(0, 80))} holds control characters.`,
    'Put one id on a line and nothing else; in a report, see that --column names the column that holds the id.',
  );
}
