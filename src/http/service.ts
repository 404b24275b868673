import type { Agent, IncomingMessage } from 'node:http';
import type { Agent as HttpsAgent } from 'node:https';
import type { Got, Request } from 'got';
import { RecordingError } from '../errors.ts';
import { MASK } from '../redact.ts';
import { type ChooseRoute, routeChooser } from './agents.ts';
import { loadGot } from './got.ts';
import { abortedError, nameOf, type Peer, timeoutError, transportError, userAgent } from './peer.ts';
import { askByRoute, closesKept } from './resend.ts';
import { readLocation } from './secure-link.ts';

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
 * host that the redirect names; and it refuses to ask any other origin than the base URL's. An answer that comes compressed is unpacked.
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
  // Nothing that is the same for each request is given to got anew: it merges its options for each. What is not asked by is not made.
  const clients: Record<ServiceRequest['method'], Map<Agent, Got>> = { GET: new Map(), POST: new Map() };

  return async ({ method, url, form, signal }) => {
    if (url.origin !== baseUrl.origin) throw new Error('the key was about to be sent to another origin than the base URL');
    signal.throwIfAborted();
    const got = await loadGot();
    const peer: Peer = { name: 'The service', host: baseUrl.host };
    try {
      return await askByRoute(url, { chooseRoute, timeoutMs, signal }, async ({ agent, proxy }, begun) => {
        peer.proxy = proxy;
        const client = clients[method].get(agent) ?? makeClient(got, method, agent, apiKey, timeoutMs);
        clients[method].set(agent, client);
        const request = client.stream(url, { signal, ...(form !== undefined && { body: form }) });
        begun({ isReused: () => request.reusedSocket === true && (!request.response || closesKept(request.response, request)) });
        const answer = await readAnswer(request, peer);
        // A proxy's page can repeat the headers that it was sent; nobody behind this wall is to see the key.
        return { ...answer, body: answer.body.replaceAll(apiKey, MASK) };
      });
    } catch (error) {
      signal.throwIfAborted();
      if ((error as Error).name === 'TimeoutError') throw timeoutError(peer, timeoutMs, 'has not answered');
      throw transportError(error, peer);
    }
  };
}

function makeClient(got: Got, method: ServiceRequest['method'], agent: Agent, apiKey: string, timeoutMs: number): Got {
  const form = method === 'POST' ? { 'content-type': 'application/x-www-form-urlencoded' } : {};
  return got.extend({
    method,
    headers: { 'api-key': apiKey, 'user-agent': userAgent, accept: 'application/json', 'accept-encoding': 'identity', ...form },
    // The types ask for one of node:https, got does not.
    agent: { http: agent, https: agent as HttpsAgent },
    followRedirect: false,
    throwHttpErrors: false,
    retry: { limit: 0 },
    timeout: { request: timeoutMs },
  });
}

/** The answer, read to its end by the stream's events: its iterator takes twice as long. The request is destroyed then, whatever came. */
function readAnswer(request: Request, peer: Peer): Promise<HttpAnswer> {
  const answer = new Promise<HttpAnswer>((resolve, reject) => {
    const chunks: Uint8Array[] = [];
    let length = 0;
    request.once('response', (response: IncomingMessage) => {
      if (closesKept(response, request)) return reject(abortedError());
      const { statusCode, headers } = response;
      request.once('end', () =>
        resolve({
          status: statusCode ?? 0,
          contentType: headers['content-type'],
          location: readLocation(headers.location),
          retryAfter: headers['retry-after'],
          body: Buffer.concat(chunks).toString('utf8'),
        }),
      );
    });
    request.on('data', (chunk: Uint8Array) => {
      length += chunk.length;
      if (length > ANSWER_LIMIT) reject(endlessAnswer(peer));
      else chunks.push(chunk);
    });
    request.on('error', reject);
    request.once('close', () => reject(abortedError()));
  });
  // It listens to the signal, and holds the connection of an answer that was not read to its end, until it is destroyed.
  return answer.finally(() => request.destroy());
}

function endlessAnswer(peer: Peer): RecordingError {
  return new RecordingError('UNEXPECTED_RESPONSE', `${nameOf(peer)} sent an answer that is far too long.`, {
    hint: 'Check --base-url, and whether a proxy stands between.',
  });
}
