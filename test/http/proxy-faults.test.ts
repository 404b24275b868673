import { once } from 'node:events';
import http, { type IncomingMessage } from 'node:http';
import https, { createServer as createTlsServer } from 'node:https';
import { type AddressInfo, createServer as createTcpServer } from 'node:net';
import { HttpProxyAgent } from 'http-proxy-agent';
import { HttpsProxyAgent } from 'https-proxy-agent';
import { describe, expect, onTestFinished, test } from 'vitest';
import { proxyAgent } from '../../src/http/proxy-agents.ts';
import { eventually } from '../helpers/eventually.ts';
import { type ProxyManners, startHttpProxy } from '../helpers/proxies.ts';
import { selfSigned } from '../helpers/self-signed.js';

// For each fault of the libraries that proxy-agents.ts mends: the library alone still has it, and with us it is gone. Where a test of the
// library fails, the library has mended it, and the mending can go.

async function httpProxy(manners: ProxyManners) {
  const proxy = await startHttpProxy(manners);
  onTestFinished(() => proxy.close());
  return { proxy, address: new URL(`http://${proxy.host}`) };
}

/** A server that answers nothing but its first line, and keeps what it is sent. */
async function forwardingProxy() {
  let sent = '';
  const server = createTcpServer((socket) => {
    socket.on('error', () => {});
    socket.on('data', (chunk) => {
      sent += chunk;
      if (sent.includes('the body')) socket.end('HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n');
    });
  });
  onTestFinished(() => void server.close());
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return { address: new URL(`http://127.0.0.1:${(server.address() as AddressInfo).port}`), sent: () => sent };
}

describe.each<[who: string, make: (proxy: URL) => Promise<http.Agent>, times: number, target: string]>([
  ['http-proxy-agent', async (proxy) => new HttpProxyAgent(proxy), 2, 'http://service.test/b?x=1'],
  ['our agent', (proxy) => proxyAgent(proxy, false, {}), 1, 'http://service.test/a/../b?x=1'],
])('%s', (_who, make, times, target) => {
  test(`asks a POST for ${target}, and sends its head ${times} times`, async () => {
    const { address, sent } = await forwardingProxy();
    const request = http.request('http://service.test/', { method: 'POST', path: '/a/../b?x=1', agent: await make(address) });
    request.flushHeaders();
    setImmediate(() => request.end('the body'));
    await once(request, 'response');
    expect(sent().match(/^POST /gm)).toHaveLength(times);
    expect(sent()).toContain(`POST ${target} HTTP/1.1`);
  });
});

const theirs = async (proxy: URL): Promise<http.Agent> => new HttpsProxyAgent(proxy);
const ours = (proxy: URL) => proxyAgent(proxy, true, {});

describe('a request that is given up while the proxy says nothing', () => {
  test.each([
    ['https-proxy-agent', 1, theirs],
    ['our agent', 0, ours],
  ] as const)('leaves with %s %i connections open', async (_who, open, make) => {
    const { proxy, address } = await httpProxy({ turns: 'silent' });
    const request = https.request('https://service.test/', { agent: await make(address) });
    request.on('error', () => {});
    request.end();
    await eventually(() => expect(proxy.sent()).toContain('CONNECT'));
    request.destroy(new Error('given up'));
    await eventually(() => expect(proxy.open()).toBe(open));
  });
});

describe("a proxy's refusal", () => {
  const refusing = { answer: 'HTTP/1.1 403 No\r\ncontent-length: 0\r\n\r\n' };

  test('passes for the answer of the service with https-proxy-agent', async () => {
    const { address } = await httpProxy(refusing);
    const [response] = (await once(https.get('https://service.test/', { agent: await theirs(address) }), 'response')) as [IncomingMessage];
    expect(response.statusCode).toBe(403);
  });

  test('is an error with our agent', async () => {
    const { address } = await httpProxy(refusing);
    const request = https.get('https://service.test/', { agent: await ours(address) });
    await expect(once(request, 'response')).rejects.toMatchObject({ code: 'NETWORK' });
  });
});

describe('a tunnel that is made with 204', () => {
  const accepting = { established: 'HTTP/1.1 204 No Content\r\n\r\n' };

  test('is a refusal with https-proxy-agent, and the way to the service with our agent', async () => {
    const { key, cert } = selfSigned();
    const server = createTlsServer({ key, cert }, (_request, response) => response.end('ok'));
    onTestFinished(() => void server.close());
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    const { address } = await httpProxy({ ...accepting, port: (server.address() as AddressInfo).port });
    const statuses: unknown[] = [];
    for (const make of [theirs, ours]) {
      const request = https.get('https://127.0.0.1/', { agent: await make(address), ca: cert });
      const [response] = (await once(request, 'response')) as [IncomingMessage];
      statuses.push(response.statusCode);
    }
    expect(statuses).toEqual([204, 200]);
  });
});

describe('the certificate of a host that is an address', () => {
  test.each([
    ['https-proxy-agent', "does not match certificate's altnames: Host: localhost.", theirs],
    ['our agent', undefined, ours],
  ] as const)('is checked with %s against the right name, unless it says %j', async (_who, said, make) => {
    const { key, cert } = selfSigned();
    const server = createTlsServer({ key, cert }, (_request, response) => response.end('ok'));
    onTestFinished(() => void server.close());
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    const { port } = server.address() as AddressInfo;
    const { address } = await httpProxy({ port });
    const request = https.get(`https://127.0.0.1:${port}/`, { agent: await make(address), ca: cert });
    const outcome = await once(request, 'response').catch((error: Error) => error.message);
    if (said === undefined) expect(outcome).not.toBeTypeOf('string');
    else expect(outcome).toContain(said);
  });
});
