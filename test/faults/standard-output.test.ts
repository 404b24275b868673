import { describe, expect } from 'vitest';
import type { ToolRun } from '../helpers/run-tool.ts';
import type { Tool } from '../helpers/tool-test.ts';
import type { FaultServer } from './fault-server.ts';
import { IMPATIENT, it, LOGGED } from './fault-test.ts';
import { cut, damage, sendDocument } from './store-acts.ts';
import { type EtagKind, storedObject } from './stored-object.ts';

const HALF = 150_000;

/** Runs the download. A cut waits until some of the bytes have come out: what is on its way would be lost with the connection. */
async function download(tool: Tool, server: FaultServer, waits: readonly string[] = LOGGED): Promise<ToolRun> {
  const running = tool.start(['download', 'call', '-o', '-', ...waits]);
  server.taken = () => running.until(({ out }) => out.length > 1000);
  return running.ended;
}

describe.concurrent('standard output', () => {
  it.for<'reset' | 'end' | 'silence'>(['reset', 'end', 'silence'])(
    'gets each byte once, whatever breaks off: %s',
    async (by, { tool, server }) => {
      server.plan('call', { store: [cut(by, HALF), cut('reset', 50_000)] });
      const run = await download(tool, server, by === 'silence' ? IMPATIENT : LOGGED);
      expect(run.exitCode).toBe(0);
      expect(run.stdout.equals(server.object('call').bytes)).toBe(true);
      const ranges = server.asked('store').map(({ headers }) => headers.range);
      expect(ranges).toEqual([undefined, expect.stringMatching(/^bytes=[1-9]/), expect.stringMatching(/^bytes=[1-9]/)]);
      expect(server.asked('service').length).toBe(1);
      expect(tool.files()).toEqual([]);
    },
  );

  it.for<EtagKind>(['none', 'weak'])(
    'gets each byte once where the transfer has to start again: ETag %s',
    async (etag, { tool, server }) => {
      server.plan('call', { object: storedObject('call', { etag }), store: [cut('end', HALF), cut('reset', 20_000), cut('end', 200_000)] });
      const run = await download(tool, server);
      expect(run.exitCode).toBe(0);
      expect(run.stdout.equals(server.object('call').bytes)).toBe(true);
      expect(server.asked('store').map(({ headers }) => headers.range)).toEqual([undefined, undefined, undefined, undefined]);
    },
  );

  it('gets no byte of an object that has taken the place of the first one', async ({ tool, server }) => {
    const first = server.object('call').bytes;
    const changed = storedObject('call', { version: 2 });
    server.plan('call', { store: [cut('reset', HALF, { atCut: () => server.change('call', changed) })] });
    const run = await download(tool, server);
    expect(run.exitCode).toBe(8);
    expect(run.err).toContain('changed');
    expect(run.stdout.length).toBeGreaterThan(0);
    expect(first.subarray(0, run.stdout.length).equals(run.stdout)).toBe(true);
    expect(run.stdout.length).toBeLessThanOrEqual(HALF);
  });

  it('gets no byte of a page in place of the recording', async ({ tool, server }) => {
    const page = sendDocument('audio/wav', '<!DOCTYPE html><html><title>Sign in</title></html>');
    server.plan('call', { store: [page, page] });
    const run = await download(tool, server);
    expect(run).toMatchObject({ exitCode: 8, out: '' });
  });

  it('gets the bytes once where their hash is wrong, and the exit code says so', async ({ tool, server }) => {
    server.plan('call', { store: [damage, damage] });
    const run = await download(tool, server);
    expect(run.exitCode).toBe(8);
    expect(run.stdout.length).toBeLessThanOrEqual(300_000);
  });
});
