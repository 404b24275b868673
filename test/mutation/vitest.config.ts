import { fileURLToPath } from 'node:url';
import { defineConfig } from 'vitest/config';

/**
 * The tests that a mutant has to pass: those of the rooms that are mutated and of what they stand on, without what starts servers or processes of its
 * own, and without what takes seconds to look at everything there is: each mutant would take them anew.
 */
export default defineConfig({
  root: fileURLToPath(new URL('../..', import.meta.url)),
  test: {
    include: ['test/{recordings,download,batch,retry,list,archive,disk,http}/**/*.test.ts'],
    exclude: [
      'test/archive/bucket/**',
      'test/archive/folder/lock-race.test.ts',
      'test/archive/verify-each-bit.test.ts',
      'test/list/report-random.test.ts',
    ],
    runner: fileURLToPath(new URL('mutant-runner.ts', import.meta.url)),
    pool: 'forks',
    maxWorkers: Number(process.env.MUTATION_WORKERS ?? 1),
    // The runner's own bound, by how long a test takes without a mutant, comes first: a mutant is not to be caught by a slow machine.
    testTimeout: 600_000,
  },
});
