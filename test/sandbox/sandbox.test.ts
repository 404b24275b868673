import { once } from 'node:events';
import { createServer } from 'node:http';
import { type AddressInfo, connect } from 'node:net';
import { afterEach, expect, test } from 'vitest';
import { type Sandbox, SPECIAL_IDS, startSandbox } from '../../src/sandbox/sandbox.ts';
import { ask, type Reply, startTestSandbox } from './requests.ts';

const started: Sandbox[] = [];

async function start(options?: Parameters<typeof startSandbox>[0]): Promise<Sandbox> {
  const sandbox = await startSandbox(options);
  started.push(sandbox);
  return sandbox;
}

afterEach(async () => {
  await Promise.all(started.splice(0).map((sandbox) => sandbox.close()));
});

test('tells a base URL on loopback, and credentials that look like real ones', async () => {
  const { baseUrl, sid, apiKey } = await start();
  expect(baseUrl).toMatch(/^http:\/\/127\.0\.0\.1:[1-9]\d*\/v1$/);
  expect(sid).toMatch(/^HX[A-Z]{2}\d{10}[A-Z]{2}$/);
  expect(apiKey).toMatch(/^A[0-9a-f]{32}$/);
});

test('two of them stand side by side, under one SID and different keys', async () => {
  const [one, two] = [await start(), await start()];
  expect(one.baseUrl).not.toBe(two.baseUrl);
  expect(one.apiKey).not.toBe(two.apiKey);
  expect(one.sid).toBe(two.sid);
});

test('exports the table of special ids', () => {
  expect(SPECIAL_IDS.map(({ id }) => id)).toContain('sandbox-invalid');
});

test('a port that is taken is a usage error that names the flag', async () => {
  const other = createServer().listen(0, '127.0.0.1');
  await once(other, 'listening');
  const { port } = other.address() as AddressInfo;
  await expect(startSandbox({ port })).rejects.toMatchObject({ code: 'USAGE', hint: expect.stringContaining('--port') });
  other.close();
});

test.each([65_536, -1, 1.5])('a port %d is a usage error', async (port) => {
  await expect(startSandbox({ port })).rejects.toMatchObject({ code: 'USAGE' });
});

test('what it does not serve is 404, and says where the endpoint is', async () => {
  const { baseUrl, sid } = await start();
  const origin = baseUrl.slice(0, -3);
  for (const path of ['/', '/v1', `/v1/${sid}/voice`, '/store/sandbox-1/recordings/', '/store/../x', '//', '/%']) {
    const reply = await ask(`${origin}${path}`);
    expect(reply.status, path).toBe(404);
    expect(reply.text).toContain(`${baseUrl}/${sid}/voice/recordings`);
  }
});

test('closing ends answers under way at once, and can be asked for twice', async () => {
  const sandbox = await startTestSandbox();
  started.push(sandbox);
  const silentEnd = expect(sandbox.post('sandbox-silent')).rejects.toMatchObject({ code: 'ECONNRESET' });
  const idle = connect(Number(new URL(sandbox.baseUrl).port), '127.0.0.1');
  const idleClosed = once(idle, 'close');
  const link = await sandbox.link('sandbox-stalled');
  let half: Promise<Reply> | undefined;
  await new Promise<void>((resolve) => {
    half = ask(link, { onBytes: () => resolve() });
  });
  await Promise.all([sandbox.close(), sandbox.close()]);
  await Promise.all([silentEnd, idleClosed]);
  expect((await half)?.cut).toBe('ECONNRESET');
  await expect(ask(sandbox.baseUrl)).rejects.toMatchObject({ code: 'ECONNREFUSED' });
});

test('tells of each request in a line without key or signature', async () => {
  const sandbox = await startTestSandbox();
  started.push(sandbox);
  await sandbox.post('a b==');
  await sandbox.fetch('sandbox-size-1k', { Range: 'bytes=500-' });
  await sandbox.fetch('sandbox-truncated');
  await ask(`${sandbox.baseUrl}/%9b`);
  await expect.poll(() => sandbox.lines.length).toBe(6);
  const endpoint = `/v1/${sandbox.sid}/voice/recordings`;
  const [, , , , cut] = sandbox.lines;
  expect(sandbox.lines.filter((line) => line !== cut)).toEqual([
    `POST ${endpoint} id=a%20b%3D%3D 200`,
    `POST ${endpoint} id=sandbox-size-1k 200`,
    'GET /store/sandbox-1/recordings/sandbox-size-1k.wav bytes 500-1000 of 1000 206',
    `POST ${endpoint} id=sandbox-truncated 200`,
    'GET /v1/%9b 404',
  ]);
  expect(cut).toMatch(/^GET \/store\/sandbox-1\/recordings\/sandbox-truncated\.\w+ bytes 0-(\d+) of \1 200 \(cut off\)$/);
});
