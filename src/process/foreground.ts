import { readFileSync } from 'node:fs';

/** How a process's group and its terminal's are found out; each throws where that cannot be. */
export interface GroupSources {
  /** The text of /proc/self/stat. */
  stat(): string;
  /** What `ps` prints of this process for these fields. */
  ps(fields: string): string;
}

const SOURCES: GroupSources = {
  stat: () => readFileSync('/proc/self/stat', 'utf8'),
  // Loaded where it is needed alone, as every start would pay 2 ms for it. Node knows this from 20.16 on; before, nobody can be asked.
  ps: (fields) =>
    process.getBuiltinModule('node:child_process').execFileSync('ps', ['-o', fields, '-p', String(process.pid)], {
      encoding: 'utf8',
      timeout: 1000,
      stdio: ['ignore', 'pipe', 'ignore'],
    }),
};

/**
 * Makes what says whether the tool is in the foreground of its terminal: its process group is the one that the terminal takes keys from and
 * gives Ctrl-C to. True where there is no job control, or nobody can know.
 *
 * Linux is asked each time (20 µs). Elsewhere `ps` is, which takes some milliseconds, and its answer is kept until `forget` is called: a
 * process is moved only while it is stopped.
 */
export function foregroundOf(platform: NodeJS.Platform, sources: GroupSources = SOURCES): { isForeground(): boolean; forget(): void } {
  let kept: boolean | undefined;
  const ask = (): boolean => {
    try {
      // The process's name stands in brackets, and may hold any character.
      const [pgrp, tpgid] =
        platform === 'linux'
          ? sources
              .stat()
              .replace(/^.*\) . \d+ /s, '')
              .split(' ')
              .filter((_, index) => index === 0 || index === 3)
          : sources.ps('pgid=,tpgid=').trim().split(/\s+/);
      // Without a terminal to control it, or one of another namespace, the second is -1 or 0.
      return !(Number(tpgid) > 0) || pgrp === tpgid;
    } catch {
      return true;
    }
  };
  return {
    isForeground() {
      if (platform === 'win32') return true;
      if (platform === 'linux') return ask();
      kept ??= ask();
      return kept;
    },
    forget() {
      kept = undefined;
    },
  };
}
