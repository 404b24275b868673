import { usageError } from '../errors.ts';
import { type OutputStream, type StopSignal, type System, systemClock } from '../system.ts';
import { foregroundOf } from './foreground.ts';
import { ignoresHangup } from './hangup.ts';
import { terminalHolders } from './terminal-holders.ts';
import { wholeWrites } from './whole-writes.ts';

/** The process that the tool runs in, as a {@link System}. Never throws, whatever the process was started with. */
export function processSystem(): System {
  let standardOutput: OutputStream | undefined;
  let standardError: OutputStream | undefined;
  const foreground = foregroundOf(process.platform);
  const { release, holdTerminal, suspend } = terminalHolders(foreground.forget);
  return {
    ...systemClock,
    argv: process.argv.slice(2),
    env: process.env,
    get cwd() {
      return workingFolder();
    },
    platform: process.platform,
    nodeVersion: process.versions.node,
    // Node makes each of the streams when it is first asked for it, which a run that does not need it is spared: a millisecond each.
    get stdin() {
      return process.stdin;
    },
    get stdout() {
      standardOutput ??= wholeWrites(withColumns(process.stdout));
      return standardOutput;
    },
    get stderr() {
      // Nobody is left to be told of an error of this stream.
      standardError ??= withColumns(process.stderr).on('error', () => {});
      return standardError;
    },
    onStop(listener) {
      const isHeard = process.platform === 'win32' || !ignoresHangup(process.env, process.ppid);
      const hungUp = isHeard ? listener : () => {};
      process.on('SIGINT', listener).on('SIGTERM', listener).on('SIGHUP', hungUp);
      return () => process.off('SIGINT', listener).off('SIGTERM', listener).off('SIGHUP', hungUp);
    },
    onCrash(listener) {
      process.on('uncaughtException', listener).on('unhandledRejection', listener);
      return () => process.off('uncaughtException', listener).off('unhandledRejection', listener);
    },
    onStandstill(listener) {
      process.on('beforeExit', listener);
      return () => process.off('beforeExit', listener);
    },
    isForeground: foreground.isForeground,
    holdTerminal,
    suspend,
    exit(code) {
      release();
      const signal = SIGNALS[code];
      if (signal !== undefined && process.platform !== 'win32' && mayWaitForThread()) {
        process.removeAllListeners(signal);
        process.kill(process.pid, signal);
      }
      process.exit(code);
    },
  };
}

function workingFolder(): string {
  try {
    return process.cwd();
  } catch (error) {
    throw usageError('The current folder no longer exists.', 'Change to a folder that exists, and run the command again.', error);
  }
}

/** A terminal that does not know its width, as of some containers, counts as one of 80 columns. */
function withColumns<Stream extends OutputStream>(stream: Stream): Stream {
  if (!stream.isTTY) return stream;
  const settle = () => {
    if (!stream.columns) stream.columns = 80;
  };
  settle();
  stream.on('resize', settle);
  return stream;
}

/** What a shell makes of a process that a signal has ended: 128 and its number. */
const SIGNALS: Readonly<Record<number, StopSignal>> = { 129: 'SIGHUP', 130: 'SIGINT', 143: 'SIGTERM' };

/**
 * Whether a thread of Node's pool is at work. Node waits for them when it exits, and there is no calling them off: a name that does not
 * resolve takes up to half a minute, and a pipe that is read as a file has all the time in the world.
 */
function mayWaitForThread(): boolean {
  return process.getActiveResourcesInfo().some((name) => /^(?:FSReq|GetAddrInfo)/.test(name));
}
