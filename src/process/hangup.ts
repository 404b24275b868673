import { readFileSync, readlinkSync } from 'node:fs';

/** What tells of a process on Linux; each throws where there is nothing to tell. Elsewhere only the environment is asked. */
export interface ProcessFiles {
  read(path: string): string;
  link(path: string): string;
}

const PROC: ProcessFiles = { read: (path) => readFileSync(path, 'utf8'), link: (path) => readlinkSync(path) };

/**
 * Whether the tool was started to outlive its terminal, as by `nohup`: SIGHUP was to be ignored. Node sets every signal back to its default
 * at its start, before any of our code runs, so that the process itself no longer knows. What is left to see are the marks of `nohup`:
 *
 * - the shell's `_`, which names the command that it ran: `/usr/bin/nohup`;
 * - the parent, where that ignores SIGHUP too (a script run by `nohup`, or with `trap '' HUP`);
 * - standard input from /dev/null, opened for writing alone, as GNU `nohup` puts it in the place of a terminal;
 * - standard output to a file `nohup.out`.
 */
export function ignoresHangup(env: Readonly<Record<string, string | undefined>>, parent: number, files: ProcessFiles = PROC): boolean {
  return (
    /(?:^|\/)nohup$/.test(env._ ?? '') ||
    holds(() => (BigInt(`0x${/^SigIgn:\s*(\w+)/m.exec(files.read(`/proc/${parent}/status`))?.[1] ?? '0'}`) & 1n) === 1n) ||
    holds(() => files.link('/proc/self/fd/0') === '/dev/null' && /^flags:\s*\d*1$/m.test(files.read('/proc/self/fdinfo/0'))) ||
    holds(() => /\/nohup\.out$/.test(files.link('/proc/self/fd/1')))
  );
}

function holds(mark: () => boolean): boolean {
  try {
    return mark();
  } catch {
    return false;
  }
}
