import { describe, expect } from 'vitest';
import type { Act } from './fault-server.ts';
import { it, LOGGED } from './fault-test.ts';
import { expectOneStory } from './reconcile.ts';
import { it as itOnDisk } from './small-disk.ts';
import { cut, damage, send, sendDocument, sendForever } from './store-acts.ts';
import { type EtagKind, type StoredObject, sha256, storedObject } from './stored-object.ts';

const PAGE = `<!DOCTYPE html><html><head><title>Sign in</title></head><body>${'Welcome. '.repeat(300)}</body></html>`;
const XML = `<?xml version="1.0"?><Error><Code>InternalError</Code><Message>${'We are sorry. '.repeat(100)}</Message></Error>`;
const JSON_TEXT = JSON.stringify({ error: 'try again', detail: 'x'.repeat(2000) });

describe.concurrent('what is not the recording, the first time', () => {
  it.for<[string, Act]>([
    ['a byte that was damaged on the way', damage],
    ['an HTML page', sendDocument('text/html', PAGE)],
    ['an HTML page that is called audio', sendDocument('audio/wav', PAGE)],
    ['an XML document under 200', sendDocument('application/xml', XML)],
    ['a JSON document', sendDocument('application/json', JSON_TEXT)],
    ['nothing at all', sendDocument('audio/wav', '')],
    ['an encoded body', send({ headers: { 'Content-Encoding': 'gzip' } })],
    ['a body whose end is that of the connection, cut', cut('end', 100_000, { end: 'connection' })],
    [
      'a part that nobody asked for',
      ({ object, response }) =>
        void response.writeHead(206, { 'Content-Range': `bytes 0-999/${object.bytes.length}` }).end(object.bytes.subarray(0, 1000)),
    ],
  ])('%s: is fetched once more from nothing, by a new link', async ([, act], { tool, server }) => {
    server.plan('call', { store: [act] });
    const run = await tool.run(['download', 'call', '--json', ...LOGGED]);
    expect(run.exitCode).toBe(0);
    expect(run.json()).toEqual([expect.objectContaining({ status: 'saved', attempts: 2 })]);
    expect(sha256(await tool.read('call.wav'))).toBe(sha256(server.object('call').bytes));
    expect(server.asked('store').map(({ headers }) => headers.range)).toEqual([undefined, undefined]);
    expect(server.asked('service').length).toBe(2);
    expect(tool.files()).toEqual(['call.wav']);
  });

  it('a damaged byte in the rest of a transfer that broke off', async ({ tool, server }) => {
    server.plan('call', { store: [cut('reset', 100_000), damage] });
    expect((await tool.run(['download', 'call', ...LOGGED])).exitCode).toBe(0);
    expect(sha256(await tool.read('call.wav'))).toBe(sha256(server.object('call').bytes));
    expect(server.asked('store').map(({ headers }) => headers.range)).toEqual([undefined, 'bytes=100000-', undefined]);
  });
});

