import { once } from 'node:events';
import { type AddressInfo, connect } from 'node:net';
import { createServer as createTlsServer } from 'node:tls';
import { describe, expect } from 'vitest';
import { type ProxyManners, type SocksManners, startHttpProxy, startSocksProxy, type TestProxy } from '../helpers/proxies.ts';
import { selfSigned } from '../helpers/self-signed.js';
import { it as base } from '../helpers/tool-test.ts';

const PASSWORD = 'Sesame-Street-42';
const LOGIN = `me:${PASSWORD}`;

/** The sandbox behind TLS, with a certificate that only who is given it trusts. */
interface SecureFront {
  /** `127.0.0.1:port` */
  readonly host: string;
  /** How many handshakes were begun. */
  handshakes(): number;
}

const it = base.extend<{
  front: SecureFront;
  httpProxy: (manners?: ProxyManners) => Promise<TestProxy>;
  socksProxy: (manners?: SocksManners) => Promise<TestProxy>;
}>({
  front: async ({ tool, sandbox }, use) => {
    const { key, cert } = selfSigned();
    const target = new URL(sandbox.baseUrl);
    let handshakes = 0;
    const server = createTlsServer({ key, cert }, (socket) => {
      const upstream = connect(Number(target.port), target.hostname);
      socket.on('error', () => upstream.destroy());
      upstream.on('error', () => socket.destroy());
      socket.pipe(upstream).pipe(socket);
    });
    server.on('connection', () => {
      handshakes += 1;
    });
    server.on('tlsClientError', () => {});
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    const host = `127.0.0.1:${(server.address() as AddressInfo).port}`;
    tool.env.KALEYRA_BASE_URL = `https://${host}/v1`;
    tool.env.NODE_EXTRA_CA_CERTS = tool.path('ca.pem');
    await tool.write('ca.pem', cert);
    await use({ host, handshakes: () => handshakes });
    server.close();
  },
  // Whoever keeps the tool from the service, its password is nothing to print or to write.
  httpProxy: async ({ tool }, use) => {
    const proxies: TestProxy[] = [];
    tool.secrets.add(PASSWORD);
    await use(async (manners) => {
      const proxy = await startHttpProxy(manners);
      proxies.push(proxy);
      return proxy;
    });
    for (const proxy of proxies) await proxy.close();
  },
  socksProxy: async ({ tool }, use) => {
    const proxies: TestProxy[] = [];
    tool.secrets.add(PASSWORD);
    await use(async (manners) => {
      const proxy = await startSocksProxy(manners);
      proxies.push(proxy);
      return proxy;
    });
    for (const proxy of proxies) await proxy.close();
  },
});

/** What a proxy is asked for, each address once, without paths and queries. */
const destinations = ({ asked }: TestProxy) => [...new Set(asked.map((line) => line.replace(/^(\w+ (?:http:\/\/)?[^/]*).*/, '$1')))].sort();

