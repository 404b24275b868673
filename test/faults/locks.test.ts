import { describe, expect } from 'vitest';
import { it, LOGGED, partHolds } from './fault-test.ts';
import { expectOneStory } from './reconcile.ts';
import { cut, send } from './store-acts.ts';
import { sha256 } from './stored-object.ts';

const PATIENT = ['--stall-timeout', '60', '--json', '-v'];
const HALF = 150_000;

describe.concurrent('a folder', () => {
  it('belongs to one run: the second ends with 10 and asks nothing; a dead owner is taken over', async ({ tool, server }) => {
    server.plan('call', { store: [cut('silence', HALF)] });
    const first = tool.start(['batch', '-', '-d', 'calls', ...PATIENT], { stdin: 'call\n' });
    await server.until((requests) => requests.some(({ side }) => side === 'store'));
    await partHolds(tool.folder, 'call', HALF);

    const second = await tool.run(['batch', '-', '-d', 'calls', ...PATIENT], { stdin: 'call\nother\n' });
    expect(second.exitCode).toBe(10);
    expect(second.json()).toEqual([{ id: null, status: 'failed', error: expect.objectContaining({ code: 'LOCKED' }) }]);
    expect(server.asked('service').length).toBe(1);

    first.kill('SIGKILL');
    await first.ended;
    const third = await tool.run(['batch', '-', '-d', 'calls', '--json', ...LOGGED], { stdin: 'call\nother\n' });
    expect(third.exitCode).toBe(0);
    await expectOneStory(tool, 'calls', ['call', 'other'], third);
    expect(sha256(await tool.read('calls/call.wav'))).toBe(sha256(server.object('call').bytes));
    expect(tool.files()).toEqual(['calls/call.wav', 'calls/manifest.jsonl', 'calls/other.wav']);
  });

  it('whose owner died goes to exactly one of those who come for it at once', async ({ tool, server }) => {
    server.plan('call', { store: [cut('silence', HALF), send({ drip: { bytes: 20_000, everyMs: 150 } })] });
    const dead = tool.start(['batch', '-', '-d', 'calls', ...PATIENT], { stdin: 'call\n' });
    await server.until((requests) => requests.some(({ side }) => side === 'store'));
    await partHolds(tool.folder, 'call', HALF);
    dead.kill('SIGKILL');
    await dead.ended;
    const heirs = [1, 2, 3].map(() => tool.run(['batch', '-', '-d', 'calls', ...PATIENT], { stdin: 'call\n' }));
    const codes = (await Promise.all(heirs)).map(({ exitCode }) => exitCode).sort();
    expect(codes).toEqual([0, 10, 10]);
    expect(sha256(await tool.read('calls/call.wav'))).toBe(sha256(server.object('call').bytes));
    expect(tool.files()).toEqual(['calls/call.wav', 'calls/manifest.jsonl']);
  });
});

describe.concurrent('a file', () => {
  it('is written by one download: the second ends with 10; beside it another file is free', async ({ tool, server }) => {
    server.plan('call', { store: [cut('silence', HALF)] });
    const first = tool.start(['download', 'call', '-o', 'call.wav', ...PATIENT]);
    await server.until((requests) => requests.some(({ side }) => side === 'store'));
    await partHolds(tool.folder, 'call', HALF);
    const second = await tool.run(['download', 'call', '-o', 'call.wav', ...PATIENT]);
    expect(second.exitCode).toBe(10);
    expect(server.asked('store').length).toBe(1);
    expect((await tool.run(['download', 'call', '-o', 'other.wav', '--json', ...LOGGED])).exitCode).toBe(0);
    expect(sha256(await tool.read('other.wav'))).toBe(sha256(server.object('call').bytes));

    first.kill('SIGKILL');
    await first.ended;
    expect((await tool.run(['download', 'call', '-o', 'call.wav', '--json', ...LOGGED])).exitCode).toBe(0);
    expect(sha256(await tool.read('call.wav'))).toBe(sha256(server.object('call').bytes));
    expect(tool.files()).toEqual(['call.wav', 'other.wav']);
  });
});
