import { fileURLToPath } from 'node:url';
import { defineConfig } from 'vitest/config';
import { EVENTUALLY_MS } from '../helpers/eventually.ts';

/** What needs a scheduler: `npm run test:slurm` runs it beside one of its own. */
export default defineConfig({
  root: fileURLToPath(new URL('../..', import.meta.url)),
  test: {
    include: ['test/scale/**/*.test.ts'],
    globalSetup: ['test/helpers/require-build.ts'],
    reporters: ['default', fileURLToPath(new URL('../helpers/summary-reporter.ts', import.meta.url))],
    pool: 'forks',
    expect: { poll: { timeout: EVENTUALLY_MS } },
  },
});
