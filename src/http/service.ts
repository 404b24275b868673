import http from 'node:http';
import https from 'node:https';
import { got } from 'got';
import { RecordingError } from '../errors.ts';

import { awaitResponse, type Peer, timeoutError, transportError, userAgent } from './peer.ts';

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
export function serviceTransport(options: { baseUrl: URL; apiKey: string; timeoutMs: number }): ServiceTransport {
  const { baseUrl, apiKey, timeoutMs } = options;
  const peer: Peer = { name: 'The service', host: baseUrl.host };
  const client = got.extend({
    headers: { 'api-key': apiKey, 'user-agent': userAgent, accept: 'application/json', 'accept-encoding': 'identity' },
    agent: baseUrl.protocol === 'https:' ? { https: new https.Agent({ keepAlive: true }) } : { http: new http.Agent({ keepAlive: true }) },
    followRedirect: false,
    throwHttpErrors: false,
    decompress: false,
    retry: { limit: 0 },
  });

  return async ({ method, url, form, signal }) => {
    if (url.origin !== baseUrl.origin) throw new Error('the key was about to be sent to another origin than the base URL');
    signal.throwIfAborted();
    const deadline = performance.now() + timeoutMs;
    const request = client.stream(url, {
      method,
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
        body: await readText(request, peer),
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
  return new RecordingError('UNEXPECTED_RESPONSE', `${peer.name} (${peer.host}) sent an answer that is far too long.`, {
    hint: 'Check --base-url, and whether a proxy stands between.',
  });
}
