import type { System } from '../system.ts';

/**
 * Whether a stream is to be coloured: never with `--no-color`, `NO_COLOR` (https://no-color.org: any value but an empty one) or
 * `TERM=dumb`; always with `FORCE_COLOR`, unless that is 0 or false; else where the stream is a terminal.
 */
export function wantsColor(stream: { isTTY?: boolean }, env: System['env'], flag = true): boolean {
  if (!flag || (env.NO_COLOR ?? '') !== '') return false;
  const forced = env.FORCE_COLOR;
  if (forced !== undefined) return forced !== '0' && forced !== 'false';
  return stream.isTTY === true && env.TERM !== 'dumb';
}
