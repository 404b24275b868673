import type { LookupFunction } from 'node:net';
import { describe, expect, onTestFinished, test } from 'vitest';
import { routeChooser } from '../../src/http/agents.ts';
import { isLocalAddress, isLocalHost, publicLookup } from '../../src/http/local-addresses.ts';
import { storeTransport } from '../../src/http/store.ts';
import { calm, startServer } from './servers.ts';

const LOCAL = [
  '127.0.0.1',
  '127.255.255.254',
  '0.0.0.0',
  '0.1.2.3',
  '10.0.0.1',
  '172.16.0.1',
  '172.31.255.255',
  '192.168.1.1',
  '169.254.169.254',
  '100.64.0.1',
  '224.0.0.1',
  '255.255.255.255',
  '::',
  '::1',
  '::ffff:127.0.0.1',
  '::ffff:10.0.0.1',
  '::127.0.0.1',
  '::ffff:0:10.0.0.1',
  '64:ff9b::10.0.0.1',
  '64:ff9b:1::7f00:1',
  '2002:a00:1::1',
  'fc00::1',
  'fd12:3456::1',
  'fe80::1',
  'fe80::1%eth0',
  'fec0::1',
  'ff02::1',
  '2001::1',
];

const PUBLIC = ['172.32.0.1', '100.128.0.1', '9.255.255.255', '52.218.0.1', '2600:1fa0::1', '::ffff:52.218.0.1', '64:ff9b::52.218.0.1'];

describe('an address', () => {
  test.each(LOCAL)('%s lies in this network', (address) => {
    expect(isLocalAddress(address)).toBe(true);
  });

  test.each(PUBLIC)('%s does not', (address) => {
    expect(isLocalAddress(address)).toBe(false);
  });
});

describe('a host', () => {
  test.each([
    'localhost',
    'localhost.',
    'a.localhost',
    'a.localhost..',
    '127.0.0.1',
    '[::1]',
    '[::ffff:7f00:1]',
    '[fd00::1]',
    '192.168.0.1',
  ])('%s can be told to lie in this network', (host) => {
    expect(isLocalHost(host)).toBe(true);
  });

  test.each(['b.s3.amazonaws.com', 'localhost.example', 'mylocalhost', '[2600:1fa0::1]', '52.218.0.1', '127.0.0.1.nip.io'])(
    '%s cannot',
    (host) => {
      expect(isLocalHost(host)).toBe(false);
    },
  );
});

/** A resolver that knows one answer. */
function resolvesTo(...addresses: string[]): LookupFunction {
  return (_host, options, done) => {
    const found = addresses.map((address) => ({ address, family: address.includes(':') ? 6 : 4 }));
    if (options.all) done(null, found);
    else done(null, found[0]?.address ?? '', found[0]?.family);
  };
}

/** What a resolver hands on, as Node asks for all addresses of a name or for one. */
function resolved(lookup: LookupFunction, all: boolean): Promise<unknown> {
  return new Promise((resolve, reject) => {
    lookup('store.test', { all }, (error, found) => (error === null ? resolve(found) : reject(error)));
  });
}

describe('publicLookup', () => {
  test.each([true, false])('hands public addresses on as they are; all of them: %s', async (all) => {
    const found = await resolved(publicLookup(resolvesTo('52.218.0.1', '2600:1fa0::1')), all);
    const [first, second] = [
      { address: '52.218.0.1', family: 4 },
      { address: '2600:1fa0::1', family: 6 },
    ];
    expect(found).toEqual(all ? [first, second] : '52.218.0.1');
  });

  test.each([true, false])('fails where one of them is local; all of them: %s', async (all) => {
    await expect(resolved(publicLookup(resolvesTo('10.0.0.7')), all)).rejects.toMatchObject({ code: 'UNEXPECTED_RESPONSE' });
  });

  test('fails where a public address comes along with a local one', async () => {
    await expect(resolved(publicLookup(resolvesTo('52.218.0.1', '::1')), true)).rejects.toMatchObject({ code: 'UNEXPECTED_RESPONSE' });
  });

  test('hands a failure to resolve on', async () => {
    const failing: LookupFunction = (_host, _options, done) => done(Object.assign(new Error('no'), { code: 'ENOTFOUND' }), []);
    await expect(resolved(publicLookup(failing), true)).rejects.toMatchObject({ code: 'ENOTFOUND' });
  });
});

describe('a store that must not lie in this network', () => {
  const get = (resolve: LookupFunction) =>
    storeTransport({ timeoutMs: 5000, stallTimeoutMs: 5000, localAllowed: false, chooseRoute: routeChooser({}, publicLookup(resolve)) });

  test.each(['https', 'http'])('is not connected to by %s where its name resolves to an address here', async (scheme) => {
    const { url, received } = await startServer((response) => response.end('secret'));
    const link = new URL(`${scheme}://store.test:${url.port}/k?X-Amz-Signature=0a1b`);
    const error = await get(resolvesTo('127.0.0.1'))(link, undefined, calm).catch((caught) => caught);
    expect(error).toMatchObject({ code: 'UNEXPECTED_RESPONSE', message: expect.stringContaining('leads to store.test,') });
    expect(`${error.message} ${error.hint}`).not.toContain('0a1b');
    expect(received).toEqual([]);
  });

  test.each(['http://127.0.0.1:PORT/', 'https://127.0.0.1:PORT/', 'http://inner.test:PORT/', 'http://169.254.169.254/latest/meta-data/'])(
    'does not redirect to %s',
    async (location) => {
      const inner = await startServer((response) => response.end('secret'));
      const outer = await startServer((response) => {
        response.writeHead(302, { location: location.replace('PORT', inner.url.port) }).end();
      });
      // The first address is reached, as one that is public would be; what the redirect names is not.
      const names: string[] = [];
      const reachesFirst: LookupFunction = (host, options, done) => {
        names.push(host);
        resolvesTo('127.0.0.1')(host, options, done);
      };
      const first = routeChooser({}, reachesFirst);
      const later = routeChooser({}, publicLookup(reachesFirst));
      const transport = storeTransport({
        timeoutMs: 5000,
        stallTimeoutMs: 5000,
        localAllowed: false,
        chooseRoute: (url) => (url.hostname === 'outer.test' ? first : later)(url),
      });
      onTestFinished(async () => {
        for (const choose of [first, later]) (await choose(outer.url)).agent.destroy();
      });
      await expect(transport(new URL(`http://outer.test:${outer.url.port}/k`), undefined, calm)).rejects.toMatchObject({
        code: 'UNEXPECTED_RESPONSE',
      });
      expect(outer.received).toHaveLength(1);
      expect(inner.received).toEqual([]);
    },
  );
});
