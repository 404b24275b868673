import { vi } from 'vitest';

/** The longest that is waited for what is to come: far longer than a slow and busy machine takes. */
export const EVENTUALLY_MS = 20_000;

/** Resolves, with what the check gives, as soon as it does not throw; rejects with what it throws when that goes on for too long. */
export function eventually<Result>(check: () => Result | Promise<Result>, interval = 50): Promise<Result> {
  return vi.waitFor(check, { timeout: EVENTUALLY_MS, interval });
}
