import { describe, expect } from 'vitest';
import type { Act, FaultServer } from './fault-server.ts';
import { it, LOGGED } from './fault-test.ts';
import { answer, cutAnswer, documentedFailure, giveLink, hangUp, nonsense, silence } from './service-acts.ts';
import { cut, sendError } from './store-acts.ts';
import { sha256 } from './stored-object.ts';

/** The times between one request to a side and the next, in milliseconds. */
function gaps(server: FaultServer, side: 'service' | 'store', id: string): number[] {
  const times = server.asked(side, id).map(({ at }) => at);
  return times.slice(1).map((at, index) => at - (times[index] ?? 0));
}

/** Nobody is tried again so often that the test gets long. */
const ONCE_MORE = ['--retries', '1', ...LOGGED];

/** Short where silence is the fault; else so long that a machine which stands still for a moment makes none of it. */
const patienceFor = (what: string) => ['--timeout', what === 'no answer in time' ? '1.5' : '20', '-v'];

describe.concurrent('a fault of the service that passes', () => {
  it.for<[string, Act]>([
    ['408', answer(408)],
    ['429', answer(429)],
    ['500', answer(500)],
    ['502 with a page', answer(502, { 'Content-Type': 'text/html' }, '<html><h1>Bad Gateway</h1></html>')],
    ['503', answer(503)],
    ['504', answer(504)],
    ['a reset before the answer', hangUp()],
    ['an answer cut in its middle', cutAnswer()],
    ['no answer in time', silence()],
  ])('%s: is asked again, and the recording saved', async ([what, act], { tool, server }) => {
    server.plan('call', { service: [act] });
    const run = await tool.run(['download', 'call', '--json', ...patienceFor(what)]);
    expect(run.exitCode).toBe(0);
    expect(run.json()).toEqual([expect.objectContaining({ status: 'saved', attempts: 2 })]);
    expect(sha256(await tool.read('call.wav'))).toBe(sha256(server.object('call').bytes));
    expect([server.asked('service').length, server.asked('store').length]).toEqual([2, 1]);
  });
});

describe.concurrent('a fault of the store that passes', () => {
  it.for<[string, Act]>([
    ['408', sendError(408, 'RequestTimeout')],
    ['429', sendError(429, 'TooManyRequests')],
    ['500', sendError(500, 'InternalError')],
    ['502', answer(502)],
    ['503', sendError(503, 'ServiceUnavailable')],
    ['503 SlowDown', sendError(503, 'SlowDown')],
    ['504', answer(504)],
    ['a reset before the answer', hangUp()],
    ['no answer in time', silence()],
  ])('%s: the same link is used again, and the recording saved', async ([what, act], { tool, server }) => {
    server.plan('call', { store: [act] });
    const run = await tool.run(['download', 'call', '--json', ...patienceFor(what)]);
    expect(run.exitCode).toBe(0);
    expect(run.json()).toEqual([expect.objectContaining({ status: 'saved', attempts: 2 })]);
    expect(sha256(await tool.read('call.wav'))).toBe(sha256(server.object('call').bytes));
    expect([server.asked('service').length, server.asked('store').length]).toEqual([1, 2]);
    expect(server.asked('store')[1]?.headers.range).toBeUndefined();
  });
});

