import { once } from 'node:events';
import { createServer as createTlsServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { describe, expect, onTestFinished, test } from 'vitest';
import { routeChooser } from '../../src/http/agents.ts';
import { serviceTransport } from '../../src/http/service.ts';
import { storeTransport } from '../../src/http/store.ts';
import { eventually } from '../helpers/eventually.ts';
import { type ProxyManners, type SocksManners, startHttpProxy, startSocksProxy, type TestProxy } from '../helpers/proxies.ts';
import { selfSigned } from '../helpers/self-signed.js';
import { calm, closedAddress, readAll, startServer } from './servers.ts';

const KEY = 'A0123456789abcdef0123456789abcdef';
const PASSWORD = 'p@ss/w%rd';
const LOGIN = `user:${encodeURIComponent(PASSWORD)}`;
/** What the environment names; the process's own is never looked at. */
let environment: Record<string, string> = {};

function setEnv(env: Record<string, string>): void {
  environment = env;
}

async function httpProxy(manners?: ProxyManners): Promise<TestProxy> {
  const proxy = await startHttpProxy(manners);
  onTestFinished(() => proxy.close());
  return proxy;
}

async function socksProxy(manners?: SocksManners): Promise<TestProxy> {
  const proxy = await startSocksProxy(manners);
  onTestFinished(() => proxy.close());
  return proxy;
}

/** A service with a certificate that nobody trusts. */
async function secureServer(): Promise<number> {
  const server = createTlsServer(selfSigned(), (_request, response) => response.end('secure'));
  onTestFinished(() => void server.close());
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return (server.address() as AddressInfo).port;
}

/** Asks a service by POST, with the key, as the environment says. */
function ask(base: string | URL, { timeoutMs = 5000, form = 'id=a%2Bb' } = {}) {
  const baseUrl = new URL(base);
  const transport = serviceTransport({ baseUrl, apiKey: KEY, timeoutMs, chooseRoute: routeChooser(environment) });
  return transport({ method: 'POST', url: new URL('/v1/S/voice/recordings?id=a%2Bb', baseUrl), form, signal: calm });
}

const portOf = (url: URL) => Number(url.port);
const thrown = (promise: Promise<unknown>) =>
  promise.then(
    () => expect.fail('it did not fail'),
    (error: unknown) => error as { code: string; message: string; hint: string; retryable: boolean },
  );

describe('a request for which the environment names a proxy', () => {
  test.each([
    ['HTTP_PROXY', 'http://'],
    ['http_proxy', 'http://'],
    ['ALL_PROXY', 'http://'],
    ['all_proxy', 'http://'],
    ['HTTP_PROXY', ''],
    ['all_proxy', ''],
  ])('goes through it: %s, written as %j and its host', async (name, scheme) => {
    const server = await startServer((response) => response.end('ok'));
    const proxy = await httpProxy({ port: portOf(server.url) });
    setEnv({ [name]: `${scheme}${proxy.host}` });
    expect(await ask('http://service.test')).toMatchObject({ status: 200, body: 'ok' });
    expect(proxy.asked).toEqual(['POST http://service.test/v1/S/voice/recordings?id=a%2Bb']);
    expect(server.received).toMatchObject([{ body: 'id=a%2Bb', headers: { host: 'service.test', 'api-key': KEY } }]);
  });

  test('prefers the variable of its scheme to ALL_PROXY, and lower case to capitals', async () => {
    const server = await startServer((response) => response.end('ok'));
    const [right, wrong] = [await httpProxy({ port: portOf(server.url) }), await closedAddress()];
    setEnv({ http_proxy: `http://${right.host}`, HTTP_PROXY: wrong.href, ALL_PROXY: wrong.href, HTTPS_PROXY: wrong.href });
    expect(await ask('http://service.test')).toMatchObject({ body: 'ok' });
  });

  test('asks again over the same connection', async () => {
    const server = await startServer((response) => response.end('ok'));
    const proxy = await httpProxy({ port: portOf(server.url) });
    setEnv({ HTTP_PROXY: `http://${proxy.host}` });
    const store = storeTransport({ timeoutMs: 5000, stallTimeoutMs: 5000, localAllowed: true, chooseRoute: routeChooser(environment) });
    for (const path of ['/one?a=1', '/two']) {
      const answer = await store(new URL(path, 'http://store.test:8080'), undefined, calm);
      expect(await readAll(answer)).toBe('ok');
    }
    expect(proxy.asked).toEqual(['GET http://store.test:8080/one?a=1', 'GET http://store.test:8080/two']);
    expect(proxy.open()).toBe(1);
  });

  test('shows the proxy its user name and password, and nobody else', async () => {
    const server = await startServer((response) => response.end('ok'));
    const proxy = await httpProxy({ port: portOf(server.url) });
    setEnv({ HTTP_PROXY: `http://${LOGIN}@${proxy.host}` });
    await ask('http://service.test');
    expect(proxy.authorizations).toEqual([`user:${PASSWORD}`]);
    expect(server.received[0]?.headers['proxy-authorization']).toBeUndefined();
  });

  test('does not show them in an error', async () => {
    const dead = await closedAddress();
    setEnv({ ALL_PROXY: `http://${LOGIN}@${dead.host}` });
    for (const base of ['http://service.test', 'https://service.test']) {
      const error = await thrown(ask(base));
      expect(error).toMatchObject({ code: 'NETWORK', retryable: true });
      expect(error.message).toContain(dead.host);
      expect(`${error.message} ${error.hint}`).toContain('HTTPS_PROXY');
      expect(`${error.message} ${error.hint}`).not.toMatch(/user:|p%40ss|p@ss/);
    }
  });

  test.each([
    ['https_proxy', 'http://service.test'],
    ['http_proxy', 'https://service.test'],
  ])('takes none that is for the other scheme: %s for %s', async (name, base) => {
    setEnv({ [name]: 'http://proxy.test:3128' });
    expect(await routeChooser(environment)(new URL(base))).not.toHaveProperty('proxy');
  });
});

describe('an address on loopback', () => {
  test.each(['http://proxy.test:3128', 'socks5://10.0.0.1', 'proxy.test:3128'])('is reached straight past %s', async (proxy) => {
    const server = await startServer((response) => response.end('straight'));
    setEnv({ ALL_PROXY: proxy });
    expect(await ask(server.url)).toMatchObject({ body: 'straight' });
  });

  test('is reached through a proxy on loopback', async () => {
    const server = await startServer((response) => response.end('ok'));
    const proxy = await httpProxy();
    setEnv({ HTTP_PROXY: `http://${proxy.host}` });
    expect(await ask(server.url)).toMatchObject({ body: 'ok' });
    expect(proxy.asked).toEqual([`POST ${server.url.origin}/v1/S/voice/recordings?id=a%2Bb`]);
  });
});

describe('a tunnel', () => {
  test('leads to the other end and no further: the proxy sees neither key nor path', async () => {
    const proxy = await httpProxy({ port: await secureServer() });
    setEnv({ HTTPS_PROXY: `http://${LOGIN}@${proxy.host}` });
    const error = await thrown(ask('https://service.test'));
    // The handshake got as far as the server behind the proxy.
    expect(error).toMatchObject({ code: 'NETWORK', retryable: false });
    expect(error.message).toContain(`service.test, through the proxy ${proxy.host}) showed a certificate that is not trusted`);
    expect(error.hint).toContain('NODE_EXTRA_CA_CERTS');
    expect(proxy.asked).toEqual(['CONNECT service.test:443']);
    expect(proxy.authorizations).toEqual([`user:${PASSWORD}`]);
    expect(proxy.sent()).not.toContain(KEY);
    expect(proxy.sent()).not.toContain('recordings');
  });

  test.each([
    'HTTP/1.1 200 OK\r\n\r\n',
    'HTTP/1.0 200 Connection established\r\nProxy-Agent: x\r\n\r\n',
    'HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n',
    'HTTP/1.1 200 CONNECT OK\r\nTransfer-Encoding: chunked\r\n\r\n',
    'HTTP/1.1 204 No Content\r\n\r\n',
  ])('is made by %j', async (established) => {
    const proxy = await httpProxy({ port: await secureServer(), established });
    setEnv({ HTTPS_PROXY: `http://${proxy.host}` });
    // As far as the handshake with the server behind the proxy.
    expect((await thrown(ask('https://service.test'))).message).toContain('showed a certificate that is not trusted');
  });

  test.each([
    [403, false, /NO_PROXY/],
    [407, false, /user name and password/],
    [502, true, /NO_PROXY/],
    [503, true, /NO_PROXY/],
  ])('that is refused with %i is not the answer of the service; retryable: %s', async (status, retryable, hint) => {
    const page = '{"code":"RBC31XX","message":"Invalid Id","error":{"id":"Invalid id"}}';
    const proxy = await httpProxy({ answer: `HTTP/1.1 ${status} No\r\nContent-Length: ${page.length}\r\n\r\n${page}` });
    setEnv({ HTTPS_PROXY: `http://${proxy.host}` });
    const error = await thrown(ask('https://service.test'));
    expect(error).toMatchObject({ code: 'NETWORK', retryable });
    expect(error.message).toBe(`The proxy (${proxy.host}) does not let the connection through (HTTP ${status}).`);
    expect(error.hint).toMatch(hint);
    expect(proxy.sent()).not.toContain(KEY);
  });

  test.each<[string, ProxyManners]>([
    ['ends', { turns: 'end' }],
    ['talks another language', { answer: 'SSH-2.0-OpenSSH_9.2\r\n\r\n' }],
    ['sends headers that are none', { answer: 'HTTP/1.1 200 OK\r\nnonsense\u001b[2J\r\n\r\n' }],
  ])('whose proxy %s is a fault of the proxy', async (_what, manners) => {
    const proxy = await httpProxy(manners);
    setEnv({ HTTPS_PROXY: `http://${proxy.host}` });
    expect(await thrown(ask('https://service.test'))).toMatchObject({
      code: 'NETWORK',
      message: `The proxy (${proxy.host}) did not make the connection.`,
      retryable: true,
    });
  });

  test('whose proxy resets it names the proxy', async () => {
    const proxy = await httpProxy({ turns: 'reset' });
    setEnv({ HTTPS_PROXY: `http://${proxy.host}` });
    const error = await thrown(ask('https://service.test'));
    expect(error.code).toBe('NETWORK');
    expect(error.message).toContain(`through the proxy ${proxy.host}`);
  });

  test('whose proxy says nothing is given up, and its connection closed', async () => {
    const proxy = await httpProxy({ turns: 'silent' });
    setEnv({ HTTPS_PROXY: `http://${proxy.host}` });
    const error = await thrown(ask('https://service.test', { timeoutMs: 150 }));
    expect(error.code).toBe('TIMEOUT');
    expect(error.message).toContain(proxy.host);
    await eventually(() => expect(proxy.open()).toBe(0));
  });
});

describe('a proxy that is reached by https', () => {
  test.each(['http://service.test', 'https://service.test'])(
    'must show a certificate that is trusted, before it is told anything of %s',
    async (base) => {
      setEnv({ ALL_PROXY: `https://${LOGIN}@127.0.0.1:${await secureServer()}` });
      const error = await thrown(ask(base));
      expect(error).toMatchObject({ code: 'NETWORK', retryable: false });
      expect(error.message).toContain('not trusted');
      expect(error.hint).toContain('NODE_EXTRA_CA_CERTS');
    },
  );
});

describe('a SOCKS proxy', () => {
  test.each(['socks5h', 'socks'])('by %s is told the name, and resolves it', async (scheme) => {
    const server = await startServer((response) => response.end('ok'));
    const proxy = await socksProxy({ port: portOf(server.url) });
    setEnv({ ALL_PROXY: `${scheme}://${proxy.host}` });
    expect(await ask('http://service.test')).toMatchObject({ body: 'ok' });
    expect(proxy.asked).toEqual(['SOCKS service.test:80']);
  });

  test('by socks5 is told the address', async () => {
    const server = await startServer((response) => response.end('ok'));
    const proxy = await socksProxy();
    setEnv({ ALL_PROXY: `socks5://${proxy.host}` });
    expect(await ask(server.url)).toMatchObject({ body: 'ok' });
    expect(proxy.asked).toEqual([`SOCKS ${server.url.host}`]);
  });

  test('gets user name and password', async () => {
    const server = await startServer((response) => response.end('ok'));
    const proxy = await socksProxy({ port: portOf(server.url), login: `user:${PASSWORD}` });
    setEnv({ ALL_PROXY: `socks5h://${LOGIN}@${proxy.host}` });
    expect(await ask('http://service.test')).toMatchObject({ body: 'ok' });
    expect(proxy.authorizations).toEqual([`user:${PASSWORD}`]);
  });

  test('carries https unseen', async () => {
    const proxy = await socksProxy({ port: await secureServer() });
    setEnv({ HTTPS_PROXY: `socks5h://${proxy.host}` });
    expect((await thrown(ask('https://service.test'))).message).toContain('not trusted');
    expect(proxy.asked).toEqual(['SOCKS service.test:443']);
    expect(proxy.sent()).not.toContain(KEY);
  });

  test.each<[string, SocksManners, RegExp]>([
    ['refuses the password', { login: 'someone:else' }, /uthentication failed/],
    ['refuses the connection', { reply: 2 }, /rejected/],
    ['ends', { turns: 'end' }, /closed/],
  ])('that %s is named, with what it said', async (_what, manners, said) => {
    const proxy = await socksProxy(manners);
    setEnv({ ALL_PROXY: `socks5h://${LOGIN}@${proxy.host}` });
    const error = await thrown(ask('http://service.test'));
    expect(error.code).toBe('NETWORK');
    expect(error.message).toMatch(new RegExp(`^The proxy \\(${proxy.host}\\) did not make the connection: .*${said.source}`));
    expect(`${error.message} ${error.hint}`).not.toMatch(/p@ss|p%40ss/);
  });

  test('that is not there is named', async () => {
    const dead = await closedAddress();
    setEnv({ ALL_PROXY: `socks5h://${dead.host}` });
    const error = await thrown(ask('http://service.test'));
    expect(error).toMatchObject({ code: 'NETWORK', retryable: true });
    expect(error.message).toContain(dead.host);
  });
});

describe('a proxy that cannot be one', () => {
  test.each(['http://', 'http://host:99999', 'ftp://proxy.test', 'http://user:100%@proxy.test', 'http://us%er:secret@proxy.test'])(
    'is a usage error that does not repeat it: %s',
    async (proxy) => {
      setEnv({ ALL_PROXY: proxy });
      for (const base of ['http://service.test', 'https://service.test']) {
        const error = await thrown(ask(base));
        expect(error.code).toBe('USAGE');
        expect(error.hint).toContain('HTTPS_PROXY');
        expect(`${error.message} ${error.hint}`).not.toMatch(/100%|secret/);
      }
    },
  );
});