describe.concurrent('a proxy', () => {
  it('is tunnelled through to an https service, and sees nothing of the key', async ({ tool, sandbox, front, httpProxy }) => {
    const proxy = await httpProxy();
    const run = await tool.run(['download', 'sandbox-mp3', '-o', 'a.mp3', '-v', '--log-file', 'run.log'], {
      env: { HTTPS_PROXY: `http://${LOGIN}@${proxy.host}` },
    });
    expect(run.exitCode).toBe(0);
    expect((await tool.read('a.mp3')).equals(sandbox.bytes('sandbox-mp3'))).toBe(true);
    expect(destinations(proxy)).toContain(`CONNECT ${front.host}`);
    expect(proxy.authorizations[0]).toBe(LOGIN);
    expect(proxy.sent()).not.toContain(sandbox.apiKey);
    expect(proxy.sent().toLowerCase()).not.toContain('api-key');
    expect(run.err).toContain(`http://me:***@${proxy.host}`);
    expect(String(await tool.read('run.log'))).toContain(`http://me:***@${proxy.host}`);
  });

  it.for([
    ['lower case', (host: string) => ({ https_proxy: `http://${host}` })],
    ['all_proxy', (host: string) => ({ all_proxy: `http://${host}` })],
    ['no scheme', (host: string) => ({ HTTPS_PROXY: host })],
    ['user and password without a scheme', (host: string) => ({ HTTPS_PROXY: `${LOGIN}@${host}` })],
  ] as const)('is found by %s', async ([, env], { tool, front, httpProxy }) => {
    const proxy = await httpProxy();
    const run = await tool.run(['link', 'one', '-v'], { env: env(proxy.host) });
    expect(run.exitCode).toBe(0);
    expect(proxy.asked).toEqual([`CONNECT ${front.host}`]);
  });

  it('is asked for whole addresses by http: service and store, a batch of them', async ({ tool, sandbox, httpProxy }) => {
    const proxy = await httpProxy();
    const run = await tool.run(['batch', '-', '--json', '-q'], {
      stdin: 'one\ntwo\nthree\n',
      env: { http_proxy: `http://${LOGIN}@${proxy.host}` },
    });
    expect(run.json().at(-1)?.summary).toMatchObject({ saved: 3 });
    expect(sandbox.questions()).toBe(3);
    expect(proxy.asked).toHaveLength(6);
    expect(proxy.asked.filter((line) => line.startsWith(`POST ${sandbox.baseUrl}/`))).toHaveLength(3);
    expect(new Set(proxy.authorizations)).toEqual(new Set([LOGIN]));
  });

  it('may be a SOCKS proxy', async ({ tool, sandbox, front, socksProxy }) => {
    const proxy = await socksProxy({ login: LOGIN });
    const run = await tool.run(['download', 'sandbox-wav', '-o', 'a.wav', '-v'], { env: { ALL_PROXY: `socks5://${LOGIN}@${proxy.host}` } });
    expect(run.exitCode).toBe(0);
    expect((await tool.read('a.wav')).equals(sandbox.bytes('sandbox-wav'))).toBe(true);
    expect(proxy.asked).toContain(`SOCKS ${front.host}`);
  });

  it('is passed by where NO_PROXY says so', async ({ tool, front: _, httpProxy }) => {
    const proxy = await httpProxy();
    for (const NO_PROXY of ['127.0.0.1', 'localhost,127.0.0.1', '*']) {
      expect((await tool.run(['link', 'one'], { env: { ALL_PROXY: `http://${proxy.host}`, NO_PROXY } })).exitCode).toBe(0);
    }
    expect(proxy.asked).toEqual([]);
  });

  it.for(['http', 'https', 'socks5h'])(
    'elsewhere (%s) is passed by for a service on this machine',
    async (scheme, { tool, sandbox: _ }) => {
      expect((await tool.run(['link', 'one'], { env: { ALL_PROXY: `${scheme}://proxy.invalid:3128` } })).exitCode).toBe(0);
    },
  );
});

it('of https is not asked for anything where no certificate is checked', async ({ tool, front, sandbox: _ }) => {
  for (const argv of [
    ['link', 'one'],
    ['batch', '-'],
    ['auth', 'status', '--check'],
  ]) {
    const run = await tool.run(argv, { stdin: 'one\n', env: { NODE_TLS_REJECT_UNAUTHORIZED: '0' } });
    expect(run.exitCode).toBe(2);
    expect(run.err).toContain('error: NODE_TLS_REJECT_UNAUTHORIZED=0 turns off the check of certificates');
  }
  expect(front.handshakes()).toBe(0);
});

