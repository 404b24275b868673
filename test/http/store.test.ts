import { getEventListeners, once } from 'node:events';
import http from 'node:http';
import { describe, expect, test } from 'vitest';
import { interruptedError } from '../../src/errors.ts';
import { serviceTransport } from '../../src/http/service.ts';
import { REDIRECT_LIMIT, type StoreAnswer, storeTransport } from '../../src/http/store.ts';
import { eventually } from '../helpers/eventually.ts';
import { calm, closedAddress, readAll, startRawServer, startServer } from './servers.ts';

const get = storeTransport({ timeoutMs: 5000, stallTimeoutMs: 5000, localAllowed: true });

describe('storeTransport', () => {
  test('asks with GET for exactly the link, and for nothing but the plain bytes', async () => {
    const { url, received } = await startServer((response) => response.end('RIFF'));
    const target = "/b/a%20b%2Fc+d.mp3?X-Amz-Signature=0a&X-Amz-Credential=A%2F2026+x&name='~!*()&empty=";
    const answer = await get(new URL(target, url), undefined, calm);
    expect(await readAll(answer)).toBe('RIFF');
    expect(received).toMatchObject([{ method: 'GET', target: target.replaceAll("'", '%27'), body: '' }]);
    expect(received[0]?.headers).toMatchObject({ 'accept-encoding': 'identity' });
    expect(Object.keys(received[0]?.headers ?? {}).sort()).toEqual(['accept-encoding', 'connection', 'host', 'user-agent']);
  });

  test('asks for the rest of one object alone', async () => {
    const { url, received } = await startServer((response) => response.end());
    (await get(url, { from: 512, etag: '"abc"' }, calm)).cancel();
    expect(received[0]?.headers).toMatchObject({ range: 'bytes=512-', 'if-match': '"abc"' });
  });

  test('has never seen the key: a recording that the service redirects to is fetched without it', async () => {
    const store = await startServer((response) => response.end('RIFF'));
    const service = await startServer((response) => {
      response.writeHead(301, { location: new URL('/a.wav?X-Amz-Signature=0', store.url).href }).end();
    });
    const ask = serviceTransport({ baseUrl: service.url, apiKey: 'A123secret', timeoutMs: 5000 });
    const { location = '' } = await ask({ method: 'POST', url: service.url, form: '', signal: calm });
    await readAll(await get(new URL(location), undefined, calm));
    expect(JSON.stringify(service.received)).toContain('A123secret');
    expect(JSON.stringify(store.received)).not.toMatch(/A123secret|api-key/);
  });

  test('reads what the headers say, the path without its secret query', async () => {
    const { url } = await startServer((response) => {
      response.writeHead(206, {
        'content-type': 'audio/mpeg',
        'content-length': '4',
        'content-range': 'bytes 6-9/10',
        etag: '"0a"',
        'x-amz-server-side-encryption': 'aws:kms',
        'retry-after': '3',
      });
      response.end('last');
    });
    const { read: _, cancel, ...answer } = await get(new URL('/b/%2Bid.mp3?X-Amz-Signature=0', url), undefined, calm);
    cancel();
    expect(answer).toEqual({
      status: 206,
      contentType: 'audio/mpeg',
      contentLength: 4,
      contentRange: 'bytes 6-9/10',
      contentEncoding: undefined,
      etag: '"0a"',
      encryption: 'aws:kms',
      retryAfter: '3',
      endIsMarked: true,
      path: '/b/%2Bid.mp3',
    });
  });

  test('leaves an encoded body as it came, and says how', async () => {
    const { url } = await startServer((response) => {
      response.writeHead(200, { 'content-encoding': 'gzip' }).end('no gzip at all');
    });
    const answer = await get(url, undefined, calm);
    expect(answer.contentEncoding).toBe('gzip');
    expect(await readAll(answer)).toBe('no gzip at all');
  });

  test.each([
    ['Content-Encoding: gzip\r\nContent-Length: 2\r\n', 'ab', 'gzip'],
    ['Content-Encoding: aws-chunked, br\r\nContent-Length: 2\r\n', 'ab', 'br'],
    ['Transfer-Encoding: deflate, chunked\r\n', '2\r\nab\r\n0\r\n\r\n', 'deflate'],
    ['Transfer-Encoding: chunked\r\n', '2\r\nab\r\n0\r\n\r\n', undefined],
    ['Content-Encoding: \r\nContent-Length: 2\r\n', 'ab', undefined],
    ['Content-Encoding: Identity\r\nContent-Length: 2\r\n', 'ab', undefined],
    ['Content-Encoding: aws-chunked\r\nContent-Length: 2\r\n', 'ab', undefined],
  ])('tells what changes the bytes of a body: %j', async (header, body, contentEncoding) => {
    const url = await startRawServer(`HTTP/1.1 200 OK\r\n${header}Connection: close\r\n\r\n${body}`);
    const answer = await get(url, undefined, calm);
    expect(answer.contentEncoding).toBe(contentEncoding);
    expect(await readAll(answer)).toBe('ab');
  });

  test.each([
    ['a length', 'Content-Length: 2\r\n', 'ab', 2, true],
    ['chunks', 'Transfer-Encoding: chunked\r\n', '2\r\nab\r\n0\r\n\r\n', undefined, true],
    ['the end of the connection', '', 'ab', undefined, false],
    ['the end of the connection, whatever coding is named', 'Transfer-Encoding: identity\r\n', 'ab', undefined, false],
  ])('tells where a body ends by %s', async (_, header, body, contentLength, endIsMarked) => {
    const url = await startRawServer(`HTTP/1.1 200 OK\r\n${header}Connection: close\r\n\r\n${body}`);
    const answer = await get(url, undefined, calm);
    expect(answer).toMatchObject({ contentLength, endIsMarked });
    expect(await readAll(answer)).toBe('ab');
  });

  test.each([
    ['a length', 'Content-Length: 100\r\n', 'ab'],
    ['chunks', 'Transfer-Encoding: chunked\r\n', '64\r\nab'],
    ['chunks, between two of them', 'Transfer-Encoding: chunked\r\n', '2\r\nab\r\n'],
  ])('gives the bytes of a body that breaks off, and then NETWORK, where its end is marked by %s', async (_, header, body) => {
    const url = await startRawServer(`HTTP/1.1 200 OK\r\n${header}\r\n${body}`);
    const answer = await get(url, undefined, calm);
    let bytes = '';
    const reading = async () => {
      await answer.read((chunk) => {
        bytes += Buffer.from(chunk).toString();
        return undefined;
      });
    };
    await expect(reading()).rejects.toMatchObject({ code: 'NETWORK', retryable: true });
    expect(bytes).toBe('ab');
  });

  test('refuses two ways of marking the end at once', async () => {
    const url = await startRawServer('HTTP/1.1 200 OK\r\nContent-Length: 2\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nab\r\n0\r\n\r\n');
    await expect(get(url, undefined, calm)).rejects.toMatchObject({ code: 'UNEXPECTED_RESPONSE' });
  });

  test('gets one object after the other over one connection', async () => {
    const { url, received } = await startServer((response) => response.end('x'.repeat(100_000)));
    for (let round = 0; round < 3; round += 1) {
      const answer = await get(url, undefined, calm);
      await readAll(answer);
      answer.cancel();
    }
    expect(received.map(({ connection }) => connection)).toEqual([1, 1, 1]);
  });

  test('ends the connection of an answer that is not read', async () => {
    let closed: () => void = () => undefined;
    const ended = new Promise<void>((resolve) => {
      closed = resolve;
    });
    const { url } = await startServer((response) => {
      response.on('close', closed).writeHead(200).write('RIFF');
    });
    (await get(url, undefined, calm)).cancel();
    await ended;
  });
});

