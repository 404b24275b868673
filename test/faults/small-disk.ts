import { execFileSync } from 'node:child_process';
import { mkdirSync } from 'node:fs';
import { expect } from 'vitest';
import { secretsBelow } from '../helpers/secrets.ts';
import { it as base } from './fault-test.ts';

/** A small disk of the test's own, mounted in the tool's folder under the name `disk`. */
export interface SmallDisk {
  /** Gives it another size. */
  resize(bytes: number): void;
  /** Lets nobody write to it any more. */
  makeReadOnly(): void;
}

/**
 * Tests with a disk of 1 MB (tmpfs). They are skipped, and say so, where this user may not mount one: it takes Linux and root. What is on
 * the disk at the end is searched for secrets before it is taken away.
 */
export const it = base.extend<{ disk: SmallDisk }>({
  disk: async ({ tool, task }, use) => {
    const place = tool.path('disk');
    mkdirSync(place);
    if (!mount(['-t', 'tmpfs', '-o', 'size=1m', 'tmpfs', place])) {
      task.context.skip('a tmpfs cannot be mounted here');
    }
    try {
      await use({
        resize: (bytes) => void mount(['-o', `remount,size=${bytes}`, place]),
        makeReadOnly: () => void mount(['-o', 'remount,ro', place]),
      });
      expect(secretsBelow(place, tool.secrets), 'secrets on the disk').toEqual([]);
    } finally {
      execFileSync('umount', [place]);
    }
  },
});

function mount(args: readonly string[]): boolean {
  try {
    execFileSync('mount', args, { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
}
