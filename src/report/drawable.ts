import type { System } from '../system.ts';

/** Where nothing can be drawn, the least time between two lines of progress, in milliseconds. */
export const PROGRESS_MS = 30_000;

/**
 * Whether a line on standard error can be drawn again and again: it is a terminal, not a dumb one, and of a known size (some containers
 * have none, and where a line ends is not known then). A CI system gives its jobs a terminal too, but keeps all that is written to it.
 */
export function canDraw({ stderr, env }: Pick<System, 'stderr' | 'env'>): boolean {
  return stderr.isTTY === true && stderr.columns !== 0 && env.TERM !== 'dumb' && !isCi(env);
}

/** `CI` is set by GitHub, GitLab, CircleCI, Travis, AppVeyor, Buildkite and others. */
function isCi({ CI = '' }: System['env']): boolean {
  return CI !== '' && CI !== '0' && CI !== 'false';
}
