import type { IncomingMessage, OutgoingHttpHeaders } from 'node:http';
import { RecordingError } from '../errors.ts';
import { type ChooseRoute, routeChooser } from './agents.ts';
import { abortedError, awaitResponse, nameOf, type Peer, timeoutError, transportError, userAgent } from './peer.ts';
import { askByRoute, closesKept } from './resend.ts';
import { Link, readLocation, secureLink } from './secure-link.ts';

/** How many redirects of the store are followed: S3 answers 301 or 307 where a bucket lives in another region. */
export const REDIRECT_LIMIT = 5;

const HEADERS = { 'user-agent': userAgent, 'accept-encoding': 'identity' };

/** The bytes that are asked for: those from `from` on, if the object is still the one with this ETag. */
export interface Rest {
  from: number;
  etag: string;
}

/** Takes a piece of a body. Where that takes time it gives a promise, and the next piece comes after that. */
export type Take = (bytes: Uint8Array) => Promise<void> | 'enough' | undefined;

/** An answer of the store, its body not yet read. */
export interface StoreAnswer {
  status: number;
  contentType: string | null;
  /** The bytes of this answer's body as the store declares them; undefined where it does not. */
  contentLength: number | undefined;
  contentRange: string | undefined;
  /** The codings that the body bears beyond HTTP's own chunks; undefined where its bytes are the object's. */
  contentEncoding: string | undefined;
  etag: string | null;
  /** `x-amz-server-side-encryption`, which tells whether the ETag is an MD5. */
  encryption: string | null;
  retryAfter: string | undefined;
  /** Whether the end of the body can be told from a broken connection: by a length or by chunks. */
  endIsMarked: boolean;
  /** The path of the object, without the link's secret query. */
  path: string;
  /**
   * Hands on the body as it comes, once. Resolves at its end, or when `take` says that it has enough. Throws `NETWORK`, `TIMEOUT` (a stall),
   * the signal's reason, or what `take` throws.
   */
  read(take: Take): Promise<void>;
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
  /** Whether it may lead to this machine or into its private network; see `secureLink`. */
  localAllowed: boolean;
  /** Straight connections where left out. */
  chooseRoute?: ChooseRoute;
}): StoreTransport {
  const { timeoutMs, localAllowed, chooseRoute = routeChooser({}) } = options;
  return async (link, rest, signal) => {
    const headers = { ...HEADERS, ...(rest && { range: `bytes=${rest.from}-`, 'if-match': rest.etag }) };
    let url = link;
    for (let redirects = 0; ; redirects += 1) {
      signal.throwIfAborted();
      const { request, response, release, peer } = await ask(url, headers, signal);
      const status = response.statusCode ?? 0;
      const location = readLocation(response.headers.location);
      if (status >= 300 && status < 400 && status !== 304 && location !== undefined) {
        release();
        request.destroy();
        if (redirects >= REDIRECT_LIMIT) throw redirectError(`redirects more than ${REDIRECT_LIMIT} times`, peer);
        url = secureLink(location, { base: url, localAllowed, stayOnHttps: url.protocol === 'https:' });
        continue;
      }
      const { headers: answered } = response;
      const contentLength = readLength(answered['content-length']);
      return {
        status,
        contentType: answered['content-type'] ?? null,
        contentLength,
        contentRange: answered['content-range'],
        contentEncoding: codingsOf(answered['content-encoding'], answered['transfer-encoding']),
        etag: answered.etag ?? null,
        encryption: headerText(answered['x-amz-server-side-encryption']),
        retryAfter: answered['retry-after'],
        endIsMarked: contentLength !== undefined || isChunked(answered['transfer-encoding']),
        path: url.pathname,
        read: (take) => readBody(response, take, { peer, stallTimeoutMs: options.stallTimeoutMs, signal, release }),
        cancel() {
          release();
          request.destroy();
        },
      };
    }
  };

  async function ask(url: URL, headers: OutgoingHttpHeaders, signal: AbortSignal) {
    const peer: Peer = { name: 'The store', host: url.host };
    const path = url instanceof Link ? url.target : url.pathname + url.search;
    try {
      return await askByRoute(url, { chooseRoute, timeoutMs, signal }, async ({ agent, request: send, proxy }, begun) => {
        peer.proxy = proxy;
        const request = send(url, { path, headers, agent });
        begun({ isReused: () => request.reusedSocket });
        request.end();
        const answered = await awaitResponse(request, peer, timeoutMs, signal);
        if (closesKept(answered.response, request)) {
          answered.release();
          request.destroy();
          throw abortedError();
        }
        return { request, peer, ...answered };
      });
    } catch (error) {
      throw signal.aborted ? signal.reason : transportError(error, peer);
    }
  }
}

