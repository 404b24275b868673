import type { ServerResponse } from 'node:http';
import { describe, expect } from 'vitest';
import { wavAudio } from '../../src/sandbox/audio.ts';
import { type Answer, linkAnswer, type RecordingServer, startRecordingServer } from '../helpers/recording-server.ts';
import { secretsIn } from '../helpers/secrets.ts';
import { it as base, type Tool } from '../helpers/tool-test.ts';

const KEY = 'A5e1f0c1a2b3d4e5f60718293a4b5c6d7';
const SIGNATURE = '9f8e7d6c5b4a39281706f5e4d3c2b1a09f8e7d6c5b4a39281706f5e4d3c2b1a0';
const QUERY = `X-Amz-Credential=AKIDEXAMPLE%2F20260101&X-Amz-Expires=300&X-Amz-Signature=${SIGNATURE}`;
const AUDIO = Buffer.concat([...wavAudio(Buffer.from('secret'), 4000).read(0, 4000)]);

const sendAudio = (response: ServerResponse) =>
  void response.writeHead(200, { 'Content-Type': 'audio/wav', 'Content-Length': AUDIO.length }).end(AUDIO);

/** The service, whose answers a test gives, and another host, which hands out a recording to whoever asks, and may be given other manners. */
interface Hosts {
  service: RecordingServer;
  other: RecordingServer;
  answer: Answer;
  otherAnswer: Answer;
}

const it = base.extend<{ hosts: Hosts }>({
  hosts: async ({ tool }, use) => {
    const hosts: Hosts = {
      answer: linkAnswer(() => signedLink(hosts)),
      otherAnswer: (_, response) => sendAudio(response),
      service: await startRecordingServer((...exchange) => hosts.answer(...exchange)),
      other: await startRecordingServer((...exchange) => hosts.otherAnswer(...exchange)),
    };
    Object.assign(tool.env, { KALEYRA_BASE_URL: `${hosts.service.origin}/v1`, KALEYRA_SID: 'HX1', KALEYRA_API_KEY: KEY });
    tool.secrets.add(KEY).add(SIGNATURE);
    await use(hosts);
    expect(
      hosts.service.requests.every(({ headers }) => headers['api-key'] === KEY),
      'the service got the key',
    ).toBe(true);
    expect(keyIn(hosts.other), 'the other host got the key').toEqual([]);
    await Promise.all([hosts.service.close(), hosts.other.close()]);
  },
});

const signedLink = ({ other }: Hosts, path = '/recordings/one.wav') => `${other.origin}${path}?${QUERY}`;

/** The requests in which a server was shown the key, wherever in them it stands. */
function keyIn({ requests }: RecordingServer): string[] {
  return requests
    .map(({ method, url, headers, body }) => JSON.stringify({ method, url: url.href, headers, body }))
    .filter((request) => request.toLowerCase().includes(KEY.toLowerCase()) || /"api-key"/i.test(request));
}

/** Runs each command that asks the service, with all that they can be made to tell. */
async function runAll(tool: Tool, ...flags: string[]): Promise<(number | null)[]> {
  const codes: (number | null)[] = [];
  for (const args of [
    ['download', 'one', '-o', 'out/', '--force'],
    ['download', 'one', '-o', 'json.wav', '--force', '--json'],
    ['batch', '-', '-d', 'calls', '--json'],
  ]) {
    codes.push((await tool.run([...args, '-v', '--retries', '0', ...flags], { stdin: 'one\ntwo\n' })).exitCode);
  }
  return codes;
}

