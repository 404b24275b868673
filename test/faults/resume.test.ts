import { describe, expect } from 'vitest';
import type { WireFault } from './fault-proxy.ts';
import type { Act, FaultServer } from './fault-server.ts';
import { IMPATIENT, it, LOGGED } from './fault-test.ts';
import { cut, type Sending, send, sendError } from './store-acts.ts';
import { type EtagKind, sha256, storedObject } from './stored-object.ts';

const HALF = 150_000;

/** The ranges that the store was asked for, in order; `whole` where none was. */
function ranges(server: FaultServer): string[] {
  return server.asked('store').map(({ headers }) => headers.range ?? 'whole');
}

/** Each request for a range must name the object that it is for. */
function expectGuarded(server: FaultServer, etag: string | null): void {
  for (const { headers } of server.asked('store')) {
    if (headers.range !== undefined) expect(headers['if-match']).toBe(etag);
  }
}

describe.concurrent('a transfer that breaks off goes on from the last byte', () => {
  it.for<[string, 'reset' | 'end' | 'silence']>([
    ['the connection is reset', 'reset'],
    ['the body is truncated', 'end'],
    ['the transfer stalls', 'silence'],
  ])('when %s', async ([, by], { tool, server }) => {
    server.plan('call', { store: [cut(by, HALF)] });
    const run = await tool.run(['download', 'call', '--json', ...(by === 'silence' ? IMPATIENT : LOGGED)]);
    expect(run.exitCode).toBe(0);
    expect(run.json()).toEqual([expect.objectContaining({ bytes: 300_000, attempts: 2 })]);
    expect(sha256(await tool.read('call.wav'))).toBe(sha256(server.object('call').bytes));
    expect(ranges(server)).toEqual(['whole', `bytes=${HALF}-`]);
    expectGuarded(server, server.object('call').etag);
    expect(server.asked('service').length).toBe(1);
    expect(tool.files()).toEqual(['call.wav']);
  });

  it('again and again, each time from where it got to', async ({ tool, server }) => {
    server.plan('call', { store: [cut('reset', 50_000), cut('end', 50_000), cut('silence', 50_000), cut('reset', 50_000)] });
    const run = await tool.run(['download', 'call', '--retries', '1', ...IMPATIENT]);
    expect(run.exitCode).toBe(0);
    expect(sha256(await tool.read('call.wav'))).toBe(sha256(server.object('call').bytes));
    expect(ranges(server)).toEqual(['whole', 'bytes=50000-', 'bytes=100000-', 'bytes=150000-', 'bytes=200000-']);
    expect(server.asked('service').length).toBe(1);
  });

  it('when the store is busy in between', async ({ tool, server }) => {
    server.plan('call', { store: [cut('reset', HALF), sendError(503, 'SlowDown'), sendError(503, 'ServiceUnavailable')] });
    expect((await tool.run(['download', 'call', ...LOGGED])).exitCode).toBe(0);
    expect(sha256(await tool.read('call.wav'))).toBe(sha256(server.object('call').bytes));
    expect(ranges(server)).toEqual(['whole', `bytes=${HALF}-`, `bytes=${HALF}-`, `bytes=${HALF}-`]);
    expect(server.asked('service').length).toBe(1);
  });

  it.for<EtagKind>(['multipart', 'encrypted', 'unquoted'])('where the ETag is %s', async (etag, { tool, server }) => {
    server.plan('call', { object: storedObject('call', { etag }), store: [cut('end', HALF)] });
    expect((await tool.run(['download', 'call', ...LOGGED])).exitCode).toBe(0);
    expect(sha256(await tool.read('call.wav'))).toBe(sha256(server.object('call').bytes));
    expect(ranges(server)).toEqual(['whole', `bytes=${HALF}-`]);
    expectGuarded(server, server.object('call').etag);
  });

  it.for<[string, WireFault[]]>([
    ['a reset', [{ after: 100_000, by: 'reset' }]],
    ['the end of the connection', [{ after: 100_000, by: 'end' }]],
    ['silence', [{ after: 100_000, by: 'silence' }]],
    ['one after the other', [{ after: 60_000 }, { after: 60_000, by: 'end' }, { after: 60_000, by: 'silence' }]],
  ])('whatever breaks it below HTTP: %s', async ([, faults], { tool, server, wire }) => {
    await wire(faults);
    const isSilent = faults.some(({ by }) => by === 'silence');
    const run = await tool.run(['download', 'call', ...(isSilent ? IMPATIENT : LOGGED)]);
    expect(run.exitCode).toBe(0);
    expect(sha256(await tool.read('call.wav'))).toBe(sha256(server.object('call').bytes));
    expect(ranges(server)[0]).toBe('whole');
    expect(ranges(server).length).toBe(faults.length + 1);
    expect(ranges(server).at(-1)).toMatch(/^bytes=[1-9]\d*-$/);
    expectGuarded(server, server.object('call').etag);
    expect(server.asked('service').length).toBe(1);
  });

  it('when the connection breaks within the headers of the answer', async ({ tool, server, wire }) => {
    await wire([
      { after: 40, by: 'end' },
      { after: 0, by: 'reset' },
    ]);
    expect((await tool.run(['download', 'call', ...LOGGED])).exitCode).toBe(0);
    expect(sha256(await tool.read('call.wav'))).toBe(sha256(server.object('call').bytes));
    expect(server.asked('service').length).toBe(1);
  });
});

