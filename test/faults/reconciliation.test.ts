import { describe, expect } from 'vitest';
import type { FaultServer } from './fault-server.ts';
import { it, LOGGED } from './fault-test.ts';
import { expectOneStory, lastLines } from './reconcile.ts';
import { answer, documentedFailure, hangUp } from './service-acts.ts';
import { sendDocument } from './store-acts.ts';

const LIST = ['call-0', 'gone-0', 'down-0', 'call-1', 'wrong-0', 'gone-1', 'call-2', 'down-1'];
const args = ['batch', '-', '-d', 'calls', '--retries', '0', '--json', ...LOGGED];

/** Every kind of end, by the beginning of the id. */
function planEnds(server: FaultServer): void {
  server.otherwise = ({ side, id }) => {
    if (side === 'service' && id.startsWith('gone')) return documentedFailure(id === 'gone-0' ? 'Invalid Id' : 'Id Expired', 400);
    if (side === 'service' && id.startsWith('down')) return id === 'down-0' ? answer(503) : hangUp();
    if (side === 'store' && id.startsWith('wrong')) return sendDocument('text/html', '<html>Sign in</html>');
    return undefined;
  };
}

describe.concurrent('a batch with every kind of end', () => {
  it('tells the same story everywhere, run for run', async ({ tool, server }) => {
    planEnds(server);
    const stdin = `${[...LIST, 'call-0', 'gone-0', '', '# a remark', 'call-0'].join('\r\n')}\r\n`;
    const first = await tool.run(args, { stdin });
    const ends = await expectOneStory(tool, 'calls', LIST, first);
    expect(ends).toEqual({
      saved: ['call-0', 'call-1', 'call-2'],
      skipped: [],
      gone: ['gone-1'],
      // An id that is called invalid may be that of a recording that is late.
      failed: ['down-0', 'down-1', 'gone-0', 'wrong-0'],
    });
    expect(first.exitCode).toBe(9);
    expect(first.json().at(-1)?.summary).toMatchObject({ total: 8, duplicates: 3, bytes: 900_000 });

    const second = await tool.run(args, { stdin });
    expect(await expectOneStory(tool, 'calls', LIST, second)).toEqual({ ...ends, saved: [], skipped: ends.saved });
    expect(second.exitCode).toBe(9);
    expect([server.asked('service', 'gone-0').length, server.asked('service', 'gone-1').length]).toEqual([2, 1]);

    // What is known to be gone fails no nightly run.
    server.otherwise = () => undefined;
    const third = await tool.run(args, { stdin });
    expect(await expectOneStory(tool, 'calls', LIST, third)).toMatchObject({
      saved: ends.failed,
      skipped: ends.saved,
      gone: ends.gone,
      failed: [],
    });
    expect(third.exitCode).toBe(0);
    const last = await lastLines(tool, 'calls');
    expect([...last.values()].filter(({ status }) => status === 'saved').length).toBe(7);
  });

  it('takes failed.txt as its next list', async ({ tool, server }) => {
    planEnds(server);
    await tool.run(args, { stdin: LIST.join('\n') });
    server.otherwise = () => undefined;
    const run = await tool.run(['batch', 'calls/failed.txt', '-d', 'calls', '--json', ...LOGGED]);
    expect(run.exitCode).toBe(0);
    const failed = ['down-0', 'down-1', 'gone-0', 'wrong-0'];
    expect(await expectOneStory(tool, 'calls', failed, run)).toMatchObject({ saved: failed });
  });

  it('counts the rows that it did not reach where the credentials are refused in its middle', async ({ tool, server }) => {
    const ids = Array.from({ length: 30 }, (_, index) => `call-${String(index).padStart(2, '0')}`);
    server.plan('call-07', { service: [answer(401)] });
    const run = await tool.run(['batch', '-', '-d', 'calls', '-c', '2', '--json', ...LOGGED], { stdin: ids.join('\n') });
    expect(run.exitCode).toBe(3);
    const ends = await expectOneStory(tool, 'calls', ids, run);
    expect(run.json().filter(({ error }) => error !== undefined)).toEqual([
      { id: null, status: 'failed', error: expect.objectContaining({ code: 'CREDENTIALS_REJECTED' }) },
    ]);
    expect(run.err).toMatch(/^Stopped: \d+ saved, \d+ not reached\./m);
    expect(ends.saved).toEqual(expect.arrayContaining(ids.slice(0, 1)));
    expect(server.asked('service').length).toBeLessThanOrEqual(11);

    const next = await tool.run(['batch', '-', '-d', 'calls', '--json', ...LOGGED], { stdin: ids.join('\n') });
    expect(next.exitCode).toBe(0);
    expect(await expectOneStory(tool, 'calls', ids, next)).toMatchObject({ skipped: ends.saved });
  });
});