describe.concurrent('what is never the recording', () => {
  it.for<[string, Act]>([
    ['wrong bytes', damage],
    ['an HTML page', sendDocument('text/html', PAGE)],
    ['a JSON document', sendDocument('application/json', JSON_TEXT)],
    ['nothing at all', sendDocument('audio/wav', '')],
  ])('%s: ends with 8 after two tries, and nothing lies there', async ([, act], { tool, server }) => {
    server.otherwise = ({ side }) => (side === 'store' ? act : undefined);
    const run = await tool.run(['download', 'call', '--json', ...LOGGED]);
    expect(run.exitCode).toBe(8);
    expect(run.json()).toEqual([expect.objectContaining({ error: expect.objectContaining({ code: 'CONTENT_MISMATCH' }) })]);
    expect(server.asked('store').length).toBe(2);
    expect(tool.files()).toEqual([]);
  });

  it('a body without any mark of its end and without a checksum: nobody could tell whether it is whole', async ({ tool, server }) => {
    const object: StoredObject = storedObject('call', { etag: 'none' });
    server.plan('call', { object, store: [send({ end: 'connection' }), send({ end: 'connection' })] });
    expect((await tool.run(['download', 'call', ...LOGGED])).exitCode).toBe(8);
    expect(tool.files()).toEqual([]);
  });

  it('a file that stands under its name stays as it is', async ({ tool, server }) => {
    server.otherwise = ({ side }) => (side === 'store' ? damage : undefined);
    await tool.write('call.wav', 'the last one');
    expect((await tool.run(['download', 'call', '-o', 'call.wav', '--force', ...LOGGED])).exitCode).toBe(8);
    expect(String(await tool.read('call.wav'))).toBe('the last one');
    expect(tool.files()).toEqual(['call.wav']);
  });

  it('is one row of a batch, and the others are saved', async ({ tool, server }) => {
    const always = { store: [damage, damage] };
    server.plan('wrong-1', always);
    server.plan('wrong-2', { store: [sendDocument('text/html', PAGE), damage] });
    const ids = ['call-1', 'wrong-1', 'call-2', 'wrong-2', 'call-3'];
    const run = await tool.run(['batch', '-', '-d', 'calls', '--json', ...LOGGED], { stdin: ids.join('\n') });
    const ends = await expectOneStory(tool, 'calls', ids, run);
    expect(ends).toEqual({ saved: ['call-1', 'call-2', 'call-3'], skipped: [], gone: [], failed: ['wrong-1', 'wrong-2'] });
    expect(run.exitCode).toBe(9);
    expect(tool.files()).toEqual(['call-1.wav', 'call-2.wav', 'call-3.wav', 'failed.txt', 'manifest.jsonl'].map((file) => `calls/${file}`));
  });
});

describe.concurrent('what can be proven by its length alone', () => {
  it.for<EtagKind>(['multipart', 'encrypted', 'weak', 'none'])('is saved: ETag %s', async (etag, { tool, server }) => {
    server.plan('call', { object: storedObject('call', { etag }) });
    expect((await tool.run(['download', 'call', ...LOGGED])).exitCode).toBe(0);
    expect(sha256(await tool.read('call.wav'))).toBe(sha256(server.object('call').bytes));
    expect(server.asked('store').length).toBe(1);
  });

  it('by its MD5 alone is saved as well', async ({ tool, server }) => {
    server.plan('call', { store: [send({ end: 'connection' })] });
    expect((await tool.run(['download', 'call', ...LOGGED])).exitCode).toBe(0);
    expect(sha256(await tool.read('call.wav'))).toBe(sha256(server.object('call').bytes));
    expect(server.asked('store').length).toBe(1);
  });
});

describe.concurrent('what is kept although something speaks against it', () => {
  it('an ETag that looks like an MD5 of the bytes and is none: after two equal copies', async ({ tool, server }) => {
    server.otherwise = ({ side }) => (side === 'store' ? send({ headers: { ETag: `"${'0'.repeat(32)}"` } }) : undefined);
    const run = await tool.run(['batch', '-', '-d', 'calls', '--json'], { stdin: 'call' });
    expect(run.exitCode).toBe(0);
    expect(run.json()[0]).toMatchObject({ status: 'saved', attempts: 2, unconfirmed: 'etag' });
    expect(run.err).toContain("call does not match the MD5 in the store's ETag, but two downloads of it were identical.");
    expect(sha256(await tool.read('calls/call.wav'))).toBe(sha256(server.object('call').bytes));
  });

  it('a header that announces more than is there', async ({ tool, server }) => {
    const bytes = storedObject('call').bytes.subarray(0, 100_000);
    server.plan('call', { object: { ...storedObject('call', { etag: 'none' }), bytes } });
    const run = await tool.run(['download', 'call', '--json']);
    expect(run.exitCode).toBe(0);
    expect(run.json()[0]).toMatchObject({ bytes: 100_000, incomplete: { announced: 300_000, bytes: 100_000 } });
    expect(run.err).toContain('call is incomplete: its header announces 300000 bytes, but the store has only 100000.');
  });

  it.for(['UTF-8', 'binary', 'none', 'identity', '8bit'])('a Content-Encoding of %s', async (encoding, { tool, server }) => {
    server.plan('call', { store: [send({ headers: { 'Content-Encoding': encoding } })] });
    expect((await tool.run(['download', 'call', ...LOGGED])).exitCode).toBe(0);
    expect(server.asked('store').length).toBe(1);
  });

  it('a status of 206 for a range that is all there is', async ({ tool, server }) => {
    server.plan('call', {
      store: [
        ({ object, response }) => {
          const { length } = object.bytes;
          response.writeHead(206, { 'Content-Range': `bytes 0-${length - 1}/${length}`, 'Content-Length': length }).end(object.bytes);
        },
      ],
    });
    expect((await tool.run(['download', 'call', ...LOGGED])).exitCode).toBe(0);
    expect(server.asked('store').length).toBe(1);
  });
});

