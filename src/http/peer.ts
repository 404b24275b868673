import type { IncomingMessage } from 'node:http';
import { RecordingError } from '../errors.ts';
import { version } from '../version.ts';

/** How the tool names itself to both sides. */
export const userAgent = `kaleyra-rec/${version}`;

/** Who is at the other end of a connection, as an error names it: never with a path or a query, which can be secrets. */
export interface Peer {
  /** `The service` or `The store`. */
  name: string;
  host: string;
  /** The host of the proxy between, where there is one. */
  proxy?: string | undefined;
}

/** What {@link awaitResponse} needs of a request that is under way. */
export interface PendingRequest {
  once(event: 'response', listener: (response: IncomingMessage) => void): unknown;
  on(event: 'error', listener: (error: Error) => void): unknown;
  destroy(error?: Error): unknown;
}

/**
 * Waits for the status and headers of a request.
 *
 * Resolves with the response, whose body has not been read. Rejects with what Node says of a failed connection ({@link transportError} tells
 * what it means), `TIMEOUT` after `timeoutMs` milliseconds, or the signal's reason; the request is destroyed then. The signal stays tied to
 * the request until `release` of the answer is called: a body under way is cut when it is aborted.
 */
export function awaitResponse(
  request: PendingRequest,
  peer: Peer,
  timeoutMs: number,
  signal: AbortSignal,
): Promise<{ response: IncomingMessage; release: () => void }> {
  return new Promise((resolve, reject) => {
    const abort = () => {
      request.destroy();
      fail(signal.reason);
    };
    const timer = setTimeout(() => {
      request.destroy();
      fail(timeoutError(peer, timeoutMs, 'has not answered'));
    }, timeoutMs);
    const release = () => {
      clearTimeout(timer);
      signal.removeEventListener('abort', abort);
    };
    const fail = (error: unknown) => {
      release();
      reject(error);
    };
    signal.addEventListener('abort', abort, { once: true });
    request.on('error', fail);
    request.once('response', (response) => {
      clearTimeout(timer);
      resolve({ response, release });
    });
    if (signal.aborted) abort();
  });
}

/** `The service (api.kaleyra.io)`, and the proxy that it was to be reached through. */
export function nameOf({ name, host, proxy }: Peer): string {
  return `${name} (${host}${proxy === undefined ? '' : `, through the proxy ${proxy}`})`;
}

/** What Node calls a connection that ends before its answer does. */
export function abortedError(): Error {
  return Object.assign(new Error('aborted'), { code: 'ECONNRESET' });
}

/** `TIMEOUT`: nothing came for so long. `what` completes the sentence "The service (host) … for 30 s". */
export function timeoutError(peer: Peer, timeoutMs: number, what: string): RecordingError {
  return new RecordingError('TIMEOUT', `${nameOf(peer)} ${what} for ${timeoutMs / 1000} s.`, {
    hint: 'Check the network, and try again; --timeout and --stall-timeout give it longer.',
  });
}

/**
 * What a failed connection means, by Node's error code: `TIMEOUT`, `NETWORK` (not worth another try where a certificate is not trusted), or
 * `UNEXPECTED_RESPONSE` where the other side does not speak HTTP. A {@link RecordingError} is handed back as it came.
 *
 * Codes: Node's `errors` and `tls` pages, OpenSSL's `X509_verify_cert_error_string`.
 */
export function transportError(error: unknown, peer: Peer): RecordingError {
  if (error instanceof RecordingError) return error;
  // got wraps what a request is destroyed with.
  if (error instanceof Error && error.cause instanceof RecordingError) return error.cause;
  const code = errorCode(error);
  const at = nameOf(peer);
  // Where the store is, the service says: no setting of the user's does.
  const isStore = peer.name === 'The store';
  const address =
    peer.proxy !== undefined
      ? 'the proxy in the environment (HTTPS_PROXY, HTTP_PROXY, ALL_PROXY; NO_PROXY goes without)'
      : isStore
        ? 'whether a firewall blocks this host'
        : '--base-url';
  if (code === 'ENOTFOUND' || code === 'EAI_AGAIN') {
    return new RecordingError('NETWORK', `${at} cannot be found: its name does not resolve.`, {
      hint: `Check the network and ${address}, and try again.`,
      cause: error,
    });
  }
  if (code === 'ECONNREFUSED') {
    return new RecordingError('NETWORK', `${at} refused the connection.`, { hint: `Check ${address}, and try again later.`, cause: error });
  }
  if (code === 'ETIMEDOUT' || code === 'ESOCKETTIMEDOUT') {
    return new RecordingError('TIMEOUT', `${at} did not take the connection in time.`, {
      hint: 'Check the network, and try again later.',
      cause: error,
    });
  }
  if (isCertificateError(code)) {
    return new RecordingError('NETWORK', `${at} showed a certificate that is not trusted (${code}).`, {
      hint: certificateHint(code, isStore ? 'the proxy settings' : '--base-url and the proxy settings'),
      retryable: false,
      cause: error,
    });
  }
  if (/^(?:Z_|ERR_+(?:BROTLI|ERROR)_)/.test(code)) {
    return new RecordingError('UNEXPECTED_RESPONSE', `${at} sent an answer that cannot be decompressed (${code}).`, {
      hint: 'Try again later, and check whether a proxy stands between.',
      cause: error,
    });
  }
  if (code.startsWith('HPE_') || code === 'ERR_SSL_WRONG_VERSION_NUMBER' || code === 'EPROTO') {
    return new RecordingError('UNEXPECTED_RESPONSE', `${at} does not answer as an HTTP server should (${code}).`, {
      hint: `Check ${isStore ? '' : '--base-url, and '}whether a proxy stands between.`,
      cause: error,
    });
  }
  // got's own names for its errors say nothing to anybody else.
  const detail = code === '' || code.startsWith('ERR_GOT') ? '' : ` (${code})`;
  return new RecordingError('NETWORK', `The connection to ${at.replace('The s', 'the s')} broke${detail}.`, {
    hint: 'Check the network, and try again later.',
    cause: error,
  });
}

function certificateHint(code: string, settings: string): string {
  if (code === 'CERT_HAS_EXPIRED' || code === 'CERT_NOT_YET_VALID') {
    return "Check this machine's date and time; if they are right, whoever runs that host has to renew its certificate.";
  }
  if (code === 'ERR_TLS_CERT_ALTNAME_INVALID' || code === 'HOSTNAME_MISMATCH') {
    return `It is made out to another host: check ${settings}; if they are right, do not trust this network.`;
  }
  return "Behind a company's proxy, set NODE_EXTRA_CA_CERTS to a file with its CA certificate; otherwise do not trust this network.";
}

function isCertificateError(code: string): boolean {
  return /^(CERT_|UNABLE_TO_|SELF_SIGNED_|DEPTH_ZERO_|ERR_TLS_CERT)/.test(code) || code === 'HOSTNAME_MISMATCH';
}

function errorCode(error: unknown): string {
  const code = (error as { code?: unknown } | null)?.code;
  return typeof code === 'string' ? code : '';
}