describe.concurrent('a slow transfer', () => {
  it('is not given up while bytes keep coming', async ({ tool, server }) => {
    server.plan('call', { object: storedObject('call', { bytes: 20_000 }), store: [send({ drip: { bytes: 1000, everyMs: 200 } })] });
    const run = await tool.run(['download', 'call', '--json', ...IMPATIENT]);
    expect(run.json()).toEqual([expect.objectContaining({ status: 'saved', attempts: 1 })]);
    expect(sha256(await tool.read('call.wav'))).toBe(sha256(server.object('call').bytes));
    expect(server.requests.length).toBe(2);
  });
});

describe.concurrent('a transfer that cannot go on starts again from nothing', () => {
  const anew = (id: string) => storedObject(id, { version: 2 });

  it('when another object lies there: 412', async ({ tool, server }) => {
    const change: Sending = { atCut: ({ asked }) => server.change(asked.id, anew(asked.id)) };
    server.plan('call', { store: [cut('reset', HALF, change)] });
    const run = await tool.run(['download', 'call', '--json', ...LOGGED]);
    expect(run.exitCode).toBe(0);
    expect(run.json()[0]).toMatchObject({ sha256: sha256(anew('call').bytes), etag: anew('call').etag });
    expect(sha256(await tool.read('call.wav'))).toBe(sha256(anew('call').bytes));
    expect(server.asked('store').map(({ status }) => status)).toEqual([200, 412, 200]);
    expect(ranges(server)).toEqual(['whole', `bytes=${HALF}-`, 'whole']);
  });

  it('when a shorter object lies there', async ({ tool, server }) => {
    const shorter = storedObject('call', { bytes: 100_000, version: 2 });
    server.plan('call', { store: [cut('end', HALF, { atCut: () => server.change('call', shorter) }), sendError(416, 'InvalidRange')] });
    expect((await tool.run(['download', 'call', ...LOGGED])).exitCode).toBe(0);
    expect(sha256(await tool.read('call.wav'))).toBe(sha256(shorter.bytes));
    expect(server.asked('store').map(({ status }) => status)).toEqual([200, 416, 200]);
    expect(ranges(server)).toEqual(['whole', `bytes=${HALF}-`, 'whole']);
  });

  it.for<[string, Act]>([
    ['416', sendError(416, 'InvalidRange')],
    ['412', sendError(412, 'PreconditionFailed')],
    ['206 without a Content-Range', send({ contentRange: '' })],
    ['206 from another byte', send({ contentRange: 'bytes 0-149999/300000' })],
    ['206 to another byte', send({ contentRange: `bytes ${HALF}-299998/300000` })],
    ['206 of another length', send({ contentRange: `bytes ${HALF}-300000/300001` })],
    ['206 of an unknown length', send({ contentRange: `bytes ${HALF}-299999/*` })],
    ['206 of another object', send({ headers: { ETag: '"00000000000000000000000000000000"' } })],
    ['206 without an ETag', send({ headers: { ETag: '' } })],
  ])('when the store answers a resume with %s', async ([, act], { tool, server }) => {
    server.plan('call', { store: [cut('end', HALF), act] });
    const run = await tool.run(['download', 'call', ...LOGGED]);
    expect(run.exitCode).toBe(0);
    expect(sha256(await tool.read('call.wav'))).toBe(sha256(server.object('call').bytes));
    expect(ranges(server)).toEqual(['whole', `bytes=${HALF}-`, 'whole']);
    expect(server.asked('service').length).toBe(1);
    expect(tool.files()).toEqual(['call.wav']);
  });

  it('when the store knows no ranges and sends the whole, and takes that', async ({ tool, server }) => {
    server.plan('call', { store: [cut('end', HALF), send({ ignoreRange: true })] });
    expect((await tool.run(['download', 'call', ...LOGGED])).exitCode).toBe(0);
    expect(sha256(await tool.read('call.wav'))).toBe(sha256(server.object('call').bytes));
    expect(ranges(server)).toEqual(['whole', `bytes=${HALF}-`]);
  });

  it('when the store ignores If-Match and sends the rest of another object', async ({ tool, server }) => {
    const act = cut('reset', HALF, { atCut: () => server.change('call', anew('call')) });
    server.plan('call', { store: [act, send({ ignoreIfMatch: true })] });
    expect((await tool.run(['download', 'call', ...LOGGED])).exitCode).toBe(0);
    expect(sha256(await tool.read('call.wav'))).toBe(sha256(anew('call').bytes));
    expect(ranges(server)).toEqual(['whole', `bytes=${HALF}-`, 'whole']);
  });

  it.for<EtagKind>(['none', 'weak'])('where the object cannot be named: ETag %s', async (etag, { tool, server }) => {
    server.plan('call', { object: storedObject('call', { etag }), store: [cut('reset', HALF), cut('end', HALF)] });
    expect((await tool.run(['download', 'call', ...LOGGED])).exitCode).toBe(0);
    expect(sha256(await tool.read('call.wav'))).toBe(sha256(server.object('call').bytes));
    expect(ranges(server)).toEqual(['whole', 'whole', 'whole']);
    expect(tool.files()).toEqual(['call.wav']);
  });

  it.for<EtagKind>(['md5', 'multipart', 'none'])('and is whole where the body came in chunks: ETag %s', async (etag, { tool, server }) => {
    server.plan('call', { object: storedObject('call', { etag }), store: [cut('end', HALF, { end: 'chunks' }), send({ end: 'chunks' })] });
    expect((await tool.run(['download', 'call', ...LOGGED])).exitCode).toBe(0);
    expect(sha256(await tool.read('call.wav'))).toBe(sha256(server.object('call').bytes));
    expect(ranges(server)[1]).toBe(etag === 'none' ? 'whole' : `bytes=${HALF}-`);
  });
});