describe.concurrent('a fault that does not pass', () => {
  it.for<[string, Act, exitCode: number, code: string]>([
    ['400', answer(400), 6, 'UNEXPECTED_RESPONSE'],
    ['401', answer(401), 3, 'CREDENTIALS_REJECTED'],
    ['403', answer(403), 3, 'CREDENTIALS_REJECTED'],
    ['"Invalid Id" under 400', documentedFailure('Invalid Id', 400), 4, 'RECORDING_NOT_FOUND'],
    ['"Invalid Id" under 200', documentedFailure('Invalid Id', 200), 4, 'RECORDING_NOT_FOUND'],
    ['"Invalid Id" under 404', documentedFailure('Invalid Id', 404), 4, 'RECORDING_NOT_FOUND'],
    ['"Invalid Id" under 500', documentedFailure('Invalid Id', 500), 4, 'RECORDING_NOT_FOUND'],
    ['"Id Expired" under 200', documentedFailure('Id Expired', 200), 5, 'RECORDING_EXPIRED'],
    ['"Id Expired" under 403', documentedFailure('Id Expired', 403), 5, 'RECORDING_EXPIRED'],
    ['"Id Expired" under 503', documentedFailure('Id Expired', 503), 5, 'RECORDING_EXPIRED'],
    ['a sign-in page under 200', answer(200, { 'Content-Type': 'text/html' }, '<html>Sign in</html>'), 6, 'UNEXPECTED_RESPONSE'],
    ['JSON without a link', answer(200, {}, '{"code":"RBC3000","message":"ok","data":{},"error":{}}'), 6, 'UNEXPECTED_RESPONSE'],
    ['a redirect to a sign-in page', answer(302, { Location: 'ftp://hotel.invalid/' }), 6, 'UNEXPECTED_RESPONSE'],
    ['something that is not HTTP', nonsense(), 6, 'UNEXPECTED_RESPONSE'],
  ])('of the service, %s: is asked once, and nothing is written', async ([, act, exitCode, code], { tool, server }) => {
    server.plan('call', { service: [act] });
    const run = await tool.run(['download', 'call', '--json', ...LOGGED]);
    expect(run).toMatchObject({ exitCode });
    expect(run.json()).toEqual([expect.objectContaining({ id: 'call', error: expect.objectContaining({ code }) })]);
    expect([server.asked('service').length, server.asked('store').length]).toEqual([1, 0]);
    expect(tool.files()).toEqual([]);
  });

  it('of the service, 404 without a word: is asked by the other method once, and nothing is written', async ({ tool, server }) => {
    server.plan('call', { service: [answer(404), answer(404)] });
    const run = await tool.run(['download', 'call', '--json', ...LOGGED]);
    expect(run).toMatchObject({ exitCode: 6 });
    expect(run.json()).toEqual([expect.objectContaining({ id: 'call', error: expect.objectContaining({ code: 'UNEXPECTED_RESPONSE' }) })]);
    expect(server.asked('service').map(({ method }) => method)).toEqual(['POST', 'GET']);
    expect(tool.files()).toEqual([]);
  });

  it.for<[string, Act]>([
    ['400', sendError(400, 'InvalidArgument')],
    ['403 AccessDenied', sendError(403, 'AccessDenied', 'Access Denied')],
    ['403 SignatureDoesNotMatch', sendError(403, 'SignatureDoesNotMatch')],
    ['404 NoSuchKey', sendError(404, 'NoSuchKey')],
  ])('of the store, %s: is asked once, and nothing is written', async ([, act], { tool, server }) => {
    server.plan('call', { store: [act] });
    const run = await tool.run(['download', 'call', '--json', ...LOGGED]);
    expect(run.exitCode).toBe(6);
    expect(run.json()).toEqual([expect.objectContaining({ error: expect.objectContaining({ code: 'UNEXPECTED_RESPONSE' }) })]);
    expect([server.asked('service').length, server.asked('store').length]).toEqual([1, 1]);
    expect(tool.files()).toEqual([]);
  });
});

describe.concurrent('--retries', () => {
  it.for([0, 2])('bounds how often is tried again: %i', async (retries, { tool, server }) => {
    server.otherwise = ({ side }) => (side === 'service' ? answer(503) : undefined);
    const run = await tool.run(['download', 'call', '--retries', String(retries), ...LOGGED]);
    expect(run.exitCode).toBe(6);
    expect(server.asked('service').length).toBe(retries + 1);
  });
});

describe.concurrent('a connection that cannot be made', () => {
  it('is tried again while the store is away, and the recording saved when it is back', async ({ tool, server, wire }) => {
    const proxy = await wire([]);
    await proxy.down();
    const running = tool.start(['download', 'call', ...LOGGED]);
    await running.until(({ err }) => /refused the connection\. Attempt 3/.test(err));
    await proxy.up();
    const run = await running.ended;
    expect(run.exitCode).toBe(0);
    expect(sha256(await tool.read('call.wav'))).toBe(sha256(server.object('call').bytes));
    expect(server.asked('service').length).toBe(1);
  });

  it('that stays refused ends with 6', async ({ tool, server, wire }) => {
    await (await wire([])).down();
    const run = await tool.run(['download', 'call', ...ONCE_MORE]);
    expect(run.exitCode).toBe(6);
    expect(run.err.match(/Attempt \d (?:in|at once)/g)).toHaveLength(1);
    expect(run.err).toMatch(/^error: .*refused the connection/m);
    expect(server.asked('service').length).toBe(1);
    expect(tool.files()).toEqual([]);
  });

  it('as its host has no address is tried again, and ends with 6', async ({ tool, server }) => {
    server.plan('call', { service: [giveLink((link) => link.replace(server.storeOrigin, `https://${NO_NAME}`))] });
    const run = await tool.run(['download', 'call', ...ONCE_MORE]);
    expect(run.exitCode).toBe(6);
    expect(run.err.match(/Attempt \d (?:in|at once)/g)).toHaveLength(1);
    expect(run.err).toMatch(/^error: .*nnn\.invalid.* does not resolve/m);
    expect(server.asked('service').length).toBe(1);
    expect(tool.files()).toEqual([]);
  });
});