describe.concurrent('an announced length that cannot be', () => {
  itOnDisk.for<[string, number, string]>([
    ['no recording is so large', 1e15, 'CONTENT_MISMATCH'],
    ['the disk has no room for it', 2 ** 30, 'FILE_SYSTEM'],
  ])('fails its own recording, and nothing is written of it: %s', async ([, length, code], { tool, server, disk: _ }) => {
    const announced: Act = async ({ response }) => {
      response.writeHead(200, { 'Content-Type': 'audio/wav', 'Content-Length': length }).flushHeaders();
    };
    server.plan('huge', { store: [announced, announced] });
    const run = await tool.run(['batch', '-', '-d', 'disk/calls', '-c', '1', '--json'], { stdin: 'call-1\nhuge\ncall-2' });
    expect(run.exitCode).toBe(9);
    expect(run.json().find(({ id }) => id === 'huge')).toMatchObject({ status: 'failed', error: { code } });
    expect(run.json().at(-1)?.summary).toMatchObject({ saved: 2, failed: 1 });
    expect(tool.files()).toEqual(['call-1.wav', 'call-2.wav', 'failed.txt', 'manifest.jsonl'].map((file) => `disk/calls/${file}`));
  });
});

describe.concurrent('a body without an end', () => {
  /** What the network of this machine can hold of bytes that nobody reads, and then some. */
  const HELD = 32 * 1024 * 1024;
  const piece = Buffer.alloc(64 * 1024, 'and so on ');

  it.for<[string, string, string, number]>([
    ['a page in place of the recording', 'text/html', '<!DOCTYPE html><html>', 8],
    ['a page that is called audio', 'audio/mpeg', '<!DOCTYPE html><html>', 8],
    ['a text', 'text/plain', 'so ', 8],
  ])('%s: is not read on', async ([, type, start, exitCode], { tool, server }) => {
    const sent: number[] = [];
    server.otherwise = ({ side, nth }) =>
      side === 'store'
        ? sendForever(200, { 'Content-Type': type }, start, piece, (bytes) => void sent.splice(nth - 1, 1, bytes))
        : undefined;
    const run = await tool.run(['download', 'call', ...LOGGED]);
    expect(run.exitCode).toBe(exitCode);
    expect(sent.length).toBe(2);
    expect(Math.max(...sent)).toBeLessThan(HELD);
    expect(tool.files()).toEqual([]);
  });

  it('of a failure of the store: is not read on', async ({ tool, server }) => {
    let sent = 0;
    const error = '<Error><Code>NoSuchKey</Code><Message>';
    server.plan('call', { store: [sendForever(404, { 'Content-Type': 'application/xml' }, error, piece, (bytes) => (sent = bytes))] });
    expect((await tool.run(['download', 'call', ...LOGGED])).exitCode).toBe(6);
    expect(sent).toBeLessThan(HELD);
    expect(server.asked('store').length).toBe(1);
  });

  it('of the service: is not read on', async ({ tool, server }) => {
    let sent = 0;
    server.plan('call', {
      service: [sendForever(200, { 'Content-Type': 'application/json' }, '{"code":"', piece, (bytes) => (sent = bytes))],
    });
    const run = await tool.run(['download', 'call', ...LOGGED]);
    expect(run.exitCode).toBe(6);
    expect(run.err).toContain('far too long');
    expect(sent).toBeLessThan(HELD);
    expect(server.requests.length).toBe(1);
  });
});
