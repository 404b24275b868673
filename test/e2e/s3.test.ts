import { createHash } from 'node:crypto';
import { stat } from 'node:fs/promises';
import { afterAll, beforeAll, describe, expect } from 'vitest';
import { wavAudio } from '../../src/sandbox/audio.ts';
import { eventually } from '../helpers/eventually.ts';
import { linkAnswer, type RecordingServer, startRecordingServer } from '../helpers/recording-server.ts';
import { type S3Server, startS3Server } from '../helpers/s3-server.ts';
import { startTcpProxy, type TcpProxy } from '../helpers/tcp-proxy.ts';
import { it as base, type Tool } from '../helpers/tool-test.ts';

const MEGABYTE = 1_000_000;
const KEY = 'A5e1f0c1a2b3d4e5f60718293a4b5c6d7';

let s3: S3Server;
const small = recording('small', 200_000);
const large = recording('large', 5 * MEGABYTE);

function recording(tune: string, bytes: number): Buffer {
  return Buffer.concat([...wavAudio(Buffer.from(tune), bytes).read(0, bytes)]);
}

beforeAll(async () => {
  s3 = await startS3Server();
  await s3.put('small.wav', small, 'audio/wav');
  await s3.put('large.wav', large, 'audio/wav');
});
afterAll(() => s3.close());

/** The service of a test: what it hands out, and what it was asked. */
interface FakeService {
  link: (id: string, nth: number) => string | Promise<string>;
  questions(): number;
}

const it = base.extend<{ service: FakeService; proxy: TcpProxy }>({
  service: async ({ tool }, use) => {
    const service: FakeService = { link: () => s3.presign('small.wav'), questions: () => server.requests.length };
    const server: RecordingServer = await startRecordingServer(linkAnswer((id, nth) => service.link(id, nth)));
    Object.assign(tool.env, { KALEYRA_BASE_URL: `${server.origin}/v1`, KALEYRA_SID: 'HX1', KALEYRA_API_KEY: KEY });
    tool.secrets.add(KEY);
    await use(service);
    await server.close();
  },
  // biome-ignore lint/correctness/noEmptyPattern: vitest reads from the pattern what a fixture needs
  proxy: async ({}, use) => {
    const proxy = await startTcpProxy(s3);
    await use(proxy);
    await proxy.close();
  },
});

const agoSeconds = (seconds: number) => new Date(Date.now() - seconds * 1000);
const sha256 = (bytes: Buffer) => createHash('sha256').update(bytes).digest('hex');
const rangesIn = (sent: string) => [...sent.matchAll(/^range: bytes=(\d+)-\r$/gim)].map(([, from]) => Number(from));

/** Waits until so many bytes of a recording lie in a part file, beside a note that says whose they are. */
function untilHalfWay(tool: Tool, bytes: number): Promise<void> {
  return eventually(async () => {
    const part = tool.files().find((file) => file.endsWith('.part')) ?? 'none';
    expect((await stat(tool.path(part))).size).toBeGreaterThanOrEqual(bytes);
    await stat(tool.path(`${part}.json`));
  }, 20);
}

