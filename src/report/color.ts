import type { System } from '../system.ts';

/**
 * Whether a stream is to be coloured: never with `--no-color`, `NO_COLOR` (https://no-color.org: any value but an empty one) or
 * `TERM=dumb`; always with `FORCE_COLOR`, unless that is 0 or false (1, 2, 3 and true ask for more or fewer colours, of which the tool
 * uses the first eight alone); else where the stream is a terminal.
 */
export function wantsColor(stream: { isTTY?: boolean }, env: System['env'], flag = true): boolean {
  if (!flag || (env.NO_COLOR ?? '') !== '') return false;
  const forced = env.FORCE_COLOR;
  if (forced !== undefined) return forced !== '0' && forced !== 'false';
  return stream.isTTY === true && env.TERM !== 'dumb';
}

/** What colours a text. A colour is never all that tells something: the words say it too. */
export type Colorize = (text: string) => string;

/** The colours by what they mean. */
export interface Paint {
  /** Had: saved. */
  good: Colorize;
  /** To be looked at: gone, waiting. */
  warn: Colorize;
  /** Not had: failed. */
  bad: Colorize;
  /** Beside the point. */
  faint: Colorize;
}

const asItIs: Colorize = (text) => text;

/** No colours. */
export const PLAIN: Paint = { good: asItIs, warn: asItIs, bad: asItIs, faint: asItIs };
