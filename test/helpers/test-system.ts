import { PassThrough, Readable, Writable } from 'node:stream';
import type { CommandContext } from '../../src/commands/context.ts';
import { createRedactor } from '../../src/redact.ts';
import type { InputStream, OutputStream, StopSignal, System, TerminalHolder } from '../../src/system.ts';

/** Which of the three streams stand for a terminal. */
export interface TestTerminals {
  stdin?: boolean;
  stdout?: boolean;
  stderr?: boolean;
}

/** What a {@link testSystem} is made of; everything left out is empty, off or a fixed value. */
export interface TestSystemOptions {
  argv?: readonly string[];
  env?: Readonly<Record<string, string | undefined>>;
  /** Default `/work`: a folder that nothing is written to unless the test names a real one. */
  cwd?: string;
  /** Default `linux`. */
  platform?: NodeJS.Platform;
  /** What stands on standard input. Left out: nothing on a pipe (it ends at once), and on a terminal whatever {@link TestSystem.type} types. */
  stdin?: string | Uint8Array | Readable;
  /** `true`: all three streams are terminals. Default: none is. */
  tty?: boolean | TestTerminals;
  /** Whether the tool is in the foreground of its terminal (default true). */
  foreground?: boolean;
  /** Width of the output terminals (default 80). */
  columns?: number;
  /** The wall clock at the start, in milliseconds since 1970 UTC. Default 2026-01-02T03:04:05Z. */
  now?: number;
  /** What {@link System.random} gives, one after the other, the last one for ever. Default 0.5. */
  random?: readonly number[];
  /** `true`: a sleep ends only when {@link TestSystem.advance} has moved the clock past it. Default: a sleep moves the clock itself, and ends at once. */
  manualClock?: boolean;
}

/** A {@link System} whose terminal, clock and chance are the test's. */
export interface TestSystem extends System {
  /** What was written to standard output so far, as text. */
  readonly stdoutText: string;
  /** What was written to standard output so far, byte for byte. */
  readonly stdoutBytes: Buffer;
  /** What was written to standard error so far, as text. */
  readonly stderrText: string;
  /** Every sleep asked for so far, in milliseconds. */
  readonly sleeps: readonly number[];
  /** Every change to the terminal's raw mode, in order. The last one must be `false` when the tool has ended. */
  readonly rawModes: readonly boolean[];
  /** Types at the terminal (only where standard input is one). `\r` is the Enter key, `\u0003` Ctrl-C, `\u0004` Ctrl-D. */
  type(keys: string): void;
  /** Sends the tool a signal, as Ctrl-C or the system would. */
  interrupt(signal: StopSignal): void;
  /** Throws where nobody catches it. */
  crash(thrown: unknown): void;
  /** Does what Ctrl-Z does: whoever holds the terminal lets go of it, and takes it again when {@link continued}. */
  suspend(): void;
  /** Goes on, in the foreground or (as with `bg`) in the background. */
  continued(isForeground?: boolean): void;
  /** Does what Node does when nothing is left to wait for. */
  standStill(): void;
  /** The exit codes that the tool ended the process with at once. */
  readonly exits: readonly number[];
  /** Moves both clocks on, and lets every sleep end that is over by then. */
  advance(ms: number): void;
}