/**
 * Reads a body, and gives it up when no byte comes for so long. The wait counts only while the body is waited for, not while a piece of it is
 * taken. By the stream's events: its iterator, and a generator around it, took a tenth of the time of a recording of 100 KB.
 */
function readBody(
  response: IncomingMessage,
  take: Take,
  options: { peer: Peer; stallTimeoutMs: number; signal: AbortSignal; release: () => void },
): Promise<void> {
  const { peer, stallTimeoutMs, signal, release } = options;
  return new Promise((resolve, reject) => {
    let over = false;
    let taking = false;
    /** How it ends as soon as the piece is taken that is being taken: nobody may go on from it before that. */
    let held: (() => void) | undefined;
    const timer = setTimeout(() => {
      if (!taking) response.destroy(timeoutError(peer, stallTimeoutMs, 'has sent nothing'));
    }, stallTimeoutMs);
    const finish = (settle: () => void) => {
      if (over) return;
      over = true;
      clearTimeout(timer);
      release();
      settle();
    };
    const finishOnceTaken = (settle: () => void) => {
      if (taking) held ??= settle;
      else finish(settle);
    };
    // Whatever the stream makes of being cut: what the signal has cut is not whole.
    const end = () => finishOnceTaken(() => (signal.aborted ? reject(signal.reason) : resolve()));
    const fail = (error: unknown) => finishOnceTaken(() => reject(signal.aborted ? signal.reason : transportError(error, peer)));
    const refuse = (error: unknown) => {
      finish(() => reject(error));
      response.destroy();
    };
    response.on('data', (bytes: Uint8Array) => {
      if (over) return;
      try {
        const taken = take(bytes);
        if (taken === 'enough') {
          end();
          response.destroy();
        } else if (taken !== undefined) {
          taking = true;
          response.pause();
          taken.then(() => {
            taking = false;
            if (held !== undefined) return finish(held);
            timer.refresh();
            response.resume();
          }, refuse);
        } else timer.refresh();
      } catch (error) {
        refuse(error);
      }
    });
    response.on('end', end);
    response.on('error', fail);
    response.on('close', () => {
      if (!over) fail(abortedError());
    });
    // What has broken off while the caller waited for a disk tells it to nobody who comes later, and an error without a listener is dropped.
    if (response.destroyed) fail(abortedError());
  });
}

function readLength(header: string | undefined): number | undefined {
  return header !== undefined && /^\d+$/.test(header) ? Number(header) : undefined;
}

/** Any other coding in the last place leaves the body to end with the connection (RFC 9112, section 6.3). */
function isChunked(transferEncoding: string | undefined): boolean {
  return /(?:^|,)[ \t]*chunked[ \t]*$/i.test(transferEncoding ?? '');
}

/** The content codings that there are (IANA, "HTTP Content Coding Registry"), and base64, which mail brings along. */
const CODINGS = new Set([
  'gzip',
  'x-gzip',
  'compress',
  'x-compress',
  'deflate',
  'br',
  'zstd',
  'dcb',
  'dcz',
  'exi',
  'pack200-gzip',
  'base64',
]);

/**
 * Those that change the bytes. An object's Content-Encoding is what somebody wrote when it was stored, so that `UTF-8`, `binary`, `none` and the
 * like occur, and `aws-chunked`, which is how it was sent to the store: none of them is a coding. Whether the bytes are a recording, they show.
 */
function codingsOf(contentEncoding = '', transferEncoding = ''): string | undefined {
  const named = (header: string, changes: (coding: string) => boolean) =>
    header
      .split(',')
      .map((coding) => coding.trim())
      .filter((coding) => changes(coding.toLowerCase()));
  const codings = [
    ...named(contentEncoding, (coding) => CODINGS.has(coding)),
    ...named(transferEncoding, (coding) => !['', 'identity', 'chunked'].includes(coding)),
  ];
  return codings.length === 0 ? undefined : codings.join(', ');
}

function headerText(header: string | string[] | undefined): string | null {
  return typeof header === 'string' ? header : null;
}

function redirectError(what: string, peer: Peer): RecordingError {
  return new RecordingError('UNEXPECTED_RESPONSE', `${nameOf(peer)} ${what}.`, {
    hint: 'Try again later; if it stays so, ask Kaleyra about this recording.',
  });
}
