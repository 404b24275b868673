import { existsSync } from 'node:fs';
import { appendFile, link, rm, symlink } from 'node:fs/promises';
import { describe, expect } from 'vitest';
import { partFileName, partNameBeside } from '../../src/archive/file-name.ts';
import { eventually } from '../helpers/eventually.ts';
import type { Tool } from '../helpers/tool-test.ts';
import type { FaultServer } from './fault-server.ts';
import { it, LOGGED, partHolds } from './fault-test.ts';
import { expectOneStory, lastLines } from './reconcile.ts';
import { silence } from './service-acts.ts';
import { cut } from './store-acts.ts';
import { sha256, storedObject } from './stored-object.ts';

const MIB = 2 ** 20;
const SIZE = 3 * MIB;
const CUT = 2 * MIB + 1234;
/** The part of `call.wav`. */
const PART = partNameBeside('call.wav', 'download.part');

/** Patience without end: what does not move is to be killed. */
const PATIENT = ['--stall-timeout', '60', '-v'];

/** Starts a download into `call.wav`, lets it stall behind its second megabyte, and kills it there. */
async function killHalfWay(tool: Tool, server: FaultServer): Promise<void> {
  server.plan('call', { object: storedObject('call', { bytes: SIZE }), store: [cut('silence', CUT)] });
  const running = tool.start(['download', 'call', '-o', 'call.wav', ...PATIENT]);
  await server.until((requests) => requests.some(({ side }) => side === 'store'));
  await partHolds(tool.folder, 'call', CUT);
  await isNoted(tool, PART);
  running.kill('SIGKILL');
  expect((await running.ended).signal).toBe('SIGKILL');
  expect(existsSync(tool.path('call.wav'))).toBe(false);
  expect(existsSync(tool.path(`${PART}.json`))).toBe(true);
}

/** Resolves when a note vouches for the first megabyte of a part: the flush before it can take its time. */
function isNoted(tool: Tool, part: string): Promise<void> {
  return eventually(async () => expect(JSON.parse(String(await tool.read(`${part}.json`))).bytes).toBeGreaterThanOrEqual(MIB), 5);
}

const again = (tool: Tool, id = 'call') => tool.run(['download', id, '-o', 'call.wav', '--json', ...LOGGED]);

/** What the store was asked for in the second run. */
const secondRun = (server: FaultServer) =>
  server
    .asked('store')
    .slice(1)
    .map(({ headers }) => [headers.range, headers['if-match']]);

