import type { Readable, Writable } from 'node:stream';
import { setTimeout as delay } from 'node:timers/promises';

/** Standard input, as far as the tool uses it. */
export type InputStream = Readable & {
  isTTY?: boolean;
  setRawMode?(mode: boolean): unknown;
};

/** Standard output or error, as far as the tool uses it. A terminal that does not know its width counts as one of 80 columns. */
export type OutputStream = Writable & { isTTY?: boolean; columns?: number };

/** What stops the tool in good order: Ctrl-C, the system, and a terminal that is closed. */
export type StopSignal = 'SIGINT' | 'SIGTERM' | 'SIGHUP';

/** Somebody who draws on the terminal or reads single keys from it. */
export interface TerminalHolder {
  /** Puts the terminal back as a shell wants it: cursor shown, keys echoed. May be called more than once, and last before the process ends. */
  release(): void;
  /** Takes the terminal again, when the process was continued. It may be in the background by then. */
  resume(): void;
}

/**
 * Everything that the tool touches of the process it runs in. The code below `main` takes it as an argument and never reads `process`,
 * so that a test can stand in for the terminal, the environment, the clock and chance.
 */
export interface System {
  /** The arguments behind the command's own name. */
  readonly argv: readonly string[];
  readonly env: Readonly<Record<string, string | undefined>>;
  /** The current folder. Throws USAGE where it is gone. */
  readonly cwd: string;
  readonly platform: NodeJS.Platform;
  /** Node's version, as `20.20.2`. */
  readonly nodeVersion: string;
  readonly stdin: InputStream;
  readonly stdout: OutputStream;
  readonly stderr: OutputStream;
  /** Calls back at every such signal, in place of ending. SIGHUP is left out under `nohup`. Returns what undoes it. */
  onStop(listener: (signal: StopSignal) => void): () => void;
  /** Calls back with what was thrown, or rejected with, where nobody catches it. Returns what undoes it. */
  onCrash(listener: (thrown: unknown) => void): () => void;
  /** Calls back when nothing is left that anybody could wait for, and the process would end. Returns what undoes it. */
  onStandstill(listener: () => void): () => void;
  /** Whether the tool is in the foreground of its terminal, where it has one: what is drawn from the background spoils another's lines. */
  isForeground(): boolean;
  /** From now on the holder is asked to let go of the terminal where the process is suspended or ended. Returns what undoes it. */
  holdTerminal(holder: TerminalHolder): () => void;
  /** Suspends the process, and what the shell has started along with it, as Ctrl-Z does where the terminal itself does not. */
  suspend(): void;
  /** Ends the process at once, the terminal let go of: with this code, or by the signal that it stands for where something would hold that up. */
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
