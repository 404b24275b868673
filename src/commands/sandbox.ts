import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { constants } from 'node:os';
import { fileError, hasCode } from '../disk/file-error.ts';
import { asRecordingError, EXIT_HUNG_UP, EXIT_TERMINATED, RecordingError } from '../errors.ts';
import { printable } from '../printable.ts';
import { startSandbox } from '../sandbox/sandbox.ts';
import { windowsCommand } from '../sandbox/windows-command.ts';
import type { StopSignal } from '../system.ts';
import type { CommandContext } from './context.ts';

/** What `sandbox` was asked for. */
export interface SandboxOptions {
  /** The command to run against it, with its arguments; empty to serve until stopped. */
  command: readonly string[];
  port?: number;
  verbose: boolean;
}

/** How a shell tells that a command could not be started, and that it could not be found. */
const EXIT_NOT_RUN = 126;
const EXIT_NOT_FOUND = 127;

/**
 * Runs the stand-in service: until it is stopped, or for as long as a command runs that has its address and credentials in the environment.
 * Returns that command's exit code (128 and the signal's number where a signal ended it, as shells do), and
 * the code of the signal that stopped it as it served.
 */
export async function runSandbox(options: SandboxOptions, context: CommandContext): Promise<number> {
  const { port } = options;
  const sandbox = await startSandbox({
    ...(port !== undefined && { port }),
    ...(options.verbose && { onRequest: (line: string) => context.stderr(line) }),
  });
  const settings = { KALEYRA_BASE_URL: sandbox.baseUrl, KALEYRA_SID: sandbox.sid, KALEYRA_API_KEY: sandbox.apiKey };
  try {
    if (options.command.length > 0) return await runWith(settings, options.command, context);
    // None of the values has a character that a shell would obey.
    for (const [name, value] of Object.entries(settings)) context.stdout(`export ${name}=${value}`);
    context.stderr(`The sandbox serves at ${sandbox.baseUrl} until Ctrl-C.`);
    await aborted(context.signal);
    // To be stopped is how it is meant to end: the code says by what, and no error is told.
    return asRecordingError(context.signal.reason).exitCode;
  } finally {
    await sandbox.close();
  }
}

function runWith(settings: Record<string, string>, [file = '', ...args]: readonly string[], context: CommandContext): Promise<number> {
  const { env, platform } = context.system;
  const { KALEYRA_API_KEY_FILE: _, KALEYRA_PROFILE: __, ...inherited } = env;
  const start = platform === 'win32' ? windowsCommand(file, args, env) : { file, args, verbatim: false };
  if (start === undefined) return Promise.resolve(tellNotFound(file, context));
  return new Promise((resolve, reject) => {
    const child = spawn(start.file, start.args, {
      stdio: 'inherit',
      env: { ...inherited, ...settings },
      windowsVerbatimArguments: start.verbatim,
    });
    context.stopsWithin(Number.POSITIVE_INFINITY);
    const stop = () => passOn(context, (signal) => child.kill(signal));
    context.signal.addEventListener('abort', stop, { once: true });
    if (context.signal.aborted) stop();
    child.on('error', (error) => {
      if (hasCode(error, 'ENOENT')) return resolve(tellNotFound(file, context));
      if (hasCode(error, 'EACCES')) {
        context.stderr(`error: ${printable(file)} cannot be run: permission is denied.`);
        context.stderr('hint: Make it executable (chmod +x), or name the program that runs it.');
        return resolve(EXIT_NOT_RUN);
      }
      reject(fileError(error, `run ${file}`));
    });
    child.on('exit', (code, signal) => {
      context.signal.removeEventListener('abort', stop);
      resolve(code ?? 128 + (signal === null ? 0 : constants.signals[signal]));
    });
  });
}

function tellNotFound(file: string, { stderr }: CommandContext): number {
  stderr(`error: ${printable(file)} was not found.`);
  stderr('hint: Give a command that is on the PATH, or its whole path.');
  return EXIT_NOT_FOUND;
}

/** A terminal sends Ctrl-C to both processes, and a second one would end the command at once; what stops this process alone means the command. */
function passOn({ system, signal }: CommandContext, kill: (signal: StopSignal) => void): void {
  const exitCode = signal.reason instanceof RecordingError ? signal.reason.exitCode : undefined;
  const onTerminal = system.stdin.isTTY === true || system.stdout.isTTY === true || system.stderr.isTTY === true;
  if (exitCode === EXIT_TERMINATED) kill('SIGTERM');
  else if (exitCode === EXIT_HUNG_UP) kill('SIGHUP');
  else if (!onTerminal) kill('SIGINT');
}

/** Resolves when the signal is aborted. */
async function aborted(signal: AbortSignal): Promise<void> {
  if (!signal.aborted) await once(signal, 'abort');
}
