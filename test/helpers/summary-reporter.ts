import type { Reporter, SerializedError, TestModule } from 'vitest/node';

/**
 * Ends a run with one line, `Tests: 12 passed, 0 failed, 1 skipped`, for what reads a log. A file that could not be run at all
 * counts as one failed test, and so does each error that belongs to no test.
 */
export default class SummaryReporter implements Reporter {
  onTestRunEnd(modules: readonly TestModule[], errors: readonly SerializedError[]): void {
    const counts = { passed: 0, failed: errors.length, skipped: 0 };
    for (const module of modules) {
      if (module.errors().length > 0) counts.failed += 1;
      for (const test of module.children.allTests()) {
        const { state } = test.result();
        if (state !== 'pending') counts[state] += 1;
      }
    }
    process.stdout.write(`Tests: ${counts.passed} passed, ${counts.failed} failed, ${counts.skipped} skipped\n`);
  }
}
