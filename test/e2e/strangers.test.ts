import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { type AddressInfo, createServer as createTcpServer, type Socket } from 'node:net';
import { describe, expect } from 'vitest';
import { wavAudio } from '../../src/sandbox/audio.ts';
import { it as base } from '../helpers/tool-test.ts';

// What people report of other download tools, each tried on this one.

type Answer = (request: IncomingMessage, response: ServerResponse, nth: number) => void;

/** A service and a store in one, on loopback: each request to the service is redirected to `/call.wav`, unless a test answers otherwise. */
interface Host {
  origin: string;
  service: Answer;
  store: Answer;
  readonly asked: string[];
}

const WAV = Buffer.concat([...wavAudio(Buffer.alloc(32, 7), 4000).read(0, 4000)]);

const it = base.extend<{ host: Host }>({
  host: async ({ tool }, use) => {
    const host: Host = {
      origin: '',
      service: (_request, response) => void response.writeHead(301, { Location: `${host.origin}/call.wav` }).end(),
      store: (_request, response) => void response.writeHead(200, { 'Content-Type': 'audio/wav', 'Content-Length': WAV.length }).end(WAV),
      asked: [],
    };
    const server = createServer((request, response) => {
      request.resume();
      host.asked.push(`${request.method} ${request.url}`);
      const answer = request.url?.startsWith('/v1/') ? host.service : host.store;
      answer(request, response, host.asked.length);
    });
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    host.origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    Object.assign(tool.env, {
      KALEYRA_BASE_URL: `${host.origin}/v1`,
      KALEYRA_SID: 'HX1',
      KALEYRA_API_KEY: `A${'0123456789abcdef'.repeat(2)}`,
    });
    await use(host);
    server.closeAllConnections();
    server.close();
  },
});

describe.concurrent('informational answers', () => {
  it('before the answer are passed over, of the service and of the store', async ({ tool, host }) => {
    const { service, store } = host;
    const early =
      (then: Answer): Answer =>
      (request, response, nth) => {
        response.writeProcessing();
        response.writeEarlyHints({ link: '</other>; rel=preload', location: 'http://127.0.0.1:9/' }, () => then(request, response, nth));
      };
    Object.assign(host, { service: early(service), store: early(store) });
    expect((await tool.run(['download', 'one', '-o', 'a.wav'])).exitCode).toBe(0);
    expect((await tool.read('a.wav')).equals(WAV)).toBe(true);
  });
});

describe.concurrent('Retry-After', () => {
  it.for(['0.4', '1.0', ' 0 '])('%j, which is no whole number, is waited for all the same', async (seconds, { tool, host }) => {
    const { service } = host;
    host.service = (request, response, nth) =>
      nth === 1 ? void response.writeHead(429, { 'Retry-After': seconds }).end() : service(request, response, nth);
    const run = await tool.run(['download', 'one', '-v', '--retries', '1']);
    expect(run.exitCode).toBe(0);
    const [, delayMs] = /delayMs=(\d+)/.exec(run.err) ?? [];
    expect(Number(delayMs)).toBeGreaterThanOrEqual(Number(seconds) * 1000);
  });
});

describe.concurrent('a kept connection', () => {
  it('over which a proxy says 408 before it closes it costs no try', async ({ tool, host: _ }) => {
    let connections = 0;
    const server = createTcpServer((socket: Socket) => {
      connections += 1;
      let requests = 0;
      socket.on('error', () => {});
      socket.on('data', (bytes) => {
        if (!/^(?:GET|POST)/.test(String(bytes))) return;
        requests += 1;
        const { port } = server.address() as AddressInfo;
        const location = `http://127.0.0.1:${port}/call.wav`;
        const answer = String(bytes).startsWith('POST')
          ? `HTTP/1.1 301 Moved\r\nLocation: ${location}\r\nContent-Length: 0\r\n\r\n`
          : `HTTP/1.1 200 OK\r\nContent-Type: audio/wav\r\nContent-Length: ${WAV.length}\r\n\r\n`;
        if (requests === 1) {
          socket.write(answer);
          if (!String(bytes).startsWith('POST')) socket.write(WAV);
          setImmediate(() => socket.end('HTTP/1.1 408 Request Time-out\r\nContent-Length: 0\r\nConnection: close\r\n\r\n'));
        }
      });
    });
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    tool.env.KALEYRA_BASE_URL = `http://127.0.0.1:${(server.address() as AddressInfo).port}/v1`;
    const run = await tool.run(['batch', '-', '--json', '-q', '-c', '1', '--retries', '0'], { stdin: 'one\ntwo\nthree\n' });
    server.close();
    expect(run.json().at(-1)?.summary).toMatchObject({ saved: 3, failed: 0 });
    expect(connections).toBe(6);
  });

  it('over which 408 is the answer to the next request is no failure of it', async ({ tool, host }) => {
    const { service } = host;
    const seen = new WeakMap<Socket, number>();
    host.service = (request, response, nth) => {
      const times = (seen.get(request.socket) ?? 0) + 1;
      seen.set(request.socket, times);
      if (times === 1) service(request, response, nth);
      else response.writeHead(408, { Connection: 'close' }).end();
    };
    const run = await tool.run(['batch', '-', '--json', '-q', '-c', '1', '--retries', '0'], { stdin: 'one\ntwo\nthree\n' });
    expect(run.json().at(-1)?.summary).toMatchObject({ saved: 3, failed: 0 });
  });
});

describe.concurrent('a redirect', () => {
  it.for([
    ['a blank', '/a b.wav?x=1 2', '/a%20b.wav?x=1%202'],
    ['a fragment', '/call.wav#part', '/call.wav'],
    ['a quotation mark and braces', '/call.wav?f={"a"}', '/call.wav?f={"a"}'],
    ['blanks around it', '  /call.wav  ', '/call.wav'],
    ['capitals in the scheme', 'HTTP://127.0.0.1:PORT/call.wav', '/call.wav'],
  ] as const)('to an address with %s is followed', async ([, location, target], { tool, host }) => {
    host.service = (_request, response) =>
      void response.writeHead(301, { Location: location.replace('PORT', new URL(host.origin).port) }).end();
    const run = await tool.run(['download', 'one', '-o', 'a.wav']);
    expect(run.errLines.filter((line) => line.startsWith('error'))).toEqual([]);
    expect(host.asked.at(-1)).toBe(`GET ${target}`);
  });
});

describe.concurrent('a 403 with a web page', () => {
  it('is told as what a firewall may have sent', async ({ tool, host }) => {
    host.service = (_request, response) =>
      void response.writeHead(403, { 'Content-Type': 'text/html' }).end('<!DOCTYPE html><title>Just a moment...</title>');
    const run = await tool.run(['link', 'one']);
    expect(run.exitCode).toBe(3);
    expect(run.err).toMatch(/web page/);
    expect(run.err).toMatch(/firewall|proxy/);
  });

  it.for([202, 200])('or a %i without a word says what came', async (status, { tool, host }) => {
    host.service = (_request, response) =>
      void response.writeHead(status, { 'Content-Type': 'text/html', 'x-amzn-waf-action': 'challenge' }).end();
    const run = await tool.run(['link', 'one', '--retries', '0']);
    expect(run.exitCode).toBe(6);
    expect(run.err).toContain('nothing at all');
  });
});
