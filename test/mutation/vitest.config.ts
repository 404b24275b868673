import { fileURLToPath } from 'node:url';
import { defineConfig } from 'vitest/config';

/** The tests that a mutant has to pass: those of the rooms that are mutated, without what spawns processes or waits for real time. */
export default defineConfig({
  root: fileURLToPath(new URL('../..', import.meta.url)),
  test: {
    include: ['test/{recordings,download,batch,retry,http}/**/*.test.ts'],
    exclude: ['test/batch/lock-race.test.ts', 'test/batch/id-list-light.test.ts'],
    testTimeout: 10_000,
  },
});
