import { closeSync, openSync } from 'node:fs';
import { describe, expect } from 'vitest';
import type { ToolRun } from '../helpers/run-tool.ts';
import { it, type Tool, type ToolOptions } from '../helpers/tool-test.ts';

/** Anything that steers a terminal. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: it is what must not be there
const STEERING = /[\u0000-\u0009\u000b-\u001f\u007f]/;

/** Runs the tool with standard output on a disk that is full. */
async function intoFullDisk(tool: Tool, args: readonly string[], options: ToolOptions = {}): Promise<ToolRun> {
  const stdoutFd = openSync('/dev/full', 'w');
  try {
    return await tool.run(args, { ...options, stdoutFd });
  } finally {
    closeSync(stdoutFd);
  }
}

describe.concurrent('streams', () => {
  it('a pipe that is closed early ends a run quietly', async ({ tool }) => {
    const ids = Array.from({ length: 50_000 }, (_, index) => `id-${index}`);
    await tool.write('ids.txt', ids.join('\n'));
    const run = await tool.shell('{ kaleyra-rec batch ids.txt --dry-run; echo "ended with $?" >&2; } | head -1');
    expect(run).toMatchObject({ out: 'id-0\n', err: 'ended with 0\n' });
  });

  it('a pipe that is closed early ends a download to standard output quietly', async ({ tool, sandbox }) => {
    const run = await tool.shell('{ kaleyra-rec download sandbox-size-20m -o -; echo "ended with $?" >&2; } | head -c 100');
    expect(run.stdout.equals(sandbox.bytes('sandbox-size-20m').subarray(0, 100))).toBe(true);
    expect(run.err).toBe('ended with 0\n');
  });

  it.for([
    ['link', ['link', 'one'], ''],
    ['link --json', ['link', '--json', 'one', 'two'], ''],
    ['download -o -', ['download', 'sandbox-mp3', '-o', '-'], ''],
    ['download', ['download', 'sandbox-mp3'], ''],
    ['batch', ['batch', '-'], 'one\n'],
    ['batch --json', ['batch', '-', '--json'], 'one\ntwo\n'],
    ['batch --dry-run', ['batch', '-', '-n'], 'one\n'],
    ['--help', ['--help'], ''],
  ] as const)('%s ends with 7 where standard output cannot be written', async ([, args, stdin], { tool, sandbox: _ }) => {
    const run = await intoFullDisk(tool, args, { stdin });
    expect(run.exitCode).toBe(7);
    expect(run.errLines.slice(-2)).toEqual([
      expect.stringMatching(/^error: .*standard output.*disk is full/),
      expect.stringMatching(/^hint: /),
    ]);
    expect(run.err).not.toMatch(/\n +at /);
  });

  it('what a batch saved before its standard output broke is recorded', async ({ tool, sandbox: _ }) => {
    await intoFullDisk(tool, ['batch', '-', '-q'], { stdin: 'one\ntwo\n' });
    expect((await tool.run(['verify', 'recordings', '-q', '--strict'])).exitCode).toBe(0);
    expect((await tool.run(['batch', '-', '-q'], { stdin: 'one\ntwo\n' })).exitCode).toBe(0);
  });

  it.for([
    ['batch', ['batch', '-', '--retries', '0'], 'one\nsandbox-invalid\nsandbox-down\nsandbox-size-2m\n'],
    ['download', ['download', 'sandbox-flaky'], ''],
    ['download of a failure', ['download', 'sandbox-invalid'], ''],
    ['link', ['link', 'one', 'sandbox-invalid'], ''],
  ] as const)('%s writes plain lines where stderr is no terminal', async ([, args, stdin], { tool, sandbox: _ }) => {
    for (const env of [{}, { NO_COLOR: '1', FORCE_COLOR: '1' }, { CI: 'true' }]) {
      const run = await tool.run(args, { stdin, env });
      expect(run.err).not.toMatch(STEERING);
      expect(run.out).not.toMatch(STEERING);
      expect(run.err).toMatch(/^[^\n]+\n/);
    }
  });

  it('colours where FORCE_COLOR says so, and --no-color takes it back', async ({ tool, sandbox: _ }) => {
    const env = { FORCE_COLOR: '1' };
    expect((await tool.run(['download', 'sandbox-invalid'], { env })).err).toContain('\u001b[31');
    expect((await tool.run(['download', 'sandbox-invalid', '--no-color'], { env })).err).not.toMatch(STEERING);
  });

  it('-q leaves stderr empty where all went well, and says what went wrong all the same', async ({ tool, sandbox: _ }) => {
    expect(await tool.run(['download', 'sandbox-flaky', '-q'])).toMatchObject({ exitCode: 0, err: '' });
    expect(await tool.run(['batch', '-', '-q'], { stdin: 'one\n' })).toMatchObject({ exitCode: 0, err: '' });
    expect(await tool.run(['verify', 'recordings', '-q'])).toMatchObject({ exitCode: 0, out: '', err: '' });
    expect((await tool.run(['download', 'sandbox-invalid', '-q'])).errLines).toHaveLength(2);
  });

  it('keeps standard error few: a batch of a hundred that all fail names some, and the manifest all', async ({ tool, sandbox: _ }) => {
    const ids = Array.from({ length: 100 }, (_, index) => `sandbox-expired-${index}`);
    const run = await tool.run(['batch', '-'], { stdin: ids.join('\n') });
    expect(run.exitCode).toBe(9);
    expect(run.errLines.length).toBeLessThan(40);
    expect(await tool.readLines('recordings/manifest.jsonl')).toHaveLength(100);
  });

  it('ends quietly where standard error is closed', async ({ tool, sandbox: _ }) => {
    expect(await tool.shell('kaleyra-rec download sandbox-mp3 2>&-')).toMatchObject({ exitCode: 0, out: 'sandbox-mp3.mp3\n' });
  });

  it('a run that comes to wait for what cannot come says so, and ends with 1', async ({ tool, sandbox: _ }) => {
    // Standard input that Node does not wait for, as no fault of the tool's is at hand.
    const env = { ...tool.env, NODE_OPTIONS: '--import=data:text/javascript,process.stdin.unref()' };
    const { exitCode, errLines } = await tool.run(['batch', '-'], { env, stdin: 'one\n', keepsStdinOpen: true });
    expect(exitCode).toBe(1);
    expect(errLines[0]).toBe('error: Unexpected error in kaleyra-rec: there is nothing left to wait for');
  });

  it('asks nothing where standard input is silent', async ({ tool, sandbox: _ }) => {
    expect((await tool.run(['download', 'sandbox-mp3'], { keepsStdinOpen: true })).exitCode).toBe(0);
    expect((await tool.run(['link', 'one'], { keepsStdinOpen: true })).exitCode).toBe(0);
  });
});
