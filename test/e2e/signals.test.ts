import { execFileSync } from 'node:child_process';
import { closeSync, constants, openSync, writeSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { describe, expect } from 'vitest';
import { eventually } from '../helpers/eventually.ts';
import { type Answer, startRecordingServer } from '../helpers/recording-server.ts';
import type { JsonLine, RunningTool } from '../helpers/run-tool.ts';
import { it, type ServedSandbox, type Tool } from '../helpers/tool-test.ts';

/** Two that are had at once, three that stop half-way for ever the first time, and two that take their time, whichever of these come first. */
const QUICK = ['one', 'two'];
const STALLED = ['sandbox-stalled-1', 'sandbox-stalled-2', 'sandbox-stalled-3'];
const LATE = ['sandbox-slow-1', 'sandbox-slow-2'];
const IDS = [...QUICK, ...STALLED, ...LATE];
const CUT = [...STALLED, ...LATE];

interface Stopped {
  exitCode: number | null;
  lines: JsonLine[];
  summary: Record<string, number>;
  err: string;
}

/** Starts a batch, and stops it once the quick ones are saved and others are under way. */
async function stopHalfWay(tool: Tool, signal: NodeJS.Signals): Promise<Stopped> {
  await tool.write('ids.txt', `${IDS.join('\n')}\n`);
  const running = tool.start(['batch', 'ids.txt', '-c', String(STALLED.length), '--json']);
  await running.until(({ out }) => out.split('\n').length > QUICK.length);
  await underWay(tool, STALLED.length);
  return stop(running, signal);
}

async function stop(running: RunningTool, signal: NodeJS.Signals): Promise<Stopped> {
  running.kill(signal);
  const run = await running.ended;
  const lines = run.json();
  return { exitCode: run.exitCode, lines, summary: lines.find((line) => line.summary)?.summary, err: run.err };
}

/** Waits until so many part files lie there. */
function underWay(tool: Tool, count: number): Promise<void> {
  return eventually(() => expect(tool.files().filter((file) => file.endsWith('.part'))).toHaveLength(count), 20);
}

async function expectRestDone(tool: Tool, sandbox: ServedSandbox): Promise<void> {
  // Which were under way depends on whose links came first: one that stalls may have its first time now.
  const again = await tool.run(['batch', 'ids.txt', '--json', '-q', '--stall-timeout', '5']);
  expect(again.exitCode).toBe(0);
  expect(again.json().at(-1)?.summary).toMatchObject({
    total: IDS.length,
    skipped: QUICK.length,
    saved: CUT.length,
    failed: 0,
    gone: 0,
  });
  for (const { id, file } of again.json().slice(0, -1)) {
    expect((await tool.read(String(file))).equals(sandbox.bytes(String(id)))).toBe(true);
  }
  expect(tool.files().filter((file) => /part|lock|failed/.test(file))).toEqual([]);
}

/** Lets a test use a named pipe in the tool's folder. It is removed before the folder is searched, which would wait for it for ever. */
async function withPipe(tool: Tool, use: (pipe: string) => Promise<void>): Promise<void> {
  execFileSync('mkfifo', [tool.path('list.pipe')]);
  try {
    await use('list.pipe');
  } finally {
    await rm(tool.path('list.pipe'), { force: true });
  }
}

/** The paths of the recordings that lines of the sandbox's log tell of, each once. */
function recordingsOf(lines: readonly string[]): string[] {
  return [...new Set(lines.map((line) => line.split(' ')[1] ?? ''))];
}

describe.concurrent('a signal', () => {
  it.for([
    ['SIGINT', 130],
    ['SIGTERM', 143],
  ] as const)(
    '%s stops a batch with %i: what was saved is recorded, the rest is counted, and the next run does it',
    async ([signal, code], { tool, sandbox }) => {
      const { exitCode, lines, summary, err } = await stopHalfWay(tool, signal);
      expect(exitCode).toBe(code);
      const notReached = CUT.length;
      expect(summary).toMatchObject({ total: IDS.length, saved: QUICK.length, skipped: 0, gone: 0, failed: 0, notReached });
      expect(lines.slice(0, -1)).toEqual([
        ...QUICK.map(() => expect.objectContaining({ status: 'saved' })),
        { id: null, status: 'failed', error: expect.objectContaining({ code: 'INTERRUPTED', retryable: true }) },
      ]);
      expect(err).toContain(`Stopped by ${signal}: ${QUICK.length} saved, ${CUT.length} not reached. Run the same command again.\n`);
      expect(err).not.toMatch(/error:|hint:/);

      const manifest = (await tool.readLines('recordings/manifest.jsonl')).map(({ id, status }) => `${id} ${status}`);
      expect(manifest.sort()).toEqual(QUICK.map((id) => `${id} saved`).sort());
      expect(tool.files()).not.toContain('recordings/failed.txt');

      const cut = await eventually(() => {
        const files = recordingsOf(sandbox.log.filter((line) => line.endsWith('(cut off)')));
        expect(files).toHaveLength(STALLED.length);
        return files;
      });
      await expectRestDone(tool, sandbox);
      // The three that were under way went on from where they were.
      const resumed = recordingsOf(sandbox.log.filter((line) => /bytes [1-9]\d*-/.test(line)));
      expect(resumed).toEqual(expect.arrayContaining(cut));
    },
  );

  it('stops a download: nothing bears the final name, and the next run goes on', async ({ tool, sandbox }) => {
    const running = tool.start(['download', 'sandbox-stalled', '-o', 'call', '--json']);
    await underWay(tool, 1);
    const { exitCode, lines } = await stop(running, 'SIGINT');
    expect(exitCode).toBe(130);
    expect(lines).toEqual([{ id: 'sandbox-stalled', status: 'failed', error: expect.objectContaining({ code: 'INTERRUPTED' }) }]);
    expect(tool.files()).not.toContain('call');

    expect((await tool.run(['download', 'sandbox-stalled', '-o', 'call'])).exitCode).toBe(0);
    expect((await tool.read('call')).equals(sandbox.bytes('sandbox-stalled'))).toBe(true);
    expect(tool.files()).toEqual(['call']);
  });

  it.for<[what: string, answer: Answer]>([
    ['a service that does not answer', () => {}],
    ['an answer without end', (_, response) => void response.writeHead(200, { 'Content-Type': 'application/json' }).write('{')],
    ['a wait before a retry', (_, response) => void response.writeHead(429, { 'Retry-After': '60' }).end()],
  ])('is not kept waiting by %s', async ([, answer], { tool }) => {
    const service = await startRecordingServer(answer);
    Object.assign(tool.env, { KALEYRA_BASE_URL: service.origin, KALEYRA_SID: 'HX1', KALEYRA_API_KEY: 'A0123456789' });
    const running = tool.start(['download', 'one', '--json']);
    await eventually(() => expect(service.requests).toHaveLength(1), 20);
    const { exitCode, lines } = await stop(running, 'SIGTERM');
    await service.close();
    expect(exitCode).toBe(143);
    expect(lines).toEqual([expect.objectContaining({ status: 'failed', error: expect.objectContaining({ code: 'INTERRUPTED' }) })]);
    expect(tool.files()).toEqual([]);
  });

  it('ends a batch that waits for the rest of its list', async ({ tool, sandbox: _ }) => {
    const running = tool.start(['batch', '-', '--json'], { stdin: 'one\ntwo\n', keepsStdinOpen: true });
    await running.until(({ out }) => out.split('\n').length > 2);
    const { exitCode, summary } = await stop(running, 'SIGINT');
    expect(exitCode).toBe(130);
    expect(summary).toMatchObject({ total: 2, saved: 2, notReached: 0 });
  });

  it('ends a batch that waits for a named pipe', async ({ tool, sandbox: _ }) => {
    await withPipe(tool, async (pipe) => {
      const running = tool.start(['batch', pipe]);
      // Nobody can open it for writing at once before somebody reads.
      const writer = await eventually(() => openSync(tool.path(pipe), constants.O_WRONLY | constants.O_NONBLOCK));
      const { exitCode } = await stop(running, 'SIGINT');
      closeSync(writer);
      expect(exitCode).toBe(130);
    });
  });

  it('ends what waits for a key that nobody writes', async ({ tool, sandbox: _ }) => {
    await withPipe(tool, async (pipe) => {
      delete tool.env.KALEYRA_API_KEY;
      tool.env.KALEYRA_API_KEY_FILE = tool.path(pipe);
      const running = tool.start(['link', 'one']);
      const writer = await eventually(() => openSync(tool.path(pipe), constants.O_WRONLY | constants.O_NONBLOCK));
      running.kill('SIGTERM');
      const { exitCode, signal } = await running.ended;
      closeSync(writer);
      // By the signal itself, which a shell tells as 143: Node would wait for the thread that reads.
      expect([exitCode, signal]).toEqual([null, 'SIGTERM']);
    });
  });

  it('is not needed where a batch has had enough of a named pipe that stays open', async ({ tool, sandbox: _ }) => {
    await withPipe(tool, async (pipe) => {
      const running = tool.start(['batch', pipe, '--limit', '1']);
      const writer = await eventually(() => openSync(tool.path(pipe), constants.O_WRONLY | constants.O_NONBLOCK));
      writeSync(writer, 'recording-1\nrecording-2\n');
      const { exitCode, err } = await running.ended;
      closeSync(writer);
      expect({ exitCode, err }).toMatchObject({ exitCode: 0, err: expect.stringMatching(/1 +saved/) });
    });
  });

  it('does not take the lock or the half-finished part of a run that was killed for living ones', async ({ tool, sandbox }) => {
    await tool.write('ids.txt', `${IDS.join('\n')}\n`);
    const running = tool.start(['batch', 'ids.txt', '-c', String(STALLED.length), '--json']);
    await running.until(({ out }) => out.split('\n').length > QUICK.length);
    await underWay(tool, STALLED.length);
    running.kill('SIGKILL');
    await running.ended;
    await expectRestDone(tool, sandbox);
  });
});
