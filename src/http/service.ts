import { got } from 'got';
import { RecordingError } from '../errors.ts';
import { MASK } from '../redact.ts';
import { type ChooseRoute, routeChooser } from './agents.ts';

import { awaitResponse, nameOf, type Peer, timeoutError, transportError, userAgent } from './peer.ts';

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
  const client = got.extend({
    headers: { 'api-key': apiKey, 'user-agent': userAgent, accept: 'application/json', 'accept-encoding': 'identity' },
    followRedirect: false,
    throwHttpErrors: false,
    decompress: false,
    retry: { limit: 0 },
  });

  return async ({ method, url, form, signal }) => {
    if (url.origin !== baseUrl.origin) throw new Error('the key was about to be sent to another origin than the base URL');
    signal.throwIfAborted();
    const deadline = performance.now() + timeoutMs;
    const { agent, proxy } = await chooseRoute(url);
    const peer: Peer = { name: 'The service', host: baseUrl.host, proxy };
    const request = client.stream(url, {
      method,
      agent: { [url.protocol.slice(0, -1)]: agent },
      ...(form === undefined ? {} : { body: form, headers: { 'content-type': 'application/x-www-form-urlencoded' } }),
    });
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

async function readText(body: AsyncIterable<Uint8Array>, peer: Peer): Promise<string> {
  const chunks: Uint8Array[] = [];
  let length = 0;
  for await (const chunk of body) {
    length += chunk.length;
    if (length > ANSWER_LIMIT) throw endlessAnswer(peer);
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString('utf8');
}

function endlessAnswer(peer: Peer): RecordingError {
  return new RecordingError('UNEXPECTED_RESPONSE', `${nameOf(peer)} sent an answer that is far too long.`, {
    hint: 'Check --base-url, and whether a proxy stands between.',
  });
}
