import { type ChildProcess, spawn } from 'node:child_process';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** The command as npm links it. It runs what `npm run build` has made. */
export const TOOL = fileURLToPath(new URL('../../bin/kaleyra-rec.js', import.meta.url));

/** A run that takes longer hangs: none of the tests' takes more than a few seconds, but for those of the whole soak. */
const HANG_MS = process.env.SOAK === 'full' ? 600_000 : 40_000;

/** How a run came out. */
export interface ToolRun {
  /** Null where a signal ended the process. */
  readonly exitCode: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly stdout: Buffer;
  /** Standard output as text. */
  readonly out: string;
  /** Standard output, line by line, each without its end. */
  readonly lines: readonly string[];
  /** Standard error as text. */
  readonly err: string;
  /** Standard error, line by line. */
  readonly errLines: readonly string[];
  /** Each line of standard output as JSON. Throws where one is not. */
  json(): JsonLine[];
}

/** A line of `--json`, or one of the manifest. */
// biome-ignore lint/suspicious/noExplicitAny: what a line holds is what the tests are there to find out
export type JsonLine = Record<string, any>;

/** What a run is given. Whatever is left out is empty: nothing of the test's own environment reaches the tool. */
export interface RunOptions {
  cwd: string;
  env?: Readonly<Record<string, string>>;
  /** What stands on standard input, which then ends. */
  stdin?: string | Uint8Array;
  /** Standard input does not end: after what stands on it, it stays silent. */
  keepsStdinOpen?: boolean;
  /** A file descriptor in place of the pipe that collects standard output. */
  stdoutFd?: number;
}

/** A run that is under way. */
export interface RunningTool {
  /** Sends the process a signal. */
  kill(signal: NodeJS.Signals): void;
  /** Resolves as soon as what came out so far passes the check; rejects where the run ends before. */
  until(check: (soFar: { out: string; err: string }) => boolean): Promise<void>;
  /** Resolves when the process has ended and its streams are closed. Rejects, with what came out, when it hangs. */
  readonly ended: Promise<ToolRun>;
}

/** Starts the built tool as a user would. */
export function startTool(args: readonly string[], options: RunOptions): RunningTool {
  return startProgram(process.execPath, [TOOL, ...args], options);
}

/** Starts a script of `sh`. `kaleyra-rec` is in it what the environment's `PATH` says; see {@link linkTool}. */
export function startShell(script: string, options: RunOptions): RunningTool {
  return startProgram('/bin/sh', ['-c', script], options);
}

/** Makes a folder with `kaleyra-rec` in it, as an installation does, and gives the `PATH` that finds it there. */
export async function linkTool(folder: string): Promise<string> {
  await mkdir(folder);
  await writeFile(join(folder, 'kaleyra-rec'), `#!/bin/sh\nexec '${process.execPath}' '${TOOL}' "$@"\n`, { mode: 0o755 });
  return `${folder}:${process.env.PATH ?? ''}`;
}

function startProgram(file: string, args: readonly string[], options: RunOptions): RunningTool {
  const { cwd, env, stdin = '', keepsStdinOpen = false, stdoutFd } = options;
  const child = spawn(file, args, { cwd, env: env ?? {}, stdio: ['pipe', stdoutFd ?? 'pipe', 'pipe'] });
  const collected = collect(child);
  const ended = new Promise<ToolRun>((resolve, reject) => {
    const hang = setTimeout(() => {
      child.kill('SIGKILL');
      reject(new Error(`${args.join(' ')} hangs.\nstdout: ${collected.out()}\nstderr: ${collected.err()}`));
    }, HANG_MS);
    child.on('error', reject);
    child.on('close', (exitCode, signal) => {
      clearTimeout(hang);
      resolve(collected.run(exitCode, signal));
    });
  });
  // A tool that reads no standard input closes it while it is written to.
  child.stdin?.on('error', () => {});
  child.stdin?.write(stdin);
  if (!keepsStdinOpen) child.stdin?.end();
  return {
    kill: (signal) => void child.kill(signal),
    ended,
    until(check) {
      return new Promise((resolve, reject) => {
        const look = () => {
          if (check({ out: collected.out(), err: collected.err() })) resolve();
        };
        child.stdout?.on('data', look);
        child.stderr?.on('data', look);
        child.on('close', () => reject(new Error(`It ended too early.\nstdout: ${collected.out()}\nstderr: ${collected.err()}`)));
        look();
      });
    },
  };
}

function collect(child: ChildProcess) {
  const stdout: Buffer[] = [];
  const stderr: Buffer[] = [];
  child.stdout?.on('data', (chunk: Buffer) => stdout.push(chunk));
  child.stderr?.on('data', (chunk: Buffer) => stderr.push(chunk));
  const out = () => Buffer.concat(stdout).toString();
  const err = () => Buffer.concat(stderr).toString();
  return {
    out,
    err,
    run(exitCode: number | null, signal: NodeJS.Signals | null): ToolRun {
      return {
        exitCode,
        signal,
        stdout: Buffer.concat(stdout),
        out: out(),
        lines: linesOf(out()),
        err: err(),
        errLines: linesOf(err()),
        json: () => linesOf(out()).map((line) => JSON.parse(line) as JsonLine),
      };
    },
  };
}

/** A text's lines, each without its end. */
export function linesOf(text: string): string[] {
  const lines = text.split('\n');
  if (lines.at(-1) === '') lines.pop();
  return lines;
}
