import { expect } from 'vitest';
import { startOnTerminal, type TerminalRun } from './pseudo-terminal.ts';
import { it as base, type Tool } from './tool-test.ts';

/** What starts the tool on terminals. */
export interface Terminal {
  /** Starts the tool on a terminal of so many columns (80). */
  start(args: readonly string[], options?: { columns?: number; env?: Record<string, string>; command?: string[] }): TerminalRun;
}

/** What is typed must not be shown, and no secret may stand on a screen: each screen is searched when the test is over. */
export const it = base.extend<{ terminal: Terminal }>({
  terminal: async ({ tool }, use) => {
    const runs: TerminalRun[] = [];
    await use({
      start(args, { columns = 80, env = {}, command } = {}) {
        const run = startOnTerminal(args, { cwd: tool.folder, env: { ...tool.env, ...env }, columns, ...(command && { command }) });
        runs.push(run);
        return run;
      },
    });
    for (const { text, ended } of runs) {
      await ended.catch(() => undefined);
      for (const secret of tool.secrets) expect(text).not.toContain(secret);
    }
  },
});

/** A list that takes some seconds with --rate 8, among it what is gone and what fails. */
export async function listOf(tool: Tool, count: number): Promise<string[]> {
  const ids = Array.from({ length: count }, (_, n) => `call-${n}`);
  await tool.write('ids.txt', ['sandbox-expired', 'sandbox-empty', ...ids].join('\n'));
  return ['batch', 'ids.txt', '--rate', '8', '-c', '4'];
}
