import type { IncomingMessage } from 'node:http';
import { RecordingError } from '../errors.ts';
import { type ChooseRoute, routeChooser } from './agents.ts';
import { awaitResponse, nameOf, type Peer, timeoutError, transportError, userAgent } from './peer.ts';
import { secureLink } from './secure-link.ts';

/** How many redirects of the store are followed: S3 answers 301 or 307 where a bucket lives in another region. */
export const REDIRECT_LIMIT = 5;

const HEADERS = { 'user-agent': userAgent, 'accept-encoding': 'identity' };

/** The bytes that are asked for: those from `from` on, if the object is still the one with this ETag. */
export interface Rest {
  from: number;
  etag: string;
}

/** An answer of the store, its body not yet read. */
export interface StoreAnswer {
  status: number;
  contentType: string | null;
  /** The bytes of this answer's body as the store declares them; undefined where it does not. */
  contentLength: number | undefined;
  contentRange: string | undefined;
  contentEncoding: string | undefined;
  etag: string | null;
  /** `x-amz-server-side-encryption`, which tells whether the ETag is an MD5. */
  encryption: string | null;
  retryAfter: string | undefined;
  /** Whether the end of the body can be told from a broken connection: by a length or by chunks. */
  endIsMarked: boolean;
  /** The path of the object, without the link's secret query. */
  path: string;
  /** The body as it comes. Throws `NETWORK`, `TIMEOUT` (a stall), or the signal's reason. */
  body: AsyncIterable<Uint8Array>;
  /** Ends the connection. To be called for every answer whose body is not read to its end. */
  cancel(): void;
}

/** Gets an object from the store; tests pass another. `attempt` says which attempt at its recording it is, for the log. */
export type StoreTransport = (link: URL, rest: Rest | undefined, signal: AbortSignal, attempt?: number) => Promise<StoreAnswer>;

/**
 * The HTTP client that reads recordings. It has never seen the key. It asks with GET alone, which is what a link is signed for, and
 * follows redirects itself, at most {@link REDIRECT_LIMIT}, never from https down to http.
 *
 * It is Node's own client and not got: nothing that got adds is wanted on this leg, and its options, made afresh for each request, and its
 * stream around the body cost as much as all else that is done for a recording of 100 KB together.
 *
 * `timeoutMs` bounds the wait for each answer's headers, `stallTimeoutMs` the wait for each next byte. The returned function resolves with
 * whatever was answered, and throws `NETWORK`, `TIMEOUT`, `UNEXPECTED_RESPONSE` (no HTTP, or a redirect that must not be followed), or
 * the signal's reason.
 */
export function storeTransport(options: {
  timeoutMs: number;
  stallTimeoutMs: number;
  /** Straight connections where left out. */
  chooseRoute?: ChooseRoute;
}): StoreTransport {
  const { chooseRoute = routeChooser({}) } = options;
  return async (link, rest, signal) => {
    let url = link;
    for (let redirects = 0; ; redirects += 1) {
      signal.throwIfAborted();
      const { agent, get, proxy } = await chooseRoute(url);
      const peer: Peer = { name: 'The store', host: url.host, proxy };
      const headers = { ...HEADERS, ...(rest && { range: `bytes=${rest.from}-`, 'if-match': rest.etag }) };
      const request = get(url, { headers, agent });
      const { response, release } = await awaitResponse(request, peer, options.timeoutMs, signal);
      const status = response.statusCode ?? 0;
      const { location } = response.headers;
      if (status >= 300 && status < 400 && status !== 304 && location !== undefined) {
        release();
        request.destroy();
        if (redirects >= REDIRECT_LIMIT) throw redirectError(`redirects more than ${REDIRECT_LIMIT} times`, peer);
        url = secureLink(location, { base: url, plainHttpAllowed: url.protocol === 'http:' });
        continue;
      }
      const { headers: answered } = response;
      const contentLength = readLength(answered['content-length']);
      return {
        status,
        contentType: answered['content-type'] ?? null,
        contentLength,
        contentRange: answered['content-range'],
        contentEncoding: answered['content-encoding'],
        etag: answered.etag ?? null,
        encryption: headerText(answered['x-amz-server-side-encryption']),
        retryAfter: answered['retry-after'],
        endIsMarked: contentLength !== undefined || isChunked(answered['transfer-encoding']),
        path: url.pathname,
        body: watched(response, { peer, stallTimeoutMs: options.stallTimeoutMs, signal, release }),
        cancel() {
          release();
          request.destroy();
        },
      };
    }
  };
}

/** The body, given up when no byte comes for so long. The wait counts only while the reader waits, not while it is busy with a chunk. */
async function* watched(
  response: IncomingMessage,
  options: { peer: Peer; stallTimeoutMs: number; signal: AbortSignal; release: () => void },
): AsyncGenerator<Uint8Array> {
  const { peer, stallTimeoutMs, signal, release } = options;
  let waiting = true;
  const timer = setTimeout(() => {
    if (waiting) response.destroy(timeoutError(peer, stallTimeoutMs, 'has sent nothing'));
  }, stallTimeoutMs);
  try {
    for await (const chunk of response) {
      waiting = false;
      yield chunk;
      waiting = true;
      timer.refresh();
    }
    // Whatever the stream makes of being cut: it is not whole.
    signal.throwIfAborted();
  } catch (error) {
    signal.throwIfAborted();
    throw transportError(error, peer);
  } finally {
    clearTimeout(timer);
    release();
  }
}

function readLength(header: string | undefined): number | undefined {
  return header !== undefined && /^\d+$/.test(header) ? Number(header) : undefined;
}

/** Any other coding in the last place leaves the body to end with the connection (RFC 9112, section 6.3). */
function isChunked(transferEncoding: string | undefined): boolean {
  return /(?:^|,)[ \t]*chunked[ \t]*$/i.test(transferEncoding ?? '');
}

function headerText(header: string | string[] | undefined): string | null {
  return typeof header === 'string' ? header : null;
}

function redirectError(what: string, peer: Peer): RecordingError {
  return new RecordingError('UNEXPECTED_RESPONSE', `${nameOf(peer)} ${what}.`, {
    hint: 'Try again later; if it stays so, ask Kaleyra about this recording.',
  });
}
