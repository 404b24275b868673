import { fstatSync, writeSync } from 'node:fs';
import type { Readable, Writable } from 'node:stream';
import { setTimeout as delay } from 'node:timers/promises';

/** Standard input, as far as the tool uses it. */
export type InputStream = Readable & {
  isTTY?: boolean;
  setRawMode?(mode: boolean): unknown;
};

/** Standard output or error, as far as the tool uses it. */
export type OutputStream = Writable & { isTTY?: boolean; columns?: number };

/**
 * Everything that the tool touches of the process it runs in. The code below `main` takes it as an argument and never reads `process`,
 * so that a test can stand in for the terminal, the environment, the clock and chance.
 */
export interface System {
  /** The arguments behind the command's own name. */
  readonly argv: readonly string[];
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly cwd: string;
  readonly platform: NodeJS.Platform;
  /** Node's version, as `20.20.2`. */
  readonly nodeVersion: string;
  readonly stdin: InputStream;
  readonly stdout: OutputStream;
  readonly stderr: OutputStream;
  /** Calls back at every SIGINT and SIGTERM, in place of ending. Returns what undoes it. */
  onStop(listener: (signal: 'SIGINT' | 'SIGTERM') => void): () => void;
  /** Calls back when nothing is left that anybody could wait for, and the process would end. Returns what undoes it. */
  onStandstill(listener: () => void): () => void;
  /** Ends the process at once: with this code, or by the signal that it stands for where something would hold that up. */
  exit(code: number): void;
  /** The wall clock: milliseconds since 1970 UTC. For dates that people read, and for links that expire. */
  now(): number;
  /** A clock that never goes back, in milliseconds. For durations. */
  elapsed(): number;
  /** Resolves after so many milliseconds; rejects with the signal's reason as soon as it is aborted. */
  sleep(ms: number, signal?: AbortSignal): Promise<void>;
  /** A number from 0 up to, and without, 1. */
  random(): number;
}

/** The clock's part of a {@link System}: what waits, measures or draws lots needs no more. */
export type Clock = Pick<System, 'now' | 'elapsed' | 'sleep' | 'random'>;

/** The real clock. */
export const systemClock: Clock = {
  now: () => Date.now(),
  elapsed: () => performance.now(),
  random: () => Math.random(),
  async sleep(ms, signal) {
    signal?.throwIfAborted();
    try {
      await delay(ms, undefined, signal === undefined ? undefined : { signal });
    } catch (error) {
      signal?.throwIfAborted();
      throw error;
    }
  },
};

/** The process that the tool runs in, as a {@link System}. */
export function processSystem(): System {
  let standardOutput: OutputStream | undefined;
  return {
    ...systemClock,
    argv: process.argv.slice(2),
    env: process.env,
    cwd: process.cwd(),
    platform: process.platform,
    nodeVersion: process.versions.node,
    // Node makes each of the streams when it is first asked for it, which a run that does not need it is spared: a millisecond each.
    get stdin() {
      return process.stdin;
    },
    get stdout() {
      standardOutput ??= wholeWrites(process.stdout);
      return standardOutput;
    },
    get stderr() {
      return process.stderr;
    },
    onStop(listener) {
      process.on('SIGINT', listener).on('SIGTERM', listener);
      return () => process.off('SIGINT', listener).off('SIGTERM', listener);
    },
    onStandstill(listener) {
      process.on('beforeExit', listener);
      return () => process.off('beforeExit', listener);
    },
    exit(code) {
      const signal = SIGNALS[code];
      if (signal !== undefined && process.platform !== 'win32' && mayWaitForThread()) {
        process.removeAllListeners(signal);
        process.kill(process.pid, signal);
      }
      process.exit(code);
    },
  };
}

/**
 * Standard output that writes all of each piece, or fails. Where it is a file, Node's stream takes a piece for written of which the disk had
 * room for a part: what is cut off there would be lost without a word.
 */
function wholeWrites(stream: OutputStream & { fd: number }): OutputStream {
  const { fd } = stream;
  if (stream.isTTY || !fstatSync(fd).isFile()) return stream;
  stream._write = (piece: Uint8Array, _encoding, done) => {
    try {
      for (let from = 0; from < piece.length; ) {
        const bytes = writeSync(fd, piece, from);
        if (bytes === 0) throw new Error('it takes nothing more');
        from += bytes;
      }
    } catch (error) {
      return done(error as Error);
    }
    done();
  };
  return stream;
}

/** What a shell makes of a process that a signal has ended: 128 and its number. */
const SIGNALS: Readonly<Record<number, 'SIGINT' | 'SIGTERM'>> = { 130: 'SIGINT', 143: 'SIGTERM' };

/**
 * Whether a thread of Node's pool is at work. Node waits for them when it exits, and there is no calling them off: a name that does not
 * resolve takes up to half a minute, and a pipe that is read as a file has all the time in the world.
 */
function mayWaitForThread(): boolean {
  return process.getActiveResourcesInfo().some((name) => /^(?:FSReq|GetAddrInfo)/.test(name));
}