describe.concurrent('a download that was killed', () => {
  it('goes on in the next run where it got to, if the object is the same', async ({ tool, server }) => {
    await killHalfWay(tool, server);
    const run = await again(tool);
    expect(run.exitCode).toBe(0);
    expect(run.json()[0]).toMatchObject({ bytes: SIZE, sha256: sha256(server.object('call').bytes), attempts: 1 });
    expect(sha256(await tool.read('call.wav'))).toBe(sha256(server.object('call').bytes));
    const [[range, ifMatch] = [], ...more] = secondRun(server);
    expect(more).toEqual([]);
    expect(Number(/^bytes=(\d+)-$/.exec(range ?? '')?.[1])).toBeGreaterThanOrEqual(MIB);
    expect(ifMatch).toBe(server.object('call').etag);
    expect(tool.files()).toEqual(['call.wav']);
  });

  it('starts again from nothing if the object has changed since', async ({ tool, server }) => {
    await killHalfWay(tool, server);
    const changed = storedObject('call', { bytes: SIZE, version: 2 });
    server.change('call', changed);
    expect((await again(tool)).exitCode).toBe(0);
    expect(sha256(await tool.read('call.wav'))).toBe(sha256(changed.bytes));
    expect(server.asked('store').map(({ status }) => status)).toEqual([200, 412, 200]);
    expect(tool.files()).toEqual(['call.wav']);
  });

  it('takes nothing that a crash of the machine has left behind what was flushed', async ({ tool, server }) => {
    await killHalfWay(tool, server);
    await appendFile(tool.path(PART), Buffer.alloc(100_000));
    expect((await again(tool)).exitCode).toBe(0);
    expect(sha256(await tool.read('call.wav'))).toBe(sha256(server.object('call').bytes));
    expect(secondRun(server).length).toBe(1);
  });

  it.for<[string, string | undefined]>([
    ['torn', '{"id":"call","et'],
    ['gone', undefined],
    ['nonsense', 'null'],
  ])('starts again from nothing where its note is %s', async ([, note], { tool, server }) => {
    await killHalfWay(tool, server);
    if (note === undefined) await rm(tool.path(`${PART}.json`));
    else await tool.write(`${PART}.json`, note);
    expect((await again(tool)).exitCode).toBe(0);
    expect(sha256(await tool.read('call.wav'))).toBe(sha256(server.object('call').bytes));
    expect(secondRun(server)).toEqual([[undefined, undefined]]);
    expect(tool.files()).toEqual(['call.wav']);
  });

  it('leaves nothing that another recording under the same name goes on with', async ({ tool, server }) => {
    await killHalfWay(tool, server);
    expect((await again(tool, 'other')).exitCode).toBe(0);
    expect(sha256(await tool.read('call.wav'))).toBe(sha256(server.object('other').bytes));
    expect(server.asked('store', 'other').map(({ headers }) => headers.range)).toEqual([undefined]);
    expect(tool.files()).toEqual(['call.wav']);
  });

  it('before it was worth a note starts again, and leaves nothing behind', async ({ tool, server }) => {
    server.plan('call', { store: [cut('silence', 100_000)] });
    const running = tool.start(['download', 'call', '-o', 'call.wav', ...PATIENT]);
    await server.until((requests) => requests.some(({ side }) => side === 'store'));
    await partHolds(tool.folder, 'call', 100_000);
    running.kill('SIGKILL');
    await running.ended;
    expect((await again(tool)).exitCode).toBe(0);
    expect(sha256(await tool.read('call.wav'))).toBe(sha256(server.object('call').bytes));
    expect(tool.files()).toEqual(['call.wav']);
  });
});

describe.concurrent('a download that failed', () => {
  it('goes on in the next run where it got to', async ({ tool, server }) => {
    server.plan('call', { store: [cut('reset', 150_000)] });
    expect((await tool.run(['download', 'call', '-o', 'call.wav', '--retries', '0', ...LOGGED])).exitCode).toBe(6);
    expect(existsSync(tool.path('call.wav'))).toBe(false);
    expect((await again(tool)).exitCode).toBe(0);
    expect(sha256(await tool.read('call.wav'))).toBe(sha256(server.object('call').bytes));
    expect(secondRun(server)).toEqual([['bytes=150000-', server.object('call').etag]]);
    expect(tool.files()).toEqual(['call.wav']);
  });
});

describe.concurrent('what the tool must not touch', () => {
  it('a file that a link under the name of the part leads to', async ({ tool, server }) => {
    await tool.write('precious.txt', 'mine');
    await symlink('precious.txt', tool.path(PART));
    await symlink('precious.txt', tool.path(`${PART}.json`));
    expect((await again(tool)).exitCode).toBe(0);
    expect(sha256(await tool.read('call.wav'))).toBe(sha256(server.object('call').bytes));
    expect(String(await tool.read('precious.txt'))).toBe('mine');
  });

  it('a finished recording that a crash has left under the name of its part as well', async ({ tool, server }) => {
    const first = server.object('call');
    await tool.write('call.wav', first.bytes);
    await link(tool.path('call.wav'), tool.path(PART));
    await tool.write(`${PART}.json`, JSON.stringify({ id: 'call', etag: first.etag, totalBytes: 300_000, bytes: 1000 }));
    server.change('call', storedObject('call', { version: 2 }));
    server.plan('call', { store: [cut('reset', 100_000), cut('reset', 100_000)] });
    await tool.run(['download', 'call', '-o', 'call.wav', '--force', '--retries', '0', ...LOGGED]);
    expect(sha256(await tool.read('call.wav'))).toBe(sha256(first.bytes));
  });
});

