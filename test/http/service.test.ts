import { brotliCompressSync, deflateSync, gzipSync } from 'node:zlib';
import { describe, expect, test } from 'vitest';
import { interruptedError } from '../../src/errors.ts';
import { ANSWER_LIMIT, serviceTransport } from '../../src/http/service.ts';
import { calm, closedAddress, startRawServer, startServer } from './servers.ts';

const apiKey = 'A0123456789abcdef0123456789abcdef';
const form = 'id=a%2Bb&download=0';

/** Asks a server once by POST. */
function post(baseUrl: URL, { timeoutMs = 5000, path = '/v1/S/voice/recordings?id=a%2Bb', signal = calm } = {}) {
  return serviceTransport({ baseUrl, apiKey, timeoutMs })({ method: 'POST', url: new URL(path, baseUrl), form, signal });
}

describe('serviceTransport', () => {
  test('sends the method, the address, the form and the headers as they were given', async () => {
    const { url, received } = await startServer((response) => response.end('ok'));
    await post(url, { path: "/v1/S/voice/recordings?id=a%2Bb%2F%3D%20%C3%A9!'()*~" });
    expect(received).toEqual([
      expect.objectContaining({ method: 'POST', target: '/v1/S/voice/recordings?id=a%2Bb%2F%3D%20%C3%A9!%27()*~', body: form }),
    ]);
    expect(received[0]?.headers).toMatchObject({
      'api-key': apiKey,
      'content-type': 'application/x-www-form-urlencoded',
      'content-length': String(form.length),
      'user-agent': expect.stringMatching(/^kaleyra-rec\/\d/),
    });
  });

  test('sends no body and no content type with a GET', async () => {
    const { url, received } = await startServer((response) => response.end('ok'));
    await serviceTransport({ baseUrl: url, apiKey, timeoutMs: 5000 })({ method: 'GET', url: new URL(`/x?${form}`, url), signal: calm });
    expect(received[0]).toMatchObject({ method: 'GET', target: `/x?${form}`, body: '' });
    expect(received[0]?.headers).not.toHaveProperty('content-type');
  });

  test.each([
    ['gzip', gzipSync],
    ['deflate', deflateSync],
    ['br', brotliCompressSync],
  ])('reads an answer that comes as %s, although nobody asked for that', async (coding, compress) => {
    const { url, received } = await startServer((response) => {
      response.writeHead(200, { 'content-encoding': coding }).end(compress('{"é":1}'));
    });
    expect((await post(url)).body).toBe('{"é":1}');
    expect(received[0]?.headers['accept-encoding']).toBe('identity');
  });

  test.each([
    ['that is none', Buffer.from('no gzip at all')],
    ['that breaks off', gzipSync('x'.repeat(1000)).subarray(0, 20)],
  ])('gives up gzip %s', async (_, body) => {
    const { url } = await startServer((response) => {
      response.writeHead(200, { 'content-encoding': 'gzip' }).end(body);
    });
    await expect(post(url)).rejects.toMatchObject({
      code: 'UNEXPECTED_RESPONSE',
      message: expect.stringContaining('cannot be decompressed'),
    });
  });

  test('bounds a compressed answer by what it becomes', async () => {
    const { url } = await startServer((response) => {
      response.writeHead(200, { 'content-encoding': 'gzip' }).end(gzipSync(Buffer.alloc(64 * ANSWER_LIMIT)));
    });
    await expect(post(url)).rejects.toMatchObject({ code: 'UNEXPECTED_RESPONSE', message: expect.stringContaining('too long') });
  });

  test('hands back status, headers and body of whatever was answered', async () => {
    const { url } = await startServer((response) => {
      response.writeHead(503, { 'content-type': 'text/html', 'retry-after': '7' }).end('<p>é</p>');
    });
    expect(await post(url)).toEqual({ status: 503, contentType: 'text/html', location: undefined, retryAfter: '7', body: '<p>é</p>' });
  });

  test.each([301, 302, 303, 307, 308])('reads a %i and does not follow it: the key reaches no other origin', async (status) => {
    const other = await startServer((response) => response.end('caught'));
    const { url } = await startServer((response) => {
      response.writeHead(status, { location: other.url.href }).end();
    });
    expect(await post(url)).toMatchObject({ status, location: other.url.href });
    expect(other.received).toEqual([]);
  });

  test('refuses to take the key to another origin than the base URL', async () => {
    const other = await startServer((response) => response.end('caught'));
    const { url, received } = await startServer((response) => response.end('ok'));
    const ask = serviceTransport({ baseUrl: url, apiKey, timeoutMs: 5000 });
    await expect(ask({ method: 'GET', url: other.url, signal: calm })).rejects.toThrow('another origin');
    expect([...other.received, ...received]).toEqual([]);
  });

  test('asks over one connection as long as the service keeps it open', async () => {
    const { url, received } = await startServer((response) => response.end('ok'));
    const ask = serviceTransport({ baseUrl: url, apiKey, timeoutMs: 5000 });
    for (let round = 0; round < 3; round += 1) await ask({ method: 'GET', url, signal: calm });
    expect(received.map(({ connection }) => connection)).toEqual([1, 1, 1]);
  });

  test('reads an answer up to 1 MB, and gives up one byte later', async () => {
    const { url } = await startServer((response, { target }) => {
      response.end('x'.repeat(ANSWER_LIMIT + (target === '/long' ? 1 : 0)));
    });
    expect((await post(url, { path: '/' })).body).toHaveLength(ANSWER_LIMIT);
    await expect(post(url, { path: '/long' })).rejects.toMatchObject({ code: 'UNEXPECTED_RESPONSE' });
  });

  test('ends the connection of an answer without end', async () => {
    let closed: () => void = () => undefined;
    const ended = new Promise<void>((resolve) => {
      closed = resolve;
    });
    const { url } = await startServer((response) => {
      const fill = () => {
        while (response.write('x'.repeat(65_536)));
      };
      response.on('drain', fill).on('close', closed);
      fill();
    });
    await expect(post(url)).rejects.toMatchObject({ code: 'UNEXPECTED_RESPONSE', message: expect.stringContaining('too long') });
    await ended;
  });

  test.each([
    ['never answers', () => undefined],
    ['never finishes its answer', (response: { write(text: string): unknown }) => void response.write('{')],
  ])('gives a service up that %s', async (_, answer) => {
    const { url } = await startServer(answer);
    await expect(post(url, { timeoutMs: 80 })).rejects.toMatchObject({ code: 'TIMEOUT', message: expect.stringContaining('0.08 s') });
  });

  test('counts the time-out from the question to the end of the answer, however busily it drips', async () => {
    const { url } = await startServer((response) => {
      const drip = setInterval(() => response.write('x'), 10);
      response.on('close', () => clearInterval(drip));
    });
    await expect(post(url, { timeoutMs: 80 })).rejects.toMatchObject({ code: 'TIMEOUT' });
  });

  test('does not take an answer that broke off for a whole one', async () => {
    const { url } = await startServer((response, { target }) => {
      if (target === '/length') response.writeHead(200, { 'content-length': '100' });
      response.write('{"data":', () => response.destroy());
    });
    await expect(post(url, { path: '/length' })).rejects.toMatchObject({ code: 'NETWORK' });
    await expect(post(url, { path: '/chunked' })).rejects.toMatchObject({ code: 'NETWORK' });
  });

  test.each(['before it is asked', 'before it answers', 'within its answer'])('stops %s with the reason of the signal', async (when) => {
    const stop = new AbortController();
    const reason = interruptedError('SIGINT');
    const { url, received } = await startServer((response) => {
      if (when === 'within its answer') response.write('{"data":');
      setTimeout(() => stop.abort(reason), 20);
    });
    if (when === 'before it is asked') stop.abort(reason);
    await expect(post(url, { signal: stop.signal })).rejects.toBe(reason);
    expect(received).toHaveLength(when === 'before it is asked' ? 0 : 1);
  });

  test.each([
    ['goes on behind its declared end', 'HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\n{"code":1}'],
    ['has a body where none may be', 'HTTP/1.1 204 No Content\r\n\r\n{}'],
    ['has a broken chunk', 'HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\nZZ\r\n'],
  ])('gives up an answer that %s, also where it comes in one piece with its headers', async (_, text) => {
    await expect(post(await startRawServer(text))).rejects.toMatchObject({ code: 'UNEXPECTED_RESPONSE' });
  });

  test('says what a connection that fails means, without path, query or key', async () => {
    const refused = await closedAddress();
    const error = await post(refused).catch((caught) => caught);
    expect(error).toMatchObject({ code: 'NETWORK', retryable: true, message: `The service (${refused.host}) refused the connection.` });
    expect(`${error.message} ${error.hint}`).not.toMatch(/a%2B|recordings\?|A0123/);
    await expect(post(await startRawServer('SSH-2.0-OpenSSH_9.6\r\n'))).rejects.toMatchObject({
      code: 'UNEXPECTED_RESPONSE',
      message: expect.stringContaining('HPE_'),
    });
    await expect(post(await startRawServer(''))).rejects.toMatchObject({ code: 'NETWORK', message: expect.stringContaining('ECONNRESET') });
  });
});
