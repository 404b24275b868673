import type { IncomingMessage } from 'node:http';
import type { Agent as HttpsAgent } from 'node:https';
import type { Request } from 'got';
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
  // Nothing that is the same for each request is given to got anew: it merges its options for each.
  let prepared: ReturnType<typeof makeClients> | undefined;

  return async ({ method, url, form, signal }) => {
    if (url.origin !== baseUrl.origin) throw new Error('the key was about to be sent to another origin than the base URL');
    signal.throwIfAborted();
    prepared ??= makeClients(apiKey, timeoutMs);
    const client = (await prepared)[method];
    const peer: Peer = { name: 'The service', host: baseUrl.host };
    try {
      return await askByRoute(url, { chooseRoute, timeoutMs, signal }, async ({ agent, proxy }, begun) => {
        peer.proxy = proxy;
        // The types ask for one of node:https, got does not.
        const agents = { http: agent, https: agent as HttpsAgent };
        const request = client.stream(url, { agent: agents, signal, ...(form !== undefined && { body: form }) });
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

async function makeClients(apiKey: string, timeoutMs: number) {
  const got = await loadGot();
  const client = got.extend({
    headers: { 'api-key': apiKey, 'user-agent': userAgent, accept: 'application/json', 'accept-encoding': 'identity' },
    followRedirect: false,
    throwHttpErrors: false,
    retry: { limit: 0 },
    timeout: { request: timeoutMs },
  });
  const post = client.extend({ method: 'POST', headers: { 'content-type': 'application/x-www-form-urlencoded' } });
  return { GET: client, POST: post };
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