describe.concurrent('a recording in a real S3 store', () => {
  it('is had by a link that the AWS SDK signed, and proven by its MD5 ETag', async ({ tool, service }) => {
    const run = await tool.run(['download', 'a+b/c==', '-o', 'call.wav', '--json']);
    expect(run.exitCode).toBe(0);
    const etag = `"${createHash('md5').update(small).digest('hex')}"`;
    const sent = { bytes: small.length, sha256: sha256(small), contentType: 'audio/wav', etag, attempts: 1 };
    expect(run.json()).toEqual([expect.objectContaining(sent)]);
    expect((await tool.read('call.wav')).equals(small)).toBe(true);
    expect(service.questions()).toBe(1);
  });

  it('has a link printed as it was signed, and as the link itself tells when it ends', async ({ tool, service }) => {
    let link = '';
    service.link = async () => {
      link = await s3.presign('small.wav', { expiresIn: 600 });
      return link;
    };
    const [line] = (await tool.run(['link', 'one', '--json'])).json();
    expect(line?.link).toBe(link);
    const signedAt = new URL(link).searchParams.get('X-Amz-Date')?.replace(/(....)(..)(..T..)(..)(..Z)/, '$1-$2-$3:$4:$5') ?? '';
    expect(Date.parse(line?.expiresAt) - Date.parse(signedAt)).toBe(600_000);
  });

  it('is asked for anew when its link has expired before it was used', async ({ tool, service }) => {
    service.link = (_, nth) => s3.presign('small.wav', nth === 1 ? { expiresIn: 60, signedAt: agoSeconds(120) } : {});
    const run = await tool.run(['download', 'one', '-o', 'call.wav', '--json']);
    expect(run.json()).toEqual([expect.objectContaining({ status: 'saved', sha256: sha256(small), attempts: 2 })]);
    expect(service.questions()).toBe(2);
  });

  it('goes on from where it was when its link expires half-way', async ({ tool, service, proxy }) => {
    let expiresAt = 0;
    service.link = (_, nth) => {
      const expiresIn = nth === 1 ? 4 : 300;
      if (nth === 1) expiresAt = Date.now() + expiresIn * 1000;
      return s3.presign('large.wav', { port: proxy.port, expiresIn });
    };
    proxy.holdAfter = 2 * MEGABYTE;
    const running = tool.start(['download', 'one', '-o', 'call.wav', '--json']);
    await untilHalfWay(tool, 1.9 * MEGABYTE);
    await eventually(() => expect(Date.now()).toBeGreaterThan(expiresAt + 1000));
    proxy.holdAfter = undefined;
    proxy.resetHeld();
    const run = await running.ended;
    expect(run.json()).toEqual([expect.objectContaining({ status: 'saved', sha256: sha256(large) })]);
    expect(service.questions()).toBe(2);
    // The first was refused as expired, the second came with the new link.
    const ranges = rangesIn(proxy.sent());
    expect(ranges).toEqual([ranges[0], ranges[0]]);
    expect(ranges[0]).toBeGreaterThanOrEqual(MEGABYTE);
  });

  it('is not had by a link that was tampered with, which is not tried again', async ({ tool, service }) => {
    service.link = async () => {
      const link = await s3.presign('small.wav');
      return link.replace(/(X-Amz-Signature=)(.)/, (_, name: string, digit: string) => `${name}${digit === '0' ? '1' : '0'}`);
    };
    const run = await tool.run(['download', 'one', '--json']);
    expect(run.exitCode).toBe(6);
    expect(run.json()).toEqual([
      {
        id: 'one',
        status: 'failed',
        error: expect.objectContaining({ code: 'UNEXPECTED_RESPONSE', message: expect.stringContaining('SignatureDoesNotMatch') }),
      },
    ]);
    expect(service.questions()).toBe(1);
    expect(tool.files()).toEqual([]);
  });

  it('resumes within a run when the connection is reset half-way', async ({ tool, service, proxy }) => {
    service.link = () => s3.presign('large.wav', { port: proxy.port });
    proxy.holdAfter = 2 * MEGABYTE;
    const running = tool.start(['download', 'one', '-o', 'call.wav', '--json']);
    await untilHalfWay(tool, 1.9 * MEGABYTE);
    proxy.holdAfter = undefined;
    proxy.resetHeld();
    expect((await running.ended).json()).toEqual([expect.objectContaining({ status: 'saved', sha256: sha256(large), attempts: 2 })]);
    expect(rangesIn(proxy.sent())).toHaveLength(1);
    expect(service.questions()).toBe(1);
    expect(tool.files()).toEqual(['call.wav']);
  });

  it.for([
    ['download', ['download', 'one', '-o', 'calls/', '--json']],
    ['batch', ['batch', 'ids.txt', '-d', 'calls', '--json']],
  ] as const)('resumes across runs when a %s is killed half-way', async ([, args], { tool, service, proxy }) => {
    await tool.write('ids.txt', 'one\n');
    service.link = () => s3.presign('large.wav', { port: proxy.port });
    proxy.holdAfter = 2.5 * MEGABYTE;
    const killed = tool.start(args);
    await untilHalfWay(tool, 2.4 * MEGABYTE);
    killed.kill('SIGKILL');
    expect((await killed.ended).signal).toBe('SIGKILL');
    expect(tool.files()).not.toContain('calls/one.wav');
    expect(rangesIn(proxy.sent())).toEqual([]);

    proxy.holdAfter = undefined;
    const run = await tool.run(args);
    expect(run.exitCode).toBe(0);
    expect(run.json()[0]).toMatchObject({ id: 'one', status: 'saved', file: 'calls/one.wav', bytes: large.length, sha256: sha256(large) });
    expect((await tool.read('calls/one.wav')).equals(large)).toBe(true);
    const [from, ...more] = rangesIn(proxy.sent());
    expect(more).toEqual([]);
    expect(from).toBeGreaterThanOrEqual(MEGABYTE);
    expect(tool.files().filter((file) => /\.part/.test(file))).toEqual([]);
  });

  it('is fetched from nothing when another object lies there after the kill', async ({ tool, service, proxy }) => {
    const other = recording('other', 5 * MEGABYTE);
    await s3.put('first.wav', large, 'audio/wav');
    service.link = () => s3.presign('first.wav', { port: proxy.port });
    proxy.holdAfter = 2.5 * MEGABYTE;
    const killed = tool.start(['download', 'one', '-o', 'call.wav']);
    await untilHalfWay(tool, 2.4 * MEGABYTE);
    killed.kill('SIGKILL');
    await killed.ended;

    proxy.holdAfter = undefined;
    await s3.put('first.wav', other, 'audio/wav');
    const run = await tool.run(['download', 'one', '-o', 'call.wav', '--json']);
    expect(run.json()).toEqual([expect.objectContaining({ status: 'saved', sha256: sha256(other) })]);
    expect(tool.files()).toEqual(['call.wav']);
  });
});