/** A label is longer than any can be, so that no resolver is asked for it. */
const NO_NAME = `${'n'.repeat(64)}.invalid`;

describe.concurrent('Retry-After', () => {
  it.for<[side: 'service' | 'store', status: number]>([
    ['service', 503],
    ['service', 429],
    ['store', 503],
    ['store', 429],
  ])('in seconds is waited out: %s, %i', async ([side, status], { tool, server }) => {
    server.plan('call', { [side]: [answer(status, { 'Retry-After': '1' })] });
    expect((await tool.run(['download', 'call', ...LOGGED])).exitCode).toBe(0);
    expect(gaps(server, side, 'call')).toEqual([expect.toSatisfy((gap: number) => gap >= 950, 'at least a second')]);
  });

  it('as a date is waited out', async ({ tool, server }) => {
    const inTwoSeconds: Act = (turn) => {
      const at = Math.ceil(Date.now() / 1000) * 1000 + 1000;
      return answer(503, { 'Retry-After': new Date(at).toUTCString() })(turn);
    };
    server.plan('call', { service: [inTwoSeconds] });
    expect((await tool.run(['download', 'call', ...LOGGED])).exitCode).toBe(0);
    expect(gaps(server, 'service', 'call')).toEqual([expect.toSatisfy((gap: number) => gap >= 950, 'at least a second')]);
  });

  it('is honoured up to 2 minutes, and no longer', async ({ tool, server }) => {
    server.plan('call', { service: [answer(429, { 'Retry-After': '86400' })] });
    const running = tool.start(['download', 'call', ...LOGGED]);
    await running.until(({ err }) => /Attempt 2 in 2m 00s\./.test(err));
    running.kill('SIGINT');
    expect((await running.ended).exitCode).toBe(130);
    expect(server.asked('service').length).toBe(1);
  });
});

describe.concurrent('a "too many" in a batch', () => {
  it.for<[string, Act]>([
    ['a 429 of the service', answer(429, { 'Retry-After': '4' })],
    ['a SlowDown of the store', sendError(503, 'SlowDown', 'Please reduce your request rate.', { 'Retry-After': '4' })],
  ])('%s holds back all of it, not one request', async ([what, act], { tool, server }) => {
    const side = what.includes('429') ? 'service' : 'store';
    const ids = Array.from({ length: 12 }, (_, index) => `call-${index}`);
    server.plan('call-0', { [side]: [act] });
    // The others come slowly, so that there is always one about to begin.
    server.otherwise = (asked) => (asked.side === 'store' ? slowly : undefined);
    const run = await tool.run(['batch', '-', '-c', '3', '--json', ...LOGGED], { stdin: ids.join('\n') });
    expect(run.exitCode).toBe(0);
    const told = server.asked(side, 'call-0')[0]?.at ?? 0;
    const questions = server.asked('service').map(({ at }) => at - told);
    expect(questions.filter((at) => at > 1500 && at < 3900)).toEqual([]);
    expect(questions.filter((at) => at >= 3900).length).toBeGreaterThanOrEqual(6);
  });
});

describe.concurrent('a SlowDown of the store', () => {
  it('holds back what goes on with a transfer as well', async ({ tool, server }) => {
    server.plan('busy', { store: [sendError(503, 'SlowDown', 'Please reduce your request rate.', { 'Retry-After': '6' })] });
    // It breaks off once the tool has heard that the store is busy.
    const heard = () => running.until(({ err }) => err.includes('retry id=busy'));
    server.plan('broken', { store: [cut('reset', 150_000, { atCut: heard })] });
    const running = tool.start(['batch', '-', '-c', '2', '--json', ...LOGGED], { stdin: 'busy\nbroken\n' });
    const run = await running.ended;
    expect(run.exitCode).toBe(0);
    const told = server.asked('store', 'busy')[0]?.at ?? 0;
    const resumed = server.asked('store', 'broken')[1];
    expect(resumed?.headers.range).toMatch(/^bytes=[1-9]\d*-$/);
    expect((resumed?.at ?? 0) - told).toBeGreaterThan(5900);
  });
});

const slowly: Act = async ({ object, response }) => {
  response.writeHead(200, { 'Content-Length': object.bytes.length, ETag: object.etag ?? '' });
  response.write(object.bytes.subarray(0, 1000));
  setTimeout(() => response.end(object.bytes.subarray(1000)), 300);
};
