import { spawn, spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { HANG_MS } from './eventually.ts';
import { TOOL } from './run-tool.ts';

const SCRIPT = fileURLToPath(new URL('pseudo-terminal.py', import.meta.url));

/** Whether pseudo-terminals can be had here: Node itself makes none, so that Python's are used. */
export const hasTerminals = process.platform !== 'win32' && spawnSync('python3', ['-c', 'import pty']).status === 0;

/** The built tool at work on a pseudo-terminal, which is its standard input, output and error. */
export interface TerminalRun {
  /** All that the terminal was sent so far. */
  readonly text: string;
  /** Types at the keyboard. `\r` is the Enter key, `\u0003` Ctrl-C. */
  type(keys: string): void;
  /** Gives the terminal another width, and tells the tool. */
  resize(columns: number): void;
  /** Resolves as soon as what was sent since `from` (an index into `text`) holds what is looked for. Rejects where the run ends before. */
  until(shows: RegExp, from?: number): Promise<void>;
  /** Resolves with the exit code when the tool has ended. */
  readonly ended: Promise<number | null>;
}

/** Starts the built tool on a terminal of so many columns, or another command. The environment is the given one alone. */
export function startOnTerminal(
  args: readonly string[],
  options: { cwd: string; env: Readonly<Record<string, string>>; columns: number; command?: readonly string[] },
): TerminalRun {
  const { cwd, env, columns, command = [process.execPath, TOOL] } = options;
  const child = spawn('python3', [SCRIPT, String(columns), ...command, ...args], {
    cwd,
    env: { PATH: process.env.PATH ?? '', TERM: 'xterm-256color', ...env },
    stdio: ['pipe', 'pipe', 'pipe'],
  });
  const chunks: Buffer[] = [];
  let fault = '';
  let over = false;
  const looking = new Set<() => void>();
  const text = () => Buffer.concat(chunks).toString();
  const look = () => {
    for (const each of looking) each();
  };
  child.stdout.on('data', (chunk: Buffer) => {
    chunks.push(chunk);
    look();
  });
  child.stderr.on('data', (chunk: Buffer) => {
    fault += chunk;
  });
  child.stdin.on('error', () => {});
  const ended = new Promise<number | null>((resolve, reject) => {
    const hang = setTimeout(() => {
      child.kill('SIGKILL');
      reject(new Error(`It hangs. The terminal was sent ${JSON.stringify(text())}`));
    }, HANG_MS);
    child.on('error', reject);
    child.on('close', (exitCode) => {
      clearTimeout(hang);
      over = true;
      look();
      if (fault === '') resolve(exitCode);
      else reject(new Error(fault));
    });
  });
  // Whoever waits for a text is told of the same; without a waiter for the end it would be a second fault.
  ended.catch(() => {});
  const order = (what: object) => void child.stdin.write(`${JSON.stringify(what)}\n`);
  return {
    get text() {
      return text();
    },
    type: (keys) => order({ type: keys }),
    resize: (width) => order({ columns: width }),
    until(shows, from = 0) {
      return new Promise((resolve, reject) => {
        const check = () => {
          const isThere = shows.test(text().slice(from));
          if (!isThere && !over) return;
          looking.delete(check);
          if (isThere) resolve();
          else reject(new Error(`It ended, and did not show ${shows}. The terminal was sent ${JSON.stringify(text())}`));
        };
        looking.add(check);
        check();
      });
    },
    ended,
  };
}
