import { execFileSync } from 'node:child_process';
import { readFileSync, readlinkSync } from 'node:fs';
import { hostname } from 'node:os';
import process from 'node:process';

/** Where a process runs: two processes with the same place see each other by their pids. */
export interface Place {
  /** The machine's name. */
  readonly host: string;
  /** Changes with each boot (Linux), so that a pid from before it is not taken for one of now. */
  readonly bootId?: string;
  /** Containers of one machine number their processes apart (Linux). */
  readonly pidNamespace?: string;
}

/** What can be said of a pid. `startTime` is the same for the life of a process and differs for the next one with its pid. */
export type ProcessState = { readonly alive: false } | { readonly alive: true; readonly startTime: string | undefined };

/** The processes of this machine, as a lock needs to know them. */
export interface ProcessTable {
  /** The process that asks. */
  readonly pid: number;
  readonly place: Place;
  /** Whether a process with that pid is at work in this place. A zombie is not. */
  lookUp(pid: number): ProcessState;
}

/**
 * The real processes. Boots and start times are told apart on Linux (proc(5): `boot_id`, `stat` field 22) and macOS (`sysctl`, `ps`);
 * on Windows a pid that is taken again by another process passes for the one that had it.
 */
export function systemProcessTable(): ProcessTable {
  return {
    pid: process.pid,
    place: {
      host: hostname(),
      ...optional('bootId', readBootId),
      ...optional('pidNamespace', () => readlinkSync('/proc/self/ns/pid')),
    },
    lookUp(pid) {
      if (!exists(pid)) return { alive: false };
      if (process.platform !== 'linux') return { alive: true, startTime: startTimeFromPs(pid) };
      // Absent where /proc hides the processes of other users (hidepid).
      const stat = attempt(() => readFileSync(`/proc/${pid}/stat`, 'utf8'));
      if (stat === undefined) return { alive: true, startTime: undefined };
      // The second field, the command's name in parentheses, can hold blanks and parentheses of its own.
      const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
      if (fields[0] === 'Z' || fields[0] === 'X') return { alive: false };
      return { alive: true, startTime: fields[19] };
    },
  };
}

function readBootId(): string {
  if (process.platform === 'darwin') return run('sysctl', ['-n', 'kern.bootsessionuuid']);
  return readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim();
}

function exists(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    // EPERM: it is there, and belongs to another user.
    return (error as NodeJS.ErrnoException).code !== 'ESRCH';
  }
}

function startTimeFromPs(pid: number): string | undefined {
  if (process.platform === 'win32') return undefined;
  return attempt(() => run('ps', ['-o', 'lstart=', '-p', String(pid)])) || undefined;
}

/** What a system tool prints, the same whatever language and time zone the user has set. */
function run(command: string, args: readonly string[]): string {
  const env = { ...process.env, LC_ALL: 'C', TZ: 'UTC' };
  return execFileSync(command, args, { encoding: 'utf8', timeout: 2000, stdio: 'pipe', env }).trim();
}

function attempt<Value>(read: () => Value): Value | undefined {
  try {
    return read();
  } catch {
    return undefined;
  }
}

function optional<Name extends string>(name: Name, read: () => string): { [Key in Name]?: string } {
  const value = attempt(read);
  return (value === undefined ? {} : { [name]: value }) as { [Key in Name]?: string };
}
