import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { test as base, expect } from 'vitest';
import { createRecordings } from '../../src/sandbox/recordings.ts';
import { startSandbox } from '../../src/sandbox/sandbox.ts';
import { linkTool, type RunningTool, type RunOptions, startShell, startTool, type ToolRun } from './run-tool.ts';
import { filesBelow, secretsBelow, secretsIn } from './secrets.ts';

/** What one run is given beside the test's own folder and environment. */
export interface ToolOptions extends Partial<RunOptions> {
  /** The run is one of those whose standard output is a secret by contract (`link`, the settings of `sandbox`): it is not searched for any. */
  printsSecrets?: boolean;
}

/** The built tool in a folder and with an environment of the test's own. */
export interface Tool {
  /** Where it runs. Searched for secrets when the test is over, and removed. */
  readonly folder: string;
  /**
   * The environment of every run from now on. At first a `PATH` on which `kaleyra-rec` is found, and `KALEYRA_REC_CONFIG_DIR`: a folder
   * that is not there yet, and is not searched for secrets, as keys belong there.
   */
  readonly env: Record<string, string>;
  /** What nothing that is printed or written may hold. */
  readonly secrets: Set<string>;
  start(args: readonly string[], options?: ToolOptions): RunningTool;
  run(args: readonly string[], options?: ToolOptions): Promise<ToolRun>;
  /** Runs a script of `sh` in which `kaleyra-rec` is the built tool. */
  shell(script: string, options?: ToolOptions): Promise<ToolRun>;
  /** The path of a file in the folder. */
  path(...parts: string[]): string;
  /** Writes a file in the folder, and gives its path relative to it. */
  write(file: string, content: string | Uint8Array): Promise<string>;
  read(file: string): Promise<Buffer>;
  /** The lines of a `.jsonl` file in the folder. */
  readLines(file: string): Promise<Record<string, unknown>[]>;
  /** All files in the folder, sorted. */
  files(): string[];
}

/** A sandbox in the test's own process, whose settings are in the environment of every run. */
export interface ServedSandbox {
  readonly baseUrl: string;
  readonly sid: string;
  readonly apiKey: string;
  /** A line for each request that is over, as `sandbox -v` prints them. */
  readonly log: readonly string[];
  /** How many requests there were, to the service and to the store. */
  requests(): number;
  /** How many of them were to the service. */
  questions(): number;
  /** The bytes of a recording as the store holds it. */
  bytes(id: string, version?: number): Buffer;
}

/**
 * Tests of the built tool. Each has its own folder, environment, store and, where it asks for `sandbox`, its own service. When a test
 * is over, all that its runs have printed and written is searched for keys and signatures.
 */
export const it = base.extend<{ tool: Tool; sandbox: ServedSandbox }>({
  tool: async ({ task: _ }, use) => {
    const root = await mkdtemp(join(tmpdir(), 'kaleyra-rec-e2e-'));
    try {
      const folder = join(root, 'work');
      await mkdir(folder);
      const { tool, finish } = createTool(folder, {
        HOME: folder,
        KALEYRA_REC_CONFIG_DIR: join(root, 'config'),
        PATH: await linkTool(join(root, 'bin')),
      });
      await use(tool);
      expect(await finish(), 'secrets that were printed').toEqual([]);
      expect(secretsBelow(folder, tool.secrets), 'secrets that were written').toEqual([]);
    } finally {
      await rm(root, { recursive: true, force: true });
    }
  },
  sandbox: async ({ tool }, use) => {
    const log: string[] = [];
    const { baseUrl, sid, apiKey, close } = await startSandbox({ onRequest: (line) => log.push(line) });
    Object.assign(tool.env, { KALEYRA_BASE_URL: baseUrl, KALEYRA_SID: sid, KALEYRA_API_KEY: apiKey });
    tool.secrets.add(apiKey);
    await use({
      baseUrl,
      sid,
      apiKey,
      log,
      requests: () => log.length,
      questions: () => log.filter((line) => line.includes('/voice/recordings')).length,
      bytes: storedBytes,
    });
    await close();
  },
});

/** The tool, and what searches the streams of all its runs for secrets. */
function createTool(folder: string, env: Tool['env']): { tool: Tool; finish: () => Promise<string[]> } {
  const runs: { of: string; running: RunningTool; printsSecrets: boolean }[] = [];
  const secrets = new Set<string>();
  const started = (of: string, running: RunningTool, printsSecrets = false) => {
    runs.push({ of, running, printsSecrets });
    return running;
  };
  const given = ({ printsSecrets: _, env: more, ...rest }: ToolOptions): RunOptions => ({ cwd: folder, ...rest, env: { ...env, ...more } });
  const start: Tool['start'] = (args, options = {}) =>
    started(args.join(' '), startTool(args, given(options)), options.printsSecrets ?? args[0] === 'link');
  const path = (...parts: string[]) => join(folder, ...parts);
  const tool: Tool = {
    folder,
    env,
    secrets,
    start,
    run: (args, options) => start(args, options).ended,
    shell: (script, options = {}) => started(script, startShell(script, given(options)), options.printsSecrets).ended,
    path,
    async write(file, content) {
      await mkdir(dirname(path(file)), { recursive: true });
      await writeFile(path(file), content);
      return file;
    },
    read: (file) => readFile(path(file)),
    readLines: async (file) =>
      (await readFile(path(file), 'utf8'))
        .split('\n')
        .slice(0, -1)
        .map((line) => JSON.parse(line)),
    files: () => filesBelow(folder),
  };
  return {
    tool,
    async finish() {
      const found = await Promise.all(
        runs.map(async ({ of, running, printsSecrets }) => {
          // A test that failed half-way may have left it at work.
          running.kill('SIGKILL');
          const { stdout, err } = await running.ended;
          return [...(printsSecrets ? [] : secretsIn(stdout, secrets)), ...secretsIn(err, secrets)].map((what) => `${of}: ${what}`);
        }),
      );
      return found.flat();
    },
  };
}

const recordings = createRecordings();

function storedBytes(id: string, version = 1): Buffer {
  const recording = recordings.get(id, version);
  return Buffer.concat([...recording.read(0, recording.size)]);
}
