import type { System } from '../system.ts';

/** Where nothing can be drawn, the least time between two lines of progress, in milliseconds. */
export const PROGRESS_MS = 30_000;

/**
 * Whether a line on standard error can be drawn again and again: it is a terminal, not a dumb one, and the tool is in its foreground. A CI
 * system gives its jobs a terminal too, but keeps all that is written to it.
 */
export function canDraw({ stderr, env, isForeground }: Pick<System, 'stderr' | 'env' | 'isForeground'>): boolean {
  return stderr.isTTY === true && env.TERM !== 'dumb' && !isCi(env) && isForeground();
}

/** `CI` is set by GitHub, GitLab, CircleCI, Travis, AppVeyor, Buildkite and others. */
function isCi({ CI = '' }: System['env']): boolean {
  return CI !== '' && CI !== '0' && CI !== 'false';
}
