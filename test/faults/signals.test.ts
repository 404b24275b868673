import { execFileSync } from 'node:child_process';
import { type FileHandle, open } from 'node:fs/promises';
import { describe, expect, vi } from 'vitest';
import { EVENTUALLY_MS } from '../helpers/eventually.ts';
import type { RunningTool, ToolRun } from '../helpers/run-tool.ts';
import type { Act } from './fault-server.ts';
import { it, LOGGED, partHolds } from './fault-test.ts';
import { expectOneStory, lastLines } from './reconcile.ts';
import { answer, silence } from './service-acts.ts';
import { cut } from './store-acts.ts';
import { sha256, storedObject } from './stored-object.ts';

type Stop = 'SIGINT' | 'SIGTERM';
const CODES: Record<Stop, number> = { SIGINT: 130, SIGTERM: 143 };
const STOPS: Stop[] = ['SIGINT', 'SIGTERM'];

/** Nothing but the signal ends these runs before a minute is over. */
const PATIENT = ['--timeout', '60', '--stall-timeout', '60', '-v'];

/** Sends a signal, and gives how the run ended: by that signal, and nothing else would have ended it. */
async function stop(running: RunningTool, signal: Stop): Promise<ToolRun> {
  running.kill(signal);
  const run = await running.ended;
  expect(run.exitCode).toBe(CODES[signal]);
  return run;
}

/** Waits until a pipe holds something. The tool shares its flags, and made it one that does not wait: until then it says EAGAIN. */
async function oneByte(pipe: FileHandle): Promise<void> {
  await vi.waitFor(() => pipe.read(Buffer.alloc(1), 0, 1, null), { timeout: EVENTUALLY_MS });
}

describe.concurrent('a batch that is stopped', () => {
  it.for(STOPS)('by %s records what it had and nothing else, and is finished by the next run', async (signal, { tool, server }) => {
    const ids = Array.from({ length: 20 }, (_, index) => `call-${String(index).padStart(2, '0')}`);
    server.plan('call-03', { store: [cut('silence', 150_000)] });
    server.plan('call-04', { object: storedObject('call-04', { bytes: 3_000_000 }), store: [cut('silence', 2_000_000)] });
    server.plan('call-05', { service: [silence()] });
    // Nothing behind these comes through until the stop, whatever is asked for ahead; nor takes their place.
    server.otherwise = ({ id }) => (id > 'call-05' ? silence() : undefined);
    await tool.write('ids.txt', ids.join('\n'));
    const args = ['batch', 'ids.txt', '-d', 'calls', '-c', '3', '--json'];
    const running = tool.start([...args, ...PATIENT]);
    await server.until(
      (requests) =>
        requests.some(({ id }) => id === 'call-05') &&
        ['call-03', 'call-04'].every((asked) => requests.some(({ side, id }) => side === 'store' && id === asked)),
    );
    await Promise.all([partHolds(tool.folder, 'call-03', 150_000), partHolds(tool.folder, 'call-04', 2_000_000)]);

    const run = await stop(running, signal);
    server.otherwise = () => undefined;
    const ends = await expectOneStory(tool, 'calls', ids, run);
    expect(ends).toEqual({ saved: ['call-00', 'call-01', 'call-02'], skipped: [], gone: [], failed: [] });
    expect(run.errLines).toContain(`Stopped by ${signal}: 3 saved, 17 not reached. Run the same command again.`);
    expect(run.json().at(-1)?.summary).toMatchObject({ total: 20, saved: 3, notReached: 17 });
    expect([...(await lastLines(tool, 'calls')).keys()].sort()).toEqual(ends.saved);
    expect(server.asked('service').length).toBeLessThanOrEqual(9);

    const next = await tool.run([...args, ...LOGGED]);
    expect(next.exitCode).toBe(0);
    expect(await expectOneStory(tool, 'calls', ids, next)).toMatchObject({ skipped: ends.saved });
    for (const id of ids) expect(sha256(await tool.read(`calls/${id}.wav`))).toBe(sha256(server.object(id).bytes));
    expect(server.asked('store', 'call-03')[1]?.headers.range).toBe('bytes=150000-');
    expect(server.asked('store', 'call-04')[1]?.headers.range).toBe('bytes=2000000-');
    expect(tool.files()).toEqual([...ids.map((id) => `calls/${id}.wav`), 'calls/manifest.jsonl', 'ids.txt']);
  });
});

describe.concurrent('a download that is stopped', () => {
  it.for<[string, { service?: Act[]; store?: Act[] }]>([
    ['while the service is silent', { service: [silence()] }],
    ['while the store is silent', { store: [silence()] }],
    ['while the body stalls', { store: [cut('silence', 150_000)] }],
    ['while it waits as Retry-After says', { service: [answer(503, { 'Retry-After': '100' })] }],
    ['while all is held back', { service: [answer(429, { 'Retry-After': '100' })] }],
  ])('%s ends by it, and is finished by the next run', async ([, plan], { tool, server }) => {
    server.plan('call', plan);
    const running = tool.start(['download', 'call', '--json', ...PATIENT]);
    const side = plan.service === undefined ? 'store' : 'service';
    await server.until((requests) => requests.some((asked) => asked.side === side));
    if (plan.store !== undefined) await partHolds(tool.folder, 'call', 150_000);
    await stop(running, 'SIGTERM');
    expect(tool.files().filter((file) => !/\.part(\.json)?$/.test(file))).toEqual([]);

    expect((await tool.run(['download', 'call', '--json', ...LOGGED])).exitCode).toBe(0);
    expect(sha256(await tool.read('call.wav'))).toBe(sha256(server.object('call').bytes));
    expect(tool.files()).toEqual(['call.wav']);
  });

  it('while nobody reads standard output ends by it, and by a second signal as well', async ({ tool, server, onTestFinished }) => {
    server.plan('call', { object: storedObject('call', { bytes: 3_000_000 }) });
    execFileSync('mkfifo', [tool.path('pipe')]);
    // Open for reading as well, so that the pipe is not closed; but nobody reads more than shows that there is something to read.
    const pipe = await open(tool.path('pipe'), 'r+');
    onTestFinished(() => pipe.close());
    for (const signals of [1, 2]) {
      const running = tool.start(['download', 'call', '-o', '-', ...PATIENT], { stdoutFd: pipe.fd });
      await server.until((requests) => requests.filter(({ side }) => side === 'store').length === signals);
      await oneByte(pipe);
      if (signals === 2) running.kill('SIGINT');
      await stop(running, 'SIGINT');
    }
  });
});