describe.concurrent('a proxy in the way', () => {
  it.for([
    [403, 1],
    [407, 1],
    [503, 2],
  ] as const)(
    'that refuses with %i is not taken for the service, and is asked %i times',
    async ([status, times], { tool, sandbox, front: _, httpProxy }) => {
      const proxy = await httpProxy({ answer: `HTTP/1.1 ${status} Invalid Id\r\nRetry-After: 0\r\nContent-Length: 10\r\n\r\nInvalid Id` });
      const run = await tool.run(['link', 'one', '--json', '--retries', '1'], { env: { HTTPS_PROXY: `http://${LOGIN}@${proxy.host}` } });
      expect(run.exitCode).toBe(6);
      expect(run.errLines).toEqual([
        ...(times === 2 ? run.errLines.slice(0, -2) : []),
        expect.stringContaining(`The proxy (${proxy.host}) does not let the connection through (HTTP ${status})`),
        expect.stringMatching(/^hint: ./),
      ]);
      expect(run.json()).toMatchObject([{ id: 'one', status: 'failed', error: { code: 'NETWORK', retryable: status === 503 } }]);
      expect(proxy.asked).toHaveLength(times);
      expect(sandbox.requests()).toBe(0);
    },
  );

  it('that refuses the user of a batch leaves every row for another run', async ({ tool, front: _, httpProxy }) => {
    const proxy = await httpProxy({ answer: 'HTTP/1.1 407 Who\r\n\r\n' });
    const run = await tool.run(['batch', '-', '--json', '-q'], {
      stdin: 'one\ntwo\n',
      env: { HTTPS_PROXY: `http://${LOGIN}@${proxy.host}` },
    });
    expect(run.exitCode).toBe(9);
    expect(run.json().at(-1)?.summary).toMatchObject({ failed: 2, gone: 0 });
    expect(String(await tool.read('recordings/failed.txt'))).toBe('one\ntwo\n');
  });

  it.for(['http', 'socks5'])('that is dead (%s) is named', async (scheme, { tool, front: _, httpProxy }) => {
    const proxy = await httpProxy();
    await proxy.close();
    const run = await tool.run(['link', 'one', '--retries', '0'], { env: { HTTPS_PROXY: `${scheme}://${LOGIN}@${proxy.host}` } });
    expect(run.exitCode).toBe(6);
    expect(run.errLines[0]).toContain(proxy.host);
    expect(run.errLines[1]).toContain('HTTPS_PROXY');
  });

  it.for(['silent', 'end', 'reset'] as const)(
    'that is %s does not keep the tool from ending',
    async (turns, { tool, front: _, httpProxy }) => {
      const proxy = await httpProxy({ turns });
      const run = await tool.run(['link', 'one', '--retries', '0', '--timeout', '0.5'], { env: { HTTPS_PROXY: `http://${proxy.host}` } });
      expect(run.exitCode).toBe(6);
      expect(run.errLines).toHaveLength(2);
      expect(run.errLines[0]).toContain(proxy.host);
    },
  );

  it('that cannot be one is a usage error', async ({ tool, front: _, httpProxy: __ }) => {
    for (const HTTPS_PROXY of ['http://', 'gopher://127.0.0.1:70', `http://me:100%${PASSWORD}@127.0.0.1`]) {
      const run = await tool.run(['link', 'one', '-v'], { env: { HTTPS_PROXY, NO_PROXY: '' }, printsSecrets: false });
      expect(run.exitCode, HTTPS_PROXY).toBe(2);
      expect(run.err).toContain('HTTPS_PROXY');
    }
  });
});

describe.concurrent('a certificate', () => {
  it('that is trusted by NODE_EXTRA_CA_CERTS is fine', async ({ tool, front: _ }) => {
    expect((await tool.run(['link', 'one'])).exitCode).toBe(0);
  });

  it.for([
    ['link', ['link', 'one'], 6],
    ['download', ['download', 'one', '-o', 'a.mp3'], 6],
    ['batch', ['batch', '-'], 9],
  ] as const)(
    'that is not trusted ends a %s without another try, naming NODE_EXTRA_CA_CERTS',
    async ([, argv, code], { tool, sandbox, front }) => {
      const run = await tool.run([...argv, '--json'], { stdin: 'one\n', env: { NODE_EXTRA_CA_CERTS: '' } });
      expect(run.exitCode).toBe(code);
      expect(run.err).toContain('certificate that is not trusted');
      const { error } = run.json()[0] ?? {};
      expect(error).toMatchObject({ code: 'NETWORK', retryable: false, hint: expect.stringContaining('NODE_EXTRA_CA_CERTS') });
      expect(front.handshakes()).toBe(1);
      expect(sandbox.requests()).toBe(0);
    },
  );

  it('that is made out to another host is not trusted either', async ({ tool, front }) => {
    const baseUrl = `https://localhost:${front.host.split(':')[1]}/v1`;
    const run = await tool.run(['link', 'one', '--base-url', baseUrl]);
    expect(run.exitCode).toBe(6);
    expect(run.errLines).toEqual([expect.stringContaining('ERR_TLS_CERT_ALTNAME_INVALID'), expect.stringContaining('--base-url')]);
  });
});