describe('storeTransport, redirected', () => {
  test("follows another region to its answer, with the same range, and without the first region's address", async () => {
    const far = await startServer((response) => response.end('far'));
    const near = await startServer((response) => {
      response.writeHead(307, { location: new URL('/b/k.mp3?X-Amz-Signature=0', far.url).href }).end('<Error/>');
    });
    const answer = await get(new URL('/k', near.url), { from: 7, etag: '"e"' }, calm);
    expect(answer).toMatchObject({ status: 200, path: '/b/k.mp3' });
    expect(await readAll(answer)).toBe('far');
    expect(far.received).toMatchObject([
      { target: '/b/k.mp3?X-Amz-Signature=0', headers: { range: 'bytes=7-', 'if-match': '"e"', host: far.url.host } },
    ]);
  });

  test('asks for a redirect in UTF-8 with dot segments byte for byte as it came', async () => {
    const location = Buffer.from('/a/../é/./k.mp3?q=/../漢%e6').toString('latin1');
    const { url, received } = await startServer((response, { target: asked }) => {
      if (asked === '/k') response.writeHead(307, { location }).end();
      else response.end('there');
    });
    expect(await readAll(await get(new URL('/k', url), undefined, calm))).toBe('there');
    expect(received.map((request) => request.target)).toEqual(['/k', '/a/../%C3%A9/./k.mp3?q=/../%E6%BC%A2%e6']);
  });

  test('takes a relative address against the one that named it', async () => {
    const { url } = await startServer((response, { target }) => {
      if (target === '/a/b') response.writeHead(302, { location: 'c?x=1' });
      response.end(target);
    });
    expect(await readAll(await get(new URL('/a/b', url), undefined, calm))).toBe('/a/c?x=1');
  });

  test('follows as many redirects as are allowed, and not one more', async () => {
    const { url, received } = await startServer((response, { target }) => {
      const left = Number(target.slice(1));
      if (left > 0) response.writeHead(301, { location: `/${left - 1}` });
      response.end('there');
    });
    const answer = await get(new URL(`/${REDIRECT_LIMIT}`, url), undefined, calm);
    expect(await readAll(answer)).toBe('there');
    received.length = 0;
    await expect(get(new URL(`/${REDIRECT_LIMIT + 1}`, url), undefined, calm)).rejects.toMatchObject({
      code: 'UNEXPECTED_RESPONSE',
      message: expect.stringContaining('redirects more than 5 times'),
    });
    expect(received).toHaveLength(REDIRECT_LIMIT + 1);
  });

  test.each(['ftp://127.0.0.1/k', 'http://user:pw@127.0.0.1/k', 'http://[/'])('does not follow to %s', async (location) => {
    const { url } = await startServer((response) => {
      response.writeHead(301, { location }).end();
    });
    await expect(get(url, undefined, calm)).rejects.toMatchObject({ code: 'UNEXPECTED_RESPONSE' });
  });

  test('hands back a redirect that names no address, and a 304, as answers', async () => {
    const { url } = await startServer((response, { target }) => {
      if (target === '/304') response.writeHead(304, { location: '/' }).end();
      else response.writeHead(301).end('<Error><Code>PermanentRedirect</Code></Error>');
    });
    const answer = await get(url, undefined, calm);
    expect(answer.status).toBe(301);
    expect(await readAll(answer)).toContain('PermanentRedirect');
    const unmodified = await get(new URL('/304', url), undefined, calm);
    unmodified.cancel();
    expect(unmodified.status).toBe(304);
  });
});

