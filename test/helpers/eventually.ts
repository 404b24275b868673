import { vi } from 'vitest';

/** The longest that is waited for what is to come: far longer than a slow machine takes that is busy with four suites at once. */
export const EVENTUALLY_MS = 60_000;

/** A program that runs longer hangs: the longest of the tests' takes half a minute on a machine that is idle. */
export const HANG_MS = (process.env.SOAK === 'full' ? 10 : 5) * EVENTUALLY_MS;

/** A test, or a hook, that takes longer hangs. It leaves whatever it waits for the time to say so itself. */
export const TEST_HANGS_MS = 11 * EVENTUALLY_MS;

/** Resolves, with what the check gives, as soon as it does not throw; rejects with what it throws when that goes on for too long. */
export function eventually<Result>(check: () => Result | Promise<Result>, interval = 50): Promise<Result> {
  return vi.waitFor(check, { timeout: EVENTUALLY_MS, interval });
}
