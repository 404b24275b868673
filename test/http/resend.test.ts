import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type LookupFunction, type Socket } from 'node:net';
import { Worker } from 'node:worker_threads';
import { describe, expect, onTestFinished, test } from 'vitest';
import { type ChooseRoute, routeChooser } from '../../src/http/agents.ts';
import { serviceTransport } from '../../src/http/service.ts';
import { storeTransport } from '../../src/http/store.ts';
import { calm, readAll } from './servers.ts';

const ANSWER = 'HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok';

/** What a server does with the nth request of a connection: answers it, or writes this and cuts the connection. */
type Manners = (nth: number, connection: number) => 'answer' | { cutAfter: string };

/** A server that answers in one piece. Gives its address, and what has reached it as `connection.request`. */
async function startCutting(manners: Manners) {
  const reached: string[] = [];
  let connections = 0;
  const server = createServer((socket: Socket) => {
    connections += 1;
    const connection = connections;
    let nth = 0;
    socket.on('error', () => {});
    socket.on('data', () => {
      nth += 1;
      reached.push(`${connection}.${nth}`);
      const doing = manners(nth, connection);
      if (doing === 'answer') socket.write(ANSWER);
      else if (doing.cutAfter === '') socket.resetAndDestroy();
      else socket.end(doing.cutAfter);
    });
    onTestFinished(() => void socket.destroy());
  });
  onTestFinished(() => void server.close());
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return { url: new URL(`http://127.0.0.1:${(server.address() as AddressInfo).port}`), reached };
}

const sides = {
  service(url: URL, chooseRoute?: ChooseRoute) {
    const ask = serviceTransport({ baseUrl: url, apiKey: 'A123', timeoutMs: 20_000, ...(chooseRoute && { chooseRoute }) });
    return async () => (await ask({ method: 'POST', url: new URL('/x?id=1', url), form: 'id=1', signal: calm })).body;
  },
  store(url: URL, chooseRoute?: ChooseRoute) {
    const get = storeTransport({ timeoutMs: 20_000, stallTimeoutMs: 20_000, localAllowed: true, ...(chooseRoute && { chooseRoute }) });
    return async () => readAll(await get(url, undefined, calm));
  },
};

describe.each(['service', 'store'] as const)('a request to the %s', (side) => {
  test('that dies unanswered on a kept connection is sent again at once', async () => {
    const { url, reached } = await startCutting((nth) => (nth === 1 ? 'answer' : { cutAfter: '' }));
    const ask = sides[side](url);
    for (let round = 0; round < 3; round += 1) expect(await ask()).toBe('ok');
    expect(reached).toEqual(['1.1', '1.2', '2.1', '2.2', '3.1']);
  });

  test('that dies on every connection that was kept ends on a new one', async () => {
    const { url } = await startCutting((nth) => (nth === 1 ? 'answer' : { cutAfter: '' }));
    const ask = sides[side](url);
    await Promise.all([ask(), ask(), ask()]);
    expect(await Promise.all([ask(), ask(), ask()])).toEqual(['ok', 'ok', 'ok']);
  });

  test('that dies on a new connection is a failure', async () => {
    const { url, reached } = await startCutting(() => ({ cutAfter: '' }));
    await expect(sides[side](url)()).rejects.toMatchObject({ code: 'NETWORK' });
    expect(reached).toEqual(['1.1']);
  });

  test('whose answer breaks off on a kept connection is a failure', async () => {
    const { url, reached } = await startCutting((nth) => (nth === 1 ? 'answer' : { cutAfter: ANSWER.slice(0, -1) }));
    const ask = sides[side](url);
    await ask();
    await expect(ask()).rejects.toMatchObject({ code: 'NETWORK' });
    expect(reached).toEqual(['1.1', '1.2']);
  });

  test('waits for a slow handshake where the other address of the name is dead', async () => {
    const slow = await startSlowToAccept();
    const lookup: LookupFunction = (_host, _options, done) =>
      done(null, [
        { address: '127.0.0.1', family: 4 },
        // Nobody listens here.
        { address: '127.0.0.2', family: 4 },
      ]);
    const straight = routeChooser({}, lookup);
    const chooseRoute: ChooseRoute = async (url, attemptMs) => {
      // By now the first address was given up once.
      if (attemptMs !== undefined) slow.accept();
      return straight(url, attemptMs);
    };
    expect(await sides[side](new URL(`http://slow.test:${slow.port}`), chooseRoute)()).toBe('ok');
  });
});

const SERVER = `
const { workerData: gate, parentPort } = require('node:worker_threads');
const server = require('node:http').createServer((request, response) => response.end('ok'));
server.listen({ port: 0, host: '127.0.0.1', backlog: 1 }, () => {
  parentPort.postMessage(server.address().port);
  Atomics.wait(gate, 0, 0);
});
`;

/** A server whose queue of connections is full: no handshake with it ends before it accepts. */
async function startSlowToAccept() {
  const gate = new Int32Array(new SharedArrayBuffer(4));
  const worker = new Worker(SERVER, { eval: true, workerData: gate });
  const [port] = (await once(worker, 'message')) as [number];
  const waiting: Socket[] = [];
  for (let full = false; !full; ) {
    const socket = connect(port, '127.0.0.1');
    socket.on('error', () => {});
    waiting.push(socket);
    const connected = once(socket, 'connect').then(() => false);
    full = await Promise.race([connected, new Promise<true>((resolve) => void setTimeout(() => resolve(true), 200))]);
  }
  const accept = () => {
    for (const socket of waiting) socket.destroy();
    Atomics.store(gate, 0, 1);
    Atomics.notify(gate, 0);
  };
  onTestFinished(async () => {
    accept();
    await worker.terminate();
  });
  return { port, accept };
}
