import { fileURLToPath } from 'node:url';
import { defineConfig } from 'vitest/config';
import { EVENTUALLY_MS, TEST_HANGS_MS } from './helpers/eventually.ts';

/** What runs the built command rather than the sources. */
const BUILT = ['test/e2e/**/*.test.ts', 'test/faults/**/*.test.ts', 'test/packaging/**/*.test.ts', 'test/security/**/*.test.ts'];

export default defineConfig({
  root: fileURLToPath(new URL('..', import.meta.url)),
  test: {
    // The closing line `Tests: 1 passed, 0 failed, 0 skipped` is for what reads a log.
    reporters: ['default', fileURLToPath(new URL('helpers/summary-reporter.ts', import.meta.url))],
    // Tests start servers and child processes of their own: a worker for each core would time how busy the machine is.
    pool: 'forks',
    maxWorkers: 2,
    expect: { poll: { timeout: EVENTUALLY_MS } },
    testTimeout: TEST_HANGS_MS,
    hookTimeout: TEST_HANGS_MS,
    projects: [
      {
        extends: true,
        test: {
          name: 'sources',
          include: ['test/**/*.test.ts'],
          // What is in `scale` needs a scheduler, and has a configuration of its own.
          exclude: [...BUILT, 'test/scale/**'],
        },
      },
      {
        extends: true,
        test: {
          name: 'built',
          include: BUILT,
          globalSetup: ['test/helpers/require-build.ts'],
          sequence: { groupOrder: 1 },
        },
      },
    ],
  },
});
