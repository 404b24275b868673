import { describe, expect } from 'vitest';
import { toneWav, writeArchive } from '../helpers/archive.ts';
import { startHttpProxy } from '../helpers/proxies.ts';
import { type Answer, startRecordingServer } from '../helpers/recording-server.ts';
import type { Tool } from '../helpers/tool-test.ts';
import { always, expectWithout, it, KEY, SIGNATURE } from './hostile.ts';

// Reported vulnerabilities of other tools, each tried on this one.

const WAV = toneWav(1);

/** Answers with a recording, whatever its headers say. */
const recording =
  (headers: Record<string, string> = {}): Answer =>
  (_, response) =>
    void response.writeHead(200, { 'Content-Type': 'audio/wav', 'Content-Length': WAV.length, ...headers }).end(WAV);

/** What a browser would take for a program to be kept two folders up. */
const EXE = { 'Content-Type': 'application/x-msdownload', 'Content-Disposition': 'attachment; filename="../../evil.exe"' };

const redirect = (to: string): Answer => always(302, '', { Location: to });
const saved = (tool: Tool) => tool.files().filter((file) => file.startsWith('out/'));

describe.concurrent('a redirect of the store', () => {
  it('past the proxy takes neither its password along nor the key', async ({ tool, hosts }) => {
    const [proxy, other] = [await startHttpProxy(), await startRecordingServer(recording())];
    hosts.answer = redirect(`${hosts.store.origin}/a`);
    hosts.storeAnswer = redirect(`${other.origin}/b`);
    const env = { HTTP_PROXY: `http://user:pr0xy-s3cret@${proxy.host}`, NO_PROXY: new URL(other.origin).host };
    const run = await tool.run(['download', 'one', '-o', 'out/'], { env });
    expect([run.exitCode, proxy.asked.length, other.requests.length]).toEqual([0, 2, 1]);
    for (const { headers } of [...hosts.store.requests, ...other.requests]) {
      expect(headers).not.toHaveProperty('proxy-authorization');
      expect(headers).not.toHaveProperty('api-key');
    }
    await Promise.all([proxy.close(), other.close()]);
  });

  it('goes through the proxy as what came before it', async ({ tool, hosts }) => {
    const [proxy, other] = [await startHttpProxy(), await startRecordingServer(recording())];
    hosts.answer = redirect(`${hosts.store.origin}/a`);
    hosts.storeAnswer = redirect(`${other.origin}/b`);
    expect((await tool.run(['download', 'one', '-o', 'out/'], { env: { HTTP_PROXY: `http://${proxy.host}` } })).exitCode).toBe(0);
    expect(proxy.asked).toHaveLength(3);
    await Promise.all([proxy.close(), other.close()]);
  });

  it('names no file, and neither do the headers of what it leads to', async ({ tool, hosts }) => {
    hosts.answer = redirect(`${hosts.store.origin}/a`);
    hosts.storeAnswer = ({ url }, response, nth) =>
      (url.pathname === '/a' ? redirect('/x/..%2f..%2fevil.exe') : recording(EXE))({} as never, response, nth);
    expect((await tool.run(['download', 'one', '-o', 'out/'])).exitCode).toBe(0);
    expect(saved(tool)).toEqual(['out/one.wav']);
  });
});

describe.concurrent('an id that is a path', () => {
  it('is one name in one folder', async ({ tool, hosts }) => {
    hosts.answer = redirect(`${hosts.store.origin}/a`);
    hosts.storeAnswer = recording();
    const ids = ['../up', '..', '.', '%2e%2e%2fup', '..%2f..%2fup', '/etc/x', '~root', 'C:\\x', 'a\\..\\b', '-o', '.bashrc', 'con'];
    expect((await tool.run(['download', '-o', 'out/', '--', ...ids])).exitCode).toBe(0);
    const files = saved(tool);
    expect(files).toHaveLength(ids.length);
    for (const file of files) expect(file).toMatch(/^out\/[^./\\-][^/\\]*\.wav$/u);
    expect(tool.files()).toEqual(files);
  });
});

