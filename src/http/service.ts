import http from 'node:http';
import type { Readable } from 'node:stream';
import { got } from 'got';
import { RecordingError } from '../errors.ts';
import { MASK } from '../redact.ts';
import { type ChooseRoute, type Route, routeChooser } from './agents.ts';
import { abortedError, awaitResponse, nameOf, type Peer, timeoutError, transportError, userAgent } from './peer.ts';

/** The largest answer that is read: a link or a failure is under 4 KB, so that a megabyte is no answer of this service. */
export const ANSWER_LIMIT = 1024 * 1024;

/** What was answered, whole. */
export interface HttpAnswer {
  status: number;
  contentType: string | undefined;
  location: string | undefined;
  retryAfter: string | undefined;
  body: string;
}

/** One request to the service. */
export interface ServiceRequest {
  method: 'POST' | 'GET';
  /** Where to, query included. */
  url: URL;
  /** The form, encoded; for POST alone. */
  form?: string;
  /** Which attempt at its recording it belongs to, for the log. */
  attempt?: number | undefined;
  signal: AbortSignal;
}

/** Asks the service, with the key; tests pass another. */
export type ServiceTransport = (request: ServiceRequest) => Promise<HttpAnswer>;

/**
 * The HTTP client that carries the key. It follows no redirect, since got, like curl and fetch, would forward the `api-key` header to the
 * host that the redirect names; and it refuses to ask any other origin than the base URL's.
 *
 * The returned function resolves with whatever was answered, and throws `NETWORK`, `TIMEOUT` (no whole answer within `timeoutMs`
 * milliseconds), `UNEXPECTED_RESPONSE` (no HTTP, or a body over {@link ANSWER_LIMIT}), or the signal's reason.
 */
export function serviceTransport(options: {
  baseUrl: URL;
  apiKey: string;
  timeoutMs: number;
  /** Straight connections where left out. */
  chooseRoute?: ChooseRoute;
}): ServiceTransport {
  const { baseUrl, apiKey, timeoutMs, chooseRoute = routeChooser({}) } = options;
  // One origin, and one way to it. Nothing that is the same for each request is given to got anew: it merges its options for each.
  let route: Route | undefined;
  const client = got.extend({
    headers: { 'api-key': apiKey, 'user-agent': userAgent, accept: 'application/json', 'accept-encoding': 'identity' },
    followRedirect: false,
    throwHttpErrors: false,
    decompress: false,
    retry: { limit: 0 },
    request: (url, { method, headers }, answered) => {
      const { request = http.request, agent } = route ?? {};
      return request(url, { method, headers, agent }, answered);
    },
  });
  const clients = {
    GET: client,
    POST: client.extend({ method: 'POST', headers: { 'content-type': 'application/x-www-form-urlencoded' } }),
  };

  return async ({ method, url, form, signal }) => {
    if (url.origin !== baseUrl.origin) throw new Error('the key was about to be sent to another origin than the base URL');
    signal.throwIfAborted();
    const deadline = performance.now() + timeoutMs;
    route ??= await chooseRoute(baseUrl);
    const peer: Peer = { name: 'The service', host: baseUrl.host, proxy: route.proxy };
    const request = clients[method].stream(url, form === undefined ? {} : { body: form });
    const { response, release } = await awaitResponse(request, peer, timeoutMs, signal);
    const timer = setTimeout(
      () => request.destroy(timeoutError(peer, timeoutMs, 'has not finished its answer')),
      Math.max(1, deadline - performance.now()),
    );
    try {
      return {
        status: response.statusCode ?? 0,
        contentType: response.headers['content-type'],
        location: response.headers.location,
        retryAfter: response.headers['retry-after'],
        // A proxy's page can repeat the headers that it was sent; nobody behind this wall is to see the key.
        body: (await readText(request, peer)).replaceAll(apiKey, MASK),
      };
    } catch (error) {
      request.destroy();
      signal.throwIfAborted();
      throw transportError(error, peer);
    } finally {
      clearTimeout(timer);
      release();
    }
  };
}

/** By the stream's events: its iterator takes twice as long. */
function readText(body: Readable, peer: Peer): Promise<string> {
  return new Promise((resolve, reject) => {
    const chunks: Uint8Array[] = [];
    let length = 0;
    body.on('data', (chunk: Uint8Array) => {
      length += chunk.length;
      if (length > ANSWER_LIMIT) reject(endlessAnswer(peer));
      else chunks.push(chunk);
    });
    body.on('end', () => resolve(Buffer.concat(chunks).toString('utf8')));
    body.on('error', reject);
    body.on('close', () => {
      if (!body.readableEnded) reject(abortedError());
    });
    // What broke in the very piece that brought the headers has told of it before anybody could listen.
    if (body.destroyed) reject(body.errored ?? abortedError());
  });
}

function endlessAnswer(peer: Peer): RecordingError {
  return new RecordingError('UNEXPECTED_RESPONSE', `${nameOf(peer)} sent an answer that is far too long.`, {
    hint: 'Check --base-url, and whether a proxy stands between.',
  });
}