/** Makes a {@link TestSystem}: one call, no process touched. */
export function testSystem(options: TestSystemOptions = {}): TestSystem {
  const tty = typeof options.tty === 'object' ? options.tty : { stdin: options.tty, stdout: options.tty, stderr: options.tty };
  const clock = new TestClock(options.now ?? Date.UTC(2026, 0, 2, 3, 4, 5), options.manualClock ?? false);
  const rawModes: boolean[] = [];
  const draws = [...(options.random ?? [0.5])];
  const keyboard = new PassThrough();
  const stopListeners = new Set<(signal: StopSignal) => void>();
  const crashListeners = new Set<(thrown: unknown) => void>();
  const holders = new Set<TerminalHolder>();
  let isForeground = options.foreground ?? true;
  const standstillListeners = new Set<() => void>();
  const exits: number[] = [];
  const stdin = tty.stdin ? terminalInput(keyboard, rawModes) : pipedInput(options.stdin);
  if (tty.stdin && typeof options.stdin === 'string') keyboard.write(options.stdin);
  const stdout = new Capture(tty.stdout === true, options.columns ?? 80);
  const stderr = new Capture(tty.stderr === true, options.columns ?? 80);
  return {
    argv: options.argv ?? [],
    env: options.env ?? {},
    cwd: options.cwd ?? '/work',
    platform: options.platform ?? 'linux',
    nodeVersion: '20.20.2',
    stdin,
    stdout,
    stderr,
    onStop(listener) {
      stopListeners.add(listener);
      return () => stopListeners.delete(listener);
    },
    onCrash(listener) {
      crashListeners.add(listener);
      return () => crashListeners.delete(listener);
    },
    crash: (thrown) => {
      for (const listener of crashListeners) listener(thrown);
    },
    isForeground: () => isForeground,
    holdTerminal(holder) {
      holders.add(holder);
      return () => holders.delete(holder);
    },
    suspend: () => {
      for (const holder of holders) holder.release();
    },
    continued: (inForeground = true) => {
      isForeground = inForeground;
      for (const holder of holders) holder.resume();
    },
    onStandstill(listener) {
      standstillListeners.add(listener);
      return () => standstillListeners.delete(listener);
    },
    standStill: () => {
      for (const listener of standstillListeners) listener();
    },
    exit: (code) => {
      for (const holder of holders) holder.release();
      exits.push(code);
    },
    exits,
    interrupt: (signal) => {
      for (const listener of stopListeners) listener(signal);
    },
    now: () => clock.start + clock.passed,
    elapsed: () => clock.passed,
    sleep: (ms, signal) => clock.sleep(ms, signal),
    random: () => (draws.length > 1 ? draws.shift() : draws[0]) ?? 0.5,
    get stdoutText() {
      return stdout.bytes.toString();
    },
    get stdoutBytes() {
      return stdout.bytes;
    },
    get stderrText() {
      return stderr.bytes.toString();
    },
    sleeps: clock.sleeps,
    rawModes,
    type: (keys) => {
      if (!tty.stdin) throw new Error('standard input is no terminal in this test: nothing can be typed');
      keyboard.write(keys);
    },
    advance: (ms) => clock.advance(ms),
  };
}

/** The {@link CommandContext} of a run on the given system. Its redactor is a real one. */
export function testContext(system: System, signal: AbortSignal = new AbortController().signal): CommandContext {
  const redactor = createRedactor();
  return {
    system,
    signal,
    redactor,
    stopsWithin: () => {},
    stdout: (line) => void system.stdout.write(`${line}\n`),
    stderr: (line) => void system.stderr.write(`${redactor.redact(line)}\n`),
  };
}

class Capture extends Writable implements OutputStream {
  readonly isTTY: boolean;
  readonly columns: number;
  readonly #chunks: Buffer[] = [];

  constructor(isTTY: boolean, columns: number) {
    super({ decodeStrings: true });
    this.isTTY = isTTY;
    this.columns = columns;
  }

  get bytes(): Buffer {
    return Buffer.concat(this.#chunks);
  }

  override _write(chunk: Buffer, _encoding: BufferEncoding, done: () => void): void {
    this.#chunks.push(Buffer.from(chunk));
    done();
  }
}

function terminalInput(keyboard: PassThrough, rawModes: boolean[]): InputStream {
  return Object.assign(keyboard, {
    isTTY: true,
    setRawMode: (mode: boolean) => rawModes.push(mode),
  });
}

function pipedInput(content: TestSystemOptions['stdin']): InputStream {
  if (content instanceof Readable) return content;
  return Readable.from(content === undefined ? [] : [Buffer.from(content as string)], { objectMode: false });
}

interface Sleeper {
  until: number;
  wake(): void;
}

class TestClock {
  readonly start: number;
  readonly sleeps: number[] = [];
  passed = 0;
  readonly #manual: boolean;
  #sleepers: Sleeper[] = [];

  constructor(start: number, manual: boolean) {
    this.start = start;
    this.#manual = manual;
  }

  async sleep(ms: number, signal?: AbortSignal): Promise<void> {
    signal?.throwIfAborted();
    this.sleeps.push(ms);
    if (!this.#manual) {
      this.passed += ms;
      return;
    }
    await new Promise<void>((resolve, reject) => {
      const aborted = () => {
        this.#sleepers = this.#sleepers.filter((other) => other !== sleeper);
        reject(signal?.reason);
      };
      const sleeper: Sleeper = {
        until: this.passed + ms,
        wake: () => {
          signal?.removeEventListener('abort', aborted);
          resolve();
        },
      };
      signal?.addEventListener('abort', aborted, { once: true });
      this.#sleepers.push(sleeper);
    });
  }

  advance(ms: number): void {
    this.passed += ms;
    const over = this.#sleepers.filter((sleeper) => sleeper.until <= this.passed);
    this.#sleepers = this.#sleepers.filter((sleeper) => sleeper.until > this.passed);
    over.sort((one, other) => one.until - other.until);
    for (const sleeper of over) sleeper.wake();
  }
}
