import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';
import { main } from '../../src/main.ts';
import { type Sandbox, startSandbox } from '../../src/sandbox/sandbox.ts';
import { tempFolder } from '../helpers/temp-folder.ts';
import { type TestSystem, type TestSystemOptions, testSystem } from '../helpers/test-system.ts';
import { withCursor } from '../report/screen.ts';

/** The command line run in this process, against a service of the test's own. */
export interface Served {
  /** A folder of the test's own; it is removed when the test is over. */
  folder: string;
  sandbox: Sandbox;
  /** A line for each request that the service and its store were asked. */
  requests: string[];
  /** Runs the command line to its end. */
  run(argv: readonly string[], options?: TestSystemOptions): Promise<Ran>;
  /** Begins to; the system can be sent signals meanwhile. */
  start(argv: readonly string[], options?: TestSystemOptions): { system: TestSystem; ended: Promise<Ran> };
  path(...parts: string[]): string;
  write(file: string, content: string): Promise<string>;
  read(file: string): Promise<string>;
  files(below?: string): Promise<string[]>;
}

/** A run of the command line that is over. */
export interface Ran {
  exitCode: number;
  out: string;
  /** The lines of standard output. */
  lines: string[];
  err: string;
  /** The lines of standard error. */
  errLines: string[];
  system: TestSystem;
  /** Standard output as JSON, an object a line. */
  json(): Record<string, unknown>[];
}

/** Starts a service, whose settings are in the environment of every run. It is closed when the test is over. */
export async function served(): Promise<Served> {
  const folder = await tempFolder();
  const requests: string[] = [];
  const sandbox = await startSandbox({ onRequest: (line) => requests.push(line) });
  onTestFinished(() => sandbox.close());
  const { baseUrl, sid, apiKey } = sandbox;
  const env = {
    KALEYRA_BASE_URL: baseUrl,
    KALEYRA_SID: sid,
    KALEYRA_API_KEY: apiKey,
    KALEYRA_REC_CONFIG_DIR: join(folder, '.config'),
  };
  const start: Served['start'] = (argv, options = {}) => {
    const system = testSystem({ ...options, argv, env: { ...env, ...options.env } });
    return { system, ended: ended(system) };
  };
  const path = (...parts: string[]) => join(folder, ...parts);
  return {
    folder,
    sandbox,
    requests,
    start,
    run: (argv, options) => start(argv, options).ended,
    path,
    async write(file, content) {
      await mkdir(join(path(file), '..'), { recursive: true });
      await writeFile(path(file), content);
      return path(file);
    },
    read: (file) => readFile(path(file), 'utf8'),
    files: async (below = '') => (await readdir(path(below))).sort(),
  };
}

/** Runs the command line without a service: nothing is set that it could ask. */
export function runAlone(argv: readonly string[], options: TestSystemOptions = {}): Promise<Ran> {
  return ended(testSystem({ ...options, argv, env: { KALEYRA_REC_CONFIG_DIR: '/nowhere/kaleyra-rec', ...options.env } }));
}

/** Runs `main` on a system to its end. */
export async function ended(system: TestSystem): Promise<Ran> {
  if (system.stderr.isTTY) withCursor(system.stderr);
  const exitCode = await main(system);
  const lines = linesOf(system.stdoutText);
  return {
    exitCode,
    out: system.stdoutText,
    lines,
    err: system.stderrText,
    errLines: linesOf(system.stderrText),
    system,
    json: () => lines.map((line) => JSON.parse(line) as Record<string, unknown>),
  };
}

function linesOf(text: string): string[] {
  const lines = text.split('\n');
  if (lines.at(-1) === '') lines.pop();
  return lines;
}
