import { describe, expect } from 'vitest';
import { secretsIn } from '../helpers/secrets.ts';
import type { Act } from './fault-server.ts';
import { it, LOGGED } from './fault-test.ts';
import { answer, documentedFailure } from './service-acts.ts';
import { redirect, sendError } from './store-acts.ts';

// All tests of this folder end with a walk over everything that was printed, logged and written (see fault-test.ts). Here it is shown that
// the walk finds what it should, and what tempts the tool most is put in its way.

describe.concurrent('the walk that ends each test of this folder', () => {
  it('finds the signature of a link in what was printed', async ({ tool, server }) => {
    const run = await tool.run(['link', 'call', '-v'], { printsSecrets: true });
    expect(secretsIn(run.stdout, server.signatures)).toEqual(['signature', 'secret']);
    expect(secretsIn(run.err, [...server.signatures, server.apiKey])).toEqual([]);
  });

  it('finds a key that reached the store', async ({ server }) => {
    await fetch(server.makeLink('call'), { headers: { 'api-key': server.apiKey } });
    expect(server.keyLeaks.length).toBe(1);
    server.requests.length = 0;
  });
});

describe.concurrent('the key', () => {
  it('goes with each request to the service, and with none to the store', async ({ tool, server }) => {
    server.plan('call', { service: [answer(503)], store: [sendError(503, 'SlowDown')] });
    expect((await tool.run(['download', 'call', ...LOGGED])).exitCode).toBe(0);
    expect(server.asked('service').map(({ headers }) => headers['api-key'])).toEqual([server.apiKey, server.apiKey]);
    expect(server.asked('store').map(({ headers }) => headers['api-key'])).toEqual([undefined, undefined]);
  });

  it.for([301, 302, 303, 307, 308])(
    'does not follow a redirect of the service (%i) to another origin',
    async (status, { tool, server }) => {
      const elsewhere = `${server.storeOrigin}/v1/${server.sid}/voice/recordings?id=call`;
      server.plan('call', { service: [answer(status, { Location: elsewhere })] });
      expect((await tool.run(['link', 'call', ...LOGGED])).exitCode).toBe(6);
      expect((await tool.run(['auth', 'status', '--check', '--json'])).exitCode).not.toBe(1);
      expect(server.asked('store')).toEqual([]);
    },
  );

  it('does not follow a redirect of the store, not even back to the service', async ({ tool, server }) => {
    const back: Act = redirect(() => `${server.baseUrl}/${server.sid}/voice/recordings?id=back`);
    server.plan('call', { store: [back] });
    expect((await tool.run(['download', 'call', ...LOGGED])).exitCode).not.toBe(0);
    expect(server.asked('service', 'back').map(({ headers }) => headers['api-key'])).toEqual([undefined]);
  });

  it('goes through no proxy of another machine', async ({ tool, server }) => {
    const proxy = 'http://proxy.invalid:3128';
    const env = { HTTP_PROXY: proxy, http_proxy: proxy, HTTPS_PROXY: proxy, ALL_PROXY: proxy };
    expect((await tool.run(['download', 'call', ...LOGGED], { env })).exitCode).toBe(0);
    expect(server.requests.length).toBe(2);
  });
});

describe.concurrent('a secret that the other side puts into its own words', () => {
  it('is masked: the service repeats the key and a link in a failure', async ({ tool, server }) => {
    const link = server.makeLink('call');
    server.plan('call', { service: [documentedFailure(`Invalid Id (key ${server.apiKey}, link ${link})`, 400)] });
    const download = await tool.run(['download', 'call', '--json', ...LOGGED]);
    expect(download.exitCode).toBe(6);
    expect(download.out).toContain('Invalid Id (key ***');
  });

  it('is masked in the manifest of a batch as well', async ({ tool, server }) => {
    server.otherwise = ({ side, id }) =>
      side === 'service' ? documentedFailure(`Invalid Id (key ${server.apiKey}, link ${server.makeLink(id)})`, 400) : undefined;
    expect((await tool.run(['batch', '-', '-d', 'calls', '--json', ...LOGGED], { stdin: 'one\ntwo\n' })).exitCode).toBe(9);
    expect(String(await tool.read('calls/manifest.jsonl'))).toContain('Invalid Id (key ***');
  });

  it('is masked: the store repeats the link in a failure', async ({ tool, server }) => {
    const echo: Act = (turn) =>
      sendError(400, 'AuthorizationQueryParametersError', `Bad: ${turn.asked.target.replaceAll('&', '&amp;')}`)(turn);
    server.otherwise = ({ side }) => (side === 'store' ? echo : undefined);
    expect((await tool.run(['download', 'call', '--json', ...LOGGED])).exitCode).toBe(6);
    expect((await tool.run(['batch', '-', '-d', 'calls', '--json', ...LOGGED], { stdin: 'one\ntwo\n' })).exitCode).toBe(9);
  });
});