describe('storeTransport, given up', () => {
  const impatient = storeTransport({ timeoutMs: 5000, stallTimeoutMs: 80, localAllowed: true });

  test('gives up a store that never answers', async () => {
    const { url } = await startServer(() => undefined);
    await expect(storeTransport({ timeoutMs: 80, stallTimeoutMs: 5000, localAllowed: true })(url, undefined, calm)).rejects.toMatchObject({
      code: 'TIMEOUT',
      message: `The store (${url.host}) has not answered for 0.08 s.`,
    });
  });

  test('gives up a body that stalls, once its bytes were handed on', async () => {
    const { url } = await startServer((response) => {
      response.writeHead(200, { 'content-length': '100' }).write('first bytes');
    });
    const answer = await impatient(url, undefined, calm);
    let bytes = '';
    const reading = async () => {
      await answer.read((chunk) => {
        bytes += Buffer.from(chunk).toString();
        return undefined;
      });
    };
    await expect(reading()).rejects.toMatchObject({ code: 'TIMEOUT', message: expect.stringContaining('has sent nothing for 0.08 s') });
    expect(bytes).toBe('first bytes');
  });

  test('waits as long as bytes come, however slowly', async () => {
    const { url } = await startServer((response) => {
      let left = 12;
      const drip = setInterval(() => {
        response.write('x');
        left -= 1;
        if (left > 0) return;
        clearInterval(drip);
        response.end();
      }, 200);
    });
    const answer = await storeTransport({ timeoutMs: 5000, stallTimeoutMs: 2000, localAllowed: true })(url, undefined, calm);
    expect(await readAll(answer)).toBe('x'.repeat(12));
  });

  test('ends early for a reader that has enough, and closes the connection', async () => {
    let closed = false;
    const { url } = await startServer((response) => {
      response.on('close', () => {
        closed = true;
      });
      const more = () => response.write('x'.repeat(1000), () => setImmediate(more));
      more();
    });
    const answer = await get(url, undefined, calm);
    let bytes = 0;
    await answer.read((chunk) => {
      bytes += chunk.length;
      return bytes > 5000 ? 'enough' : undefined;
    });
    await eventually(() => expect(closed).toBe(true));
  });

  test.each(['at once', 'later'])('throws what a reader throws %s, and closes the connection', async (when) => {
    let closed = false;
    const { url } = await startServer((response) => {
      response.on('close', () => {
        closed = true;
      });
      response.write('RIFF');
    });
    const answer = await get(url, undefined, calm);
    const failure = new Error('the disk is full');
    const reading = answer.read(() => {
      if (when === 'later') return Promise.reject(failure);
      throw failure;
    });
    await expect(reading).rejects.toBe(failure);
    await eventually(() => expect(closed).toBe(true));
  });

  test.each(['broke off', 'was cut by the signal'])('tells that a body %s before anybody has read it', async (how) => {
    const stop = new AbortController();
    const reason = interruptedError('SIGTERM');
    const { url } = await startServer((response) => {
      response.writeHead(200, { 'content-length': '100' }).write('RIFF', () => how === 'broke off' && response.destroy());
    });
    const { transport, untilClosed } = watchedTransport();
    const answer = await transport(url, undefined, stop.signal);
    if (how !== 'broke off') stop.abort(reason);
    await untilClosed();
    const reading = readAll(answer);
    if (how === 'broke off') await expect(reading).rejects.toMatchObject({ code: 'NETWORK', retryable: true });
    else await expect(reading).rejects.toBe(reason);
  });

  test('gives a body that was there before anybody has read it', async () => {
    const url = await startRawServer('HTTP/1.1 200 OK\r\nContent-Length: 4\r\nConnection: close\r\n\r\nRIFF');
    const { transport, untilClosed } = watchedTransport();
    const answer = await transport(url, undefined, calm);
    await untilClosed();
    expect(await readAll(answer)).toBe('RIFF');
  });

  test('hands on nothing while a piece is being taken', async () => {
    const { url } = await startServer((response) => {
      response.write('RIFF');
      setTimeout(() => response.end('WAVE'), 20);
    });
    let busy = false;
    await (await get(url, undefined, calm)).read(async () => {
      expect(busy).toBe(false);
      busy = true;
      await new Promise((resolve) => setTimeout(resolve, 60));
      busy = false;
    });
    expect(busy).toBe(false);
  });

  test('does not hold a slow reader against the store', async () => {
    const stallTimeoutMs = 1000;
    const { url } = await startServer((response) => {
      response.writeHead(200, { 'content-length': '8' }).write('slow');
      setTimeout(() => response.end('disk'), 40);
    });
    const answer = await storeTransport({ timeoutMs: 60_000, stallTimeoutMs, localAllowed: true })(url, undefined, calm);
    let bytes = '';
    await answer.read(async (chunk) => {
      bytes += Buffer.from(chunk).toString();
      await new Promise((resolve) => setTimeout(resolve, 1.5 * stallTimeoutMs));
    });
    expect(bytes).toBe('slowdisk');
  });

  test('gives up a store that stalls after the reader was slow', async () => {
    const { url } = await startServer((response) => {
      response.writeHead(200, { 'content-length': '8' }).write('slow');
    });
    const answer = await impatient(url, undefined, calm);
    const reading = async () => {
      await answer.read(() => new Promise((resolve) => setTimeout(resolve, 120)));
    };
    await expect(reading()).rejects.toMatchObject({ code: 'TIMEOUT' });
  });

  test.each(['before it is asked', 'before it answers', 'before the body is read', 'within the body'])(
    'stops %s with the reason of the signal',
    async (when) => {
      const stop = new AbortController();
      const reason = interruptedError('SIGTERM');
      const { url, received } = await startServer((response) => {
        if (when === 'before it answers') stop.abort(reason);
        else response.writeHead(200, { 'content-length': '100' }).write('RIFF');
      });
      if (when === 'before it is asked') stop.abort(reason);
      const fetching = async () => {
        const answer: StoreAnswer = await get(url, undefined, stop.signal);
        if (when === 'before the body is read') stop.abort(reason);
        await answer.read(() => void stop.abort(reason));
      };
      await expect(fetching()).rejects.toBe(reason);
      expect(received).toHaveLength(when === 'before it is asked' ? 0 : 1);
    },
  );

  test('does not take a body for whole that the signal cut, where nothing marks its end', async () => {
    const stop = new AbortController();
    const { url } = await startServer((response) => {
      response.useChunkedEncodingByDefault = false;
      response.writeHead(200).write('RIFF');
    });
    const answer = await get(url, undefined, stop.signal);
    expect(answer.endIsMarked).toBe(false);
    const reading = async () => {
      await answer.read(() => void setTimeout(() => stop.abort(interruptedError('SIGINT')), 10));
    };
    await expect(reading()).rejects.toMatchObject({ code: 'INTERRUPTED' });
  });

  test('tells of a body that was cut only once the piece before that is taken, so that nothing goes on from it too soon', async () => {
    const { url } = await startServer((response) => void response.writeHead(200, { 'content-length': '100' }).write('RIFF'));
    const stop = new AbortController();
    const answer = await get(url, undefined, stop.signal);
    let begin = () => {};
    let take = () => {};
    const begun = new Promise<void>((resolve) => {
      begin = resolve;
    });
    const taken = new Promise<void>((resolve) => {
      take = resolve;
    });
    let told = false;
    const reading = answer
      .read(() => {
        begin();
        return taken;
      })
      .finally(() => {
        told = true;
      });
    await begun;
    const reason = interruptedError('SIGINT');
    stop.abort(reason);
    for (let turn = 0; turn < 10; turn += 1) await new Promise((resolve) => setImmediate(resolve));
    expect(told).toBe(false);
    take();
    await expect(reading).rejects.toBe(reason);
  });

  test('lets go of the signal when an answer is done with', async () => {
    const { signal } = new AbortController();
    const { url } = await startServer((response) => response.end('RIFF'));
    const answer = await get(url, undefined, signal);
    expect(getEventListeners(signal, 'abort')).toHaveLength(1);
    await readAll(answer);
    expect(getEventListeners(signal, 'abort')).toEqual([]);
    (await get(url, undefined, signal)).cancel();
    expect(getEventListeners(signal, 'abort')).toEqual([]);
  });

  test('says that nobody listens', async () => {
    const url = await closedAddress();
    await expect(get(url, undefined, calm)).rejects.toMatchObject({
      code: 'NETWORK',
      message: `The store (${url.host}) refused the connection.`,
    });
  });
});

/** A transport for one request, of which is known when its connection is closed and everybody was told. */
function watchedTransport() {
  let closed: Promise<unknown> | undefined;
  const request = ((...args: Parameters<typeof http.request>) => {
    const sent = http.request(...args);
    closed = once(sent, 'close');
    return sent;
  }) as typeof http.request;
  const chooseRoute = async () => ({ agent: http.globalAgent, request });
  return {
    transport: storeTransport({ timeoutMs: 5000, stallTimeoutMs: 5000, localAllowed: true, chooseRoute }),
    async untilClosed() {
      await closed;
      // The response tells of its end after the request does.
      await new Promise((resolve) => setImmediate(resolve));
    },
  };
}