describe.concurrent('the key and the links', () => {
  it.for([301, 302, 303, 307, 308])('a redirect (%i) is read, and the key goes nowhere with it', async (status, { tool, hosts }) => {
    hosts.answer = (_, response) => void response.writeHead(status, { Location: signedLink(hosts) }).end();
    expect(await runAll(tool)).toEqual([0, 0, 0]);
    expect(hosts.other.requests.map(({ method, url }) => [method, url.pathname])).toEqual(
      Array.from({ length: 4 }, () => ['GET', '/recordings/one.wav']),
    );
    expect(hosts.other.requests.every(({ headers }) => headers['api-key'] === undefined && headers.authorization === undefined)).toBe(true);
  });

  it.for(['post', 'get'])('a redirect without a signature is not followed by link (%s)', async (method, { tool, hosts }) => {
    hosts.answer = (_, response) => void response.writeHead(301, { Location: `${hosts.other.origin}/sign-in` }).end();
    expect((await tool.run(['link', 'one', '-v', '--method', method])).exitCode).toBe(6);
    expect(hosts.other.requests).toEqual([]);
  });

  it('a 405 that turns POST into GET, and the redirect behind it, keep the key where it belongs', async ({ tool, hosts }) => {
    hosts.answer = ({ method }, response) =>
      void (method === 'POST' ? response.writeHead(405).end() : response.writeHead(301, { Location: signedLink(hosts) }).end());
    expect(await runAll(tool)).toEqual([0, 0, 0]);
  });

  it('a store that redirects gets no key either, nor does the host that it names', async ({ tool, hosts }) => {
    hosts.otherAnswer = ({ url }, response) =>
      url.pathname === '/recordings/one.wav'
        ? void response.writeHead(307, { Location: signedLink(hosts, '/elsewhere.wav') }).end()
        : sendAudio(response);
    expect(await runAll(tool)).toEqual([0, 0, 0]);
    expect(hosts.other.requests.some(({ url }) => url.pathname === '/elsewhere.wav')).toBe(true);
  });

  it('a retry asks the same host again, and no other', async ({ tool, hosts }) => {
    const answer = linkAnswer(() => signedLink(hosts));
    hosts.answer = (request, response, nth) => {
      if (nth > 1) return answer(request, response, nth);
      response.writeHead(503, { Location: `${hosts.other.origin}/down`, 'Retry-After': '0' }).end();
    };
    expect((await tool.run(['download', 'one', '-v'])).exitCode).toBe(0);
    expect(hosts.other.requests.map(({ url }) => url.pathname)).toEqual(['/recordings/one.wav']);
  });

  it.for([
    ['refused', 401, 4],
    ['an invalid id', 400, 4],
    ['a fault', 500, 6],
    ['a success', 200, 6],
  ] as const)('a service that echoes the key in its answer (%s) is quoted without it', async ([, status], { tool, hosts }) => {
    const echo = {
      code: 'RBC31XX',
      message: `Invalid Id, key ${KEY} at ${signedLink(hosts)}`,
      data: [],
      error: { id: `Invalid id for ${KEY}` },
    };
    hosts.answer = (_, response) => void response.writeHead(status, { 'Content-Type': 'application/json' }).end(JSON.stringify(echo));
    const codes = await runAll(tool);
    expect(codes.every((code) => code !== 0)).toBe(true);
    const link = await tool.run(['link', 'one', 'two', '--json', '-v', '--retries', '0'], { printsSecrets: false });
    expect(link.exitCode).not.toBe(0);
  });

  it('a store that echoes what it was sent is quoted without the signature', async ({ tool, hosts }) => {
    const page = `<Error><Code>SignatureDoesNotMatch</Code><Message>Not ${QUERY}</Message><SignatureProvided>${SIGNATURE}</SignatureProvided></Error>`;
    hosts.otherAnswer = (_, response) => void response.writeHead(403, { 'Content-Type': 'application/xml' }).end(page);
    expect(await runAll(tool)).toEqual([6, 6, 9]);
  });

  it('link prints the link on stdout alone', async ({ tool, hosts }) => {
    const run = await tool.run(['link', 'one', '-v']);
    expect(run).toMatchObject({ exitCode: 0, out: `${signedLink(hosts)}\n` });
  });

  it('the log of -v shows where a recording came from, without what lets others have it', async ({ tool, hosts }) => {
    const { err } = await tool.run(['download', 'one', '-v']);
    expect(err).toContain(`"${hosts.other.origin}/…?`);
    expect(err).toContain('X-Amz-Signature=***');
    expect(err).not.toContain('recordings/one.wav');
  });

  it('auth tells the last four characters, and no more', async ({ tool, hosts: _ }) => {
    await tool.run(['auth', 'login', '--sid', 'HX1'], { stdin: KEY });
    for (const flags of [[], ['--json'], ['--check'], ['--check', '--json']]) {
      expect((await tool.run(['auth', 'status', ...flags])).out).toContain('c6d7');
    }
  });
});

describe('the search that every test of the tool ends with', () => {
  it('finds a key and a signature wherever they stand', () => {
    expect(secretsIn(`{"error":"${KEY}"}`, [KEY])).toEqual(['secret']);
    expect(secretsIn(Buffer.concat([Buffer.from([0xff, 0]), Buffer.from(KEY.toLowerCase())]), [KEY])).toEqual(['secret']);
    expect(secretsIn(Buffer.from(`user:${KEY}`.slice(5)).toString('base64'), [KEY])).toEqual(['secret']);
    expect(secretsIn(`x?${QUERY}`, [])).toEqual(['signature']);
    expect(secretsIn(encodeURIComponent(QUERY), [])).toEqual(['signature']);
  });

  it('passes over what is masked', () => {
    expect(secretsIn('x?X-Amz-Signature=***&X-Amz-Expires=5 X-Amz-Signature%3D***', [KEY])).toEqual([]);
  });
});