describe.concurrent('a batch that was killed', () => {
  it('is finished by the next run: what is saved is not asked for again, and no part is left', async ({ tool, server }) => {
    const ids = Array.from({ length: 6 }, (_, index) => `call-${index}`);
    const big = (id: string) => storedObject(id, { bytes: SIZE });
    for (const id of ['call-2', 'call-3']) server.plan(id, { object: big(id), store: [cut('silence', CUT)] });
    // Their links may come sooner, and then they would be saved before.
    for (const id of ['call-4', 'call-5']) server.plan(id, { service: [silence()] });
    const args = ['batch', '-', '-d', 'calls', '-c', '2', '--json'];
    const running = tool.start([...args, ...PATIENT], { stdin: ids.join('\n') });
    await server.until((requests) =>
      ['call-2', 'call-3'].every((id) => requests.some((asked) => asked.side === 'store' && asked.id === id)),
    );
    for (const id of ['call-2', 'call-3']) {
      await partHolds(tool.folder, id, CUT);
      await isNoted(tool, `calls/${partFileName(id, 'part')}`);
    }
    running.kill('SIGKILL');
    await running.ended;
    expect([...(await lastLines(tool, 'calls')).keys()].sort()).toEqual(['call-0', 'call-1']);

    const run = await tool.run([...args, ...LOGGED], { stdin: ids.join('\n') });
    const ends = await expectOneStory(tool, 'calls', ids, run);
    expect(ends).toMatchObject({ saved: ['call-2', 'call-3', 'call-4', 'call-5'], skipped: ['call-0', 'call-1'] });
    for (const id of ids) {
      expect(sha256(await tool.read(`calls/${id}.wav`))).toBe(sha256(server.object(id).bytes));
      // Of the last two, the links may have been asked for ahead.
      const atMost = id < 'call-2' ? 1 : 2;
      expect(server.asked('service', id).length).toBeLessThanOrEqual(atMost);
    }
    for (const id of ['call-2', 'call-3']) expect(server.asked('store', id)[1]?.headers.range).toMatch(/^bytes=[1-9]/);
    expect(tool.files()).toEqual([...ids.map((id) => `calls/${id}.wav`), 'calls/manifest.jsonl']);
  });

  it('after a recording got its name and before it was recorded: it is fetched again, and lies there once', async ({ tool, server: _ }) => {
    const ids = ['call-0', 'call-1'];
    const args = ['batch', '-', '-d', 'calls', '-c', '1', '--json', ...LOGGED];
    await tool.run(args, { stdin: ids.join('\n') });
    const manifest = String(await tool.read('calls/manifest.jsonl'));
    await tool.write('calls/manifest.jsonl', `${manifest.split('\n')[0]}\n`);
    const run = await tool.run(args, { stdin: ids.join('\n') });
    expect(await expectOneStory(tool, 'calls', ids, run)).toMatchObject({ saved: ['call-1'], skipped: ['call-0'] });
    expect(tool.files()).toEqual(['calls/call-0.wav', 'calls/call-1.wav', 'calls/manifest.jsonl']);
  });

  it('within a line of the manifest: the torn line is passed over, and the next stands on a line of its own', async ({ tool, server }) => {
    const ids = ['call-0', 'call-1'];
    const args = ['batch', '-', '-d', 'calls', '-c', '1', '--json', ...LOGGED];
    await tool.run(args, { stdin: ids.join('\n') });
    const manifest = await tool.read('calls/manifest.jsonl');
    await tool.write('calls/manifest.jsonl', manifest.subarray(0, -20));
    const run = await tool.run(args, { stdin: ids.join('\n') });
    expect(await expectOneStory(tool, 'calls', ids, run)).toMatchObject({ saved: ['call-1'], skipped: ['call-0'] });
    expect(sha256(await tool.read('calls/call-1.wav'))).toBe(sha256(server.object('call-1').bytes));
    const verified = await tool.run(['verify', 'calls', '--strict', '--json']);
    expect(verified.exitCode).toBe(0);
    expect(verified.json()).toEqual([{ summary: expect.objectContaining({ total: 2, whole: 2, unrecorded: 0 }) }]);
  });
});
