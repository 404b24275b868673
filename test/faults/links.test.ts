import { once } from 'node:events';
import { createServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { describe, expect } from 'vitest';
import { selfSigned } from '../helpers/self-signed.js';
import type { Act, Asked } from './fault-server.ts';
import { it, LOGGED } from './fault-test.ts';
import { giveExpiredLink, giveLink } from './service-acts.ts';
import { cut, redirect, sendError } from './store-acts.ts';
import { sha256 } from './stored-object.ts';

const HALF = 150_000;
const expire: Act = ({ asked, server }) => server.expireLinks(asked.id);

const signatureOf = ({ target }: Asked) => new URLSearchParams(target.split('?')[1]).get('X-Amz-Signature');

describe.concurrent('a link that has expired', () => {
  it('half-way is asked for anew, and the transfer goes on from the last byte', async ({ tool, server }) => {
    server.plan('call', { store: [cut('reset', HALF, { atCut: expire })] });
    const run = await tool.run(['download', 'call', '--json', ...LOGGED]);
    expect(run.exitCode).toBe(0);
    expect(sha256(await tool.read('call.wav'))).toBe(sha256(server.object('call').bytes));
    expect(server.requests.map(({ side, status, headers }) => [side, status, headers.range])).toEqual([
      ['service', 301, undefined],
      ['store', 200, undefined],
      ['store', 403, `bytes=${HALF}-`],
      ['service', 301, undefined],
      ['store', 206, `bytes=${HALF}-`],
    ]);
    const used = server.asked('store').map(signatureOf);
    expect(used[1]).toBe(used[0]);
    expect(used[2]).not.toBe(used[0]);
  });

  it('half-way as the credentials behind it have: is asked for anew', async ({ tool, server }) => {
    server.plan('call', { store: [cut('end', HALF), sendError(400, 'ExpiredToken', 'The provided token has expired.')] });
    expect((await tool.run(['download', 'call', ...LOGGED])).exitCode).toBe(0);
    expect(sha256(await tool.read('call.wav'))).toBe(sha256(server.object('call').bytes));
    expect(server.asked('store').map(({ headers }) => headers.range)).toEqual([undefined, `bytes=${HALF}-`, `bytes=${HALF}-`]);
    expect(server.asked('service').length).toBe(2);
  });

  it('before it was used is asked for anew', async ({ tool, server }) => {
    server.plan('call', { service: [giveExpiredLink(), giveExpiredLink()] });
    expect((await tool.run(['download', 'call', ...LOGGED])).exitCode).toBe(0);
    expect(sha256(await tool.read('call.wav'))).toBe(sha256(server.object('call').bytes));
    expect([server.asked('service').length, server.asked('store').length]).toEqual([3, 3]);
  });

  it('again and again ends with 6 after as many tries as --retries allows', async ({ tool, server }) => {
    server.otherwise = ({ side }) => (side === 'service' ? giveExpiredLink() : undefined);
    const run = await tool.run(['download', 'call', '--retries', '2', ...LOGGED]);
    expect(run.exitCode).toBe(6);
    expect(server.asked('service').length).toBe(3);
    expect(tool.files()).toEqual([]);
  });

  it('once per half-way, for ever, ends all the same', async ({ tool, server }) => {
    // No byte more comes, but each link works once.
    server.otherwise = ({ side }) => (side === 'store' ? cut('reset', 0, { atCut: expire }) : undefined);
    expect((await tool.run(['download', 'call', '--retries', '2', ...LOGGED])).exitCode).toBe(6);
    expect(server.asked('service').length).toBeLessThanOrEqual(4);
  });
});

describe.concurrent('links in a batch', () => {
  it('are asked for just before they are used, never ahead in bulk', async ({ tool, server }) => {
    const ids = Array.from({ length: 12 }, (_, index) => `call-${index}`);
    server.plan('call-3', { store: [cut('reset', HALF)] });
    const run = await tool.run(['batch', '-', '-c', '2', '--json', ...LOGGED], { stdin: ids.join('\n') });
    expect(run.exitCode).toBe(0);
    let unused = 0;
    const most = server.requests.map(({ side, nth }) => {
      if (side === 'service') unused += 1;
      else if (nth === 1) unused -= 1;
      return unused;
    });
    // Two in their turn, and two ahead.
    expect(Math.max(...most)).toBeLessThanOrEqual(4);
    expect(server.asked('service').length).toBe(12);
  });
});

describe.concurrent('a redirect of the store', () => {
  const on = (server: { storeOrigin: string }) =>
    redirect((asked) => asked.replace(server.storeOrigin, server.storeOrigin.replace('127.0.0.1', 'localhost')));

  it('is followed to another host, which gets no key', async ({ tool, server }) => {
    server.plan('call', { store: [on(server)] });
    expect((await tool.run(['download', 'call', ...LOGGED])).exitCode).toBe(0);
    expect(sha256(await tool.read('call.wav'))).toBe(sha256(server.object('call').bytes));
    expect(server.asked('store').map(({ headers }) => headers.host?.split(':')[0])).toEqual(['127.0.0.1', 'localhost']);
  });

  it('is followed again for the rest, range and guard included', async ({ tool, server }) => {
    server.plan('call', { store: [on(server), cut('end', HALF), on(server)] });
    expect((await tool.run(['download', 'call', ...LOGGED])).exitCode).toBe(0);
    expect(sha256(await tool.read('call.wav'))).toBe(sha256(server.object('call').bytes));
    const last = server.asked('store').slice(2);
    expect(last.map(({ headers }) => [headers.range, headers['if-match']])).toEqual([
      [`bytes=${HALF}-`, server.object('call').etag],
      [`bytes=${HALF}-`, server.object('call').etag],
    ]);
  });

  it('for ever is followed five times, and ends with 6', async ({ tool, server }) => {
    server.otherwise = ({ side }) => (side === 'store' ? redirect((asked) => asked) : undefined);
    expect((await tool.run(['download', 'call', ...LOGGED])).exitCode).toBe(6);
    expect(server.asked('store').length).toBe(6);
    expect(tool.files()).toEqual([]);
  });

  it('from https down to http is refused: the recording would cross the network in the clear', async ({ tool, server, onTestFinished }) => {
    const { key, cert } = selfSigned();
    const secure = createServer({ key, cert }, (request, response) => {
      response.writeHead(307, { Location: `${server.storeOrigin}${request.url}` }).end();
    });
    onTestFinished(() => void secure.close());
    secure.listen(0, '127.0.0.1');
    await once(secure, 'listening');
    const origin = `https://127.0.0.1:${(secure.address() as AddressInfo).port}`;
    server.plan('call', { service: [giveLink((link) => link.replace(server.storeOrigin, origin))] });
    await tool.write('ca.pem', cert);
    const run = await tool.run(['download', 'call', ...LOGGED], { env: { NODE_EXTRA_CA_CERTS: tool.path('ca.pem') } });
    expect(run.exitCode).toBe(6);
    expect(run.err).toContain('over plain http');
    expect(server.asked('store')).toEqual([]);
    expect(tool.files()).toEqual(['ca.pem']);
  });

  it('to a store whose certificate nobody trusts is refused at once', async ({ tool, server, onTestFinished }) => {
    const { key, cert } = selfSigned();
    const asked: string[] = [];
    const secure = createServer({ key, cert }, (request, response) => {
      asked.push(request.url ?? '');
      response.end();
    });
    onTestFinished(() => void secure.close());
    secure.listen(0, '127.0.0.1');
    await once(secure, 'listening');
    const origin = `https://127.0.0.1:${(secure.address() as AddressInfo).port}`;
    server.plan('call', { store: [redirect((address) => address.replace(server.storeOrigin, origin))] });
    const run = await tool.run(['download', 'call', ...LOGGED]);
    expect(run.exitCode).toBe(6);
    expect(run.err).toContain('NODE_EXTRA_CA_CERTS');
    expect(asked).toEqual([]);
    expect(server.asked('store').length).toBe(1);
  });
});
