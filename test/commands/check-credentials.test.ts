import { createServer, type RequestListener } from 'node:http';
import type { AddressInfo } from 'node:net';
import { describe, expect, it, onTestFinished, vi } from 'vitest';
import { credentialCheck } from '../../src/commands/check-credentials.ts';
import { interruptedError } from '../../src/errors.ts';
import { startSandbox } from '../../src/sandbox/sandbox.ts';
import { testContext, testSystem } from '../helpers/test-system.ts';

/** What the check finds out about a service. */
async function check(
  baseUrl: string,
  { sid = 'HX1', apiKey = 'A0123', signal = new AbortController().signal, env = {}, timeoutMs = 5000 } = {},
) {
  const context = testContext(testSystem({ env }), signal);
  const origin = { sid: '--sid', apiKey: 'KALEYRA_API_KEY', baseUrl: '--base-url' } as const;
  const ask = credentialCheck({ method: 'POST', timeoutMs }, context);
  return ask({ baseUrl: new URL(baseUrl), sid, apiKey, profile: undefined, origin });
}

/** The base URL of a service that answers everything in one way. */
async function serviceThat(answers: RequestListener): Promise<string> {
  const server = createServer(answers).listen(0, '127.0.0.1');
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  while (!server.listening) await new Promise((resolve) => setImmediate(resolve));
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}/v1`;
}

const answering =
  (status: number, body = ''): RequestListener =>
  (_request, response) =>
    void response.writeHead(status).end(body);

const failure = (message: string) =>
  `{"code": "RBC31XX", "message": ${JSON.stringify(message)}, "data": [], "error": {"id": "${message}"}}`;

describe('the check of credentials', () => {
  it('is fine where the service takes them', async () => {
    const { baseUrl, sid, apiKey, close } = await startSandbox();
    onTestFinished(close);
    expect(await check(baseUrl, { sid, apiKey })).toEqual({
      outcome: 'fine',
      message: expect.stringMatching(/^127\.0\.0\.1:\d+ accepts these credentials\.$/),
    });
  });

  it.each([
    ['a wrong key', { apiKey: 'Awrong' }],
    ['a wrong SID', { sid: 'HXWRONG' }],
  ])('is not fine with %s', async (_what, wrong) => {
    const { baseUrl, sid, apiKey, close } = await startSandbox();
    onTestFinished(close);
    expect((await check(baseUrl, { sid, apiKey, ...wrong })).outcome).not.toBe('fine');
  });

  it.each<[string, RequestListener, string]>([
    ['says that the id is invalid', answering(400, failure('Invalid Id')), 'fine'],
    ['says so under status 200', answering(200, failure('Invalid Id')), 'fine'],
    ['says that the id has expired', answering(400, failure('Id Expired')), 'fine'],
    ['gives a link for an id that no recording has', answering(200, '{"data":{"link":"http://127.0.0.1/x"},"error":{}}'), 'fine'],
    ['does not know the key (401)', answering(401, failure('Unauthorized')), 'rejected'],
    ['does not let it in (403)', answering(403, failure('Forbidden')), 'forbidden'],
    ['is unavailable', answering(503), 'unreachable'],
    ['asks to slow down', answering(429), 'unreachable'],
    ['shows a page to sign in at', answering(200, '<html><body>Sign in</body></html>'), 'unreachable'],
    ['hangs up', (request) => void request.socket.destroy(), 'unreachable'],
  ])('of a service that %s', async (_what, answers, outcome) => {
    let asked = 0;
    const baseUrl = await serviceThat((request, response) => {
      asked += 1;
      answers(request, response);
    });
    const { outcome: found, message } = await check(baseUrl);
    expect(found).toBe(outcome);
    expect(message.length).toBeGreaterThan(10);
    // A check is one question: it does not try again.
    expect(asked).toBe(1);
  });

  it('of a service that nobody answers at is that it cannot be reached', async () => {
    expect(await check('http://127.0.0.1:9/v1')).toMatchObject({ outcome: 'unreachable', message: expect.stringContaining('127.0.0.1') });
  });

  it.each<[string, RequestListener, string]>([
    ['is unavailable', answering(503), 'SERVICE_UNAVAILABLE'],
    ['asks to slow down', answering(429), 'RATE_LIMITED'],
    ['says nothing', () => {}, 'TIMEOUT'],
    ['hangs up', (request) => void request.socket.destroy(), 'NETWORK'],
  ])('of a service that %s keeps what went wrong', async (_what, answers, code) => {
    const { error } = await check(await serviceThat(answers), { timeoutMs: code === 'TIMEOUT' ? 500 : 5000 });
    expect(error).toMatchObject({ code, hint: expect.any(String) });
  });

  it('goes through the proxy that the environment names, and names it where that fails', async () => {
    const env = { HTTPS_PROXY: 'http://127.0.0.1:9' };
    // The library that reads NO_PROXY reads it from the process.
    vi.stubEnv('HTTPS_PROXY', env.HTTPS_PROXY);
    vi.stubEnv('NO_PROXY', '');
    onTestFinished(() => void vi.unstubAllEnvs());
    const { outcome, message, error } = await check('https://api.kaleyra.io/v1', { env });
    expect(outcome).toBe('unreachable');
    expect(`${message} ${error?.hint}`).toContain('127.0.0.1:9');
    expect(error?.code).toBe('NETWORK');
  });

  it('asks for no recording that there could be, and sends the key in the header alone', async () => {
    const seen: { url: string | undefined; key: unknown; body: string }[] = [];
    const baseUrl = await serviceThat(async (request, response) => {
      let body = '';
      for await (const chunk of request) body += chunk;
      seen.push({ url: request.url, key: request.headers['api-key'], body });
      response.writeHead(400).end(failure('Invalid Id'));
    });
    await check(baseUrl, { apiKey: 'A0123456789' });
    expect(seen).toHaveLength(1);
    expect(seen[0]).toMatchObject({ url: '/v1/HX1/voice/recordings?id=kaleyra-rec-credential-check', key: 'A0123456789' });
    expect(seen[0]?.body).not.toContain('A0123456789');
  });

  it('can be stopped', async () => {
    const stop = new AbortController();
    const baseUrl = await serviceThat(() => stop.abort(interruptedError('SIGINT')));
    await expect(check(baseUrl, { signal: stop.signal })).rejects.toMatchObject({ code: 'INTERRUPTED' });
  });
});