describe.concurrent('a link that asks something else than a store', () => {
  it.for([
    'http://unix:/var/run/docker.sock:/v1',
    'unix:/var/run/docker.sock:/v1',
    'file:///etc/passwd',
    'data:audio/wav;base64,UklGRg==',
    'gopher://127.0.0.1:11211/_stats',
    'dict://127.0.0.1:11211/stats',
    's3://recordings/one.wav',
  ])('%s is not followed, by the service or the store', async (target, { tool, hosts }) => {
    for (const answer of [redirect(target), redirect(`${hosts.store.origin}/a`)]) {
      hosts.answer = answer;
      hosts.storeAnswer = redirect(target);
      const run = await tool.run(['download', 'one', '-o', 'out/', '--retries', '0']);
      expect(run.exitCode).toBe(6);
      expect(run.err).toMatch(/neither http nor https|over plain http/);
    }
    expect((await tool.run(['link', 'one', '--base-url', target])).exitCode).toBe(2);
  });
});

describe.concurrent('a bucket’s store that quotes the request', () => {
  it('is told of without the signature and the token', async ({ tool, hosts }) => {
    hosts.storeAnswer = ({ headers, url }, response) => {
      const token = `X-Amz-Security-Token=${SIGNATURE.slice(0, 40)}`;
      const message = `*** request header *** authorization: ${headers.authorization} ${url.href}?${token} ${token}`;
      const code = url.searchParams.has('list-type') ? 'SignatureDoesNotMatch' : 'AccessDenied';
      response.writeHead(403, { 'Content-Type': 'application/xml' });
      response.end(`<Error><Code>${code}</Code><Message>${message}</Message></Error>`);
    };
    const env = { AWS_ENDPOINT_URL_S3: hosts.store.origin, AWS_REGION: 'us-east-1', AWS_ACCESS_KEY_ID: 'AKIAIOSFODNN7EXAMPLE' };
    for (const args of [
      ['verify', 's3://recordings/a'],
      ['download', 'one', '-o', 's3://recordings/one.wav', '--json', '-v'],
      ['batch', '-', '-d', 's3://recordings/a', '--json', '-v'],
    ]) {
      const run = await tool.run(args, { env: { ...env, AWS_SECRET_ACCESS_KEY: 'k'.repeat(40) }, stdin: 'one\n' });
      expect(run.exitCode).toBe(7);
      expectWithout(run.out + run.err, SIGNATURE.slice(0, 40));
      expect(run.out + run.err).not.toMatch(/Signature=[0-9a-f]{8}/);
    }
    const signed = hosts.store.requests.map(({ headers }) => /Signature=([0-9a-f]{64})/.exec(headers.authorization ?? '')?.[1]);
    expect(signed.length).toBeGreaterThan(2);
  });
});

describe.concurrent('the page of browse', () => {
  it('knows no cookie of an earlier run on its port, and repeats none on its terminal', async ({ tool }) => {
    await writeArchive(tool.path('calls'), [{ id: 'one', content: WAV }]);
    const start = async (...flags: string[]) => {
      const running = tool.start(['browse', 'calls', ...flags], { printsSecrets: true });
      let address = '';
      await running.until(({ out }) => {
        address = out.trim();
        return out.endsWith('\n');
      });
      const { headers } = await fetch(address, { redirect: 'manual' });
      const cookie = (headers.get('set-cookie') ?? '').split(';')[0] ?? '';
      const page = new URL(headers.get('location') ?? '', address);
      const end = () => {
        running.kill('SIGINT');
        return running.ended;
      };
      return { cookie, page, end };
    };
    const first = await start();
    expect((await fetch(new URL('rows', first.page), { headers: { cookie: first.cookie } })).status).toBe(200);
    await first.end();
    const second = await start('--port', first.page.port);
    expect((await fetch(new URL('rows', second.page), { headers: { cookie: first.cookie } })).status).toBe(403);
    const { err } = await second.end();
    expect(err).not.toContain(second.cookie.split('=')[1]);
  });
});

describe.concurrent('the key', () => {
  it('is not in what a server is told of who asks', async ({ tool, hosts }) => {
    hosts.answer = redirect(`${hosts.store.origin}/a`);
    hosts.storeAnswer = recording();
    await tool.run(['download', 'one', '-o', 'out/']);
    for (const request of hosts.store.requests) expectWithout(JSON.stringify([request.url, request.headers]), KEY);
    for (const { url, body } of hosts.service.requests) expectWithout(url.href + body, KEY);
  });
});
