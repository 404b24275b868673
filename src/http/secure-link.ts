import { isIPv4 } from 'node:net';
import { RecordingError } from '../errors.ts';
import { isLocalHost, localError } from './local-addresses.ts';

/** What {@link secureLink} needs to know beside the link. */
export interface SecureLinkOptions {
  /**
   * Whether a link may lead to this machine or into its private network, over plain http to a loopback address: true only where the
   * service's base URL is itself a loopback address, as the sandbox's is.
   */
  localAllowed: boolean;
  /** What a relative link is resolved against; left out, only an absolute link is taken. */
  base?: URL;
  /** Whether `base` was reached by https, and the link must not lead down to http, not even on loopback. */
  stayOnHttps?: boolean;
}

/** A link that is safe to fetch. It knows how it was written, since a signature can cover what the URL standard rewrites (`/a/../b`). */
export class Link extends URL {
  /** Path and query, byte for byte as they came, for the request line; bytes beyond ASCII, which that may not hold, are percent-encoded. */
  readonly target: string;

  constructor(url: URL, written: string) {
    super(url);
    this.target = targetOf(written) ?? `${url.pathname}${url.search}`;
  }

  /** The link as it came, for whoever is to fetch it with another program. */
  get written(): string {
    return `${this.origin}${this.target}`;
  }
}

/** A link as it came, where that is known: see {@link Link}. */
export function asWritten(link: URL): string {
  return link instanceof Link ? link.written : link.href;
}

/**
 * A link of the service or the store, made safe to fetch: absolute, https, without user name and password, and not into this machine or its
 * private network as far as the host itself tells ({@link isLocalHost}); what its name resolves to is checked by the connection.
 *
 * An `http:` link to an Amazon host becomes `https:`. The signature still holds: it covers method, path, query and Host, but not the
 * scheme, and without a port of its own the Host header is the same for both. The recording and the link's own secret then cross the
 * network encrypted. Every other plain-http link is refused, unless it leads to a loopback address and that is allowed.
 *
 * Throws a RecordingError `UNEXPECTED_RESPONSE`. Neither its message nor its cause holds the link's path or query, which are secrets: at
 * most the host.
 */
export function secureLink(written: string, { localAllowed, base, stayOnHttps = false }: SecureLinkOptions): Link {
  const url = parse(written, base);
  if (url === undefined) throw refusal('The service handed out a link that is not a valid URL.');
  if (url.protocol !== 'https:' && url.protocol !== 'http:') {
    throw refusal('The service handed out a link that is neither http nor https.');
  }
  // The host as the URL standard writes it has neither blanks nor control characters, but no bound on its length.
  const host = url.host.slice(0, 100);
  if (url.username !== '' || url.password !== '') {
    throw refusal(`The service handed out a link to ${host} that holds a user name or password.`);
  }
  if (!localAllowed && isLocalHost(url.hostname)) throw localError(url.host);
  if (url.protocol === 'http:' && url.port === '' && isAmazon(url.hostname)) url.protocol = 'https:';
  if (url.protocol === 'http:' && (!localAllowed || stayOnHttps || !isLoopback(url.hostname))) {
    throw refusal(`The service handed out a link to ${host} over plain http, which would let everyone on the way listen to the recording.`);
  }
  return new Link(url, written);
}

/** A `Location` header as text: Node hands headers over as Latin-1, and addresses are UTF-8 where they are not ASCII. */
export function readLocation(header: string | undefined): string | undefined {
  if (header === undefined) return undefined;
  const text = Buffer.from(header, 'latin1').toString('utf8');
  return text.includes('\ufffd') ? header : text;
}

/**
 * Whether a host can only be this machine: `localhost`, 127.0.0.0/8 and ::1 (with or without brackets), spelt as `URL.hostname` spells
 * them. Names below `.localhost` are not taken: some resolvers ask the network for them.
 */
export function isLoopback(host: string): boolean {
  return host === 'localhost' || host === '[::1]' || host === '::1' || (isIPv4(host) && host.startsWith('127.'));
}

/** Whether a link carries a signature in its query: Amazon's SigV4 (`X-Amz-Signature`) or SigV2 (`Signature`). */
export function isSigned(link: URL): boolean {
  return Boolean(link.searchParams.get('X-Amz-Signature') || link.searchParams.get('Signature'));
}

/**
 * When a signed link stops working, in milliseconds since 1970 UTC; undefined where the link does not tell. Read from SigV4's
 * `X-Amz-Date` and `X-Amz-Expires` (a moment in ISO 8601's basic form, and seconds from then on), else from SigV2's `Expires` (seconds
 * since 1970).
 */
export function linkExpiry(link: URL): number | undefined {
  const query = link.searchParams;
  const signedAt = query.get('X-Amz-Date');
  const lifetime = query.get('X-Amz-Expires');
  if (signedAt !== null || lifetime !== null) {
    const start = basicIsoTime(signedAt ?? '');
    return start !== undefined && /^\d{1,9}$/.test(lifetime ?? '') ? start + Number(lifetime) * 1000 : undefined;
  }
  const expires = query.get('Expires') ?? '';
  return /^\d{1,12}$/.test(expires) ? Number(expires) * 1000 : undefined;
}

/** `20261231T235959Z` as milliseconds since 1970 UTC; undefined for anything else, dates that no calendar has included. */
function basicIsoTime(text: string): number | undefined {
  const parts = /^(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)Z$/.exec(text);
  if (parts === null) return undefined;
  const [, year, month, day, hour, minute, second] = parts;
  const iso = `${year}-${month}-${day}T${hour}:${minute}:${second}.000Z`;
  const time = Date.parse(iso);
  return !Number.isNaN(time) && new Date(time).toISOString() === iso ? time : undefined;
}

function isAmazon(hostname: string): boolean {
  return hostname.endsWith('.amazonaws.com') || hostname.endsWith('.amazonaws.com.cn');
}

/** Path and query of a link that names them in full; undefined where they have to be resolved, or hold what no address may. */
function targetOf(written: string): string | undefined {
  const path = (ABSOLUTE.exec(written.trim()) ?? FROM_ROOT.exec(written.trim()))?.[1];
  if (path === undefined) return undefined;
  // biome-ignore lint/suspicious/noControlCharactersInRegex: what no request line can hold
  if (/[\x00-\x20\x7f]|\p{Cs}/u.test(path)) return undefined;
  return (path.startsWith('/') ? path : `/${path}`).replace(/[^\x21-\x7e]+/g, encodeURIComponent);
}

const ABSOLUTE = /^(?:https?:)?\/\/[^/?#\\@]+((?:[/?][^#\\]*)?)(?:#|$)/i;
const FROM_ROOT = /^(\/(?!\/)[^#\\]*)(?:#|$)/;

/** Node's own "Invalid URL" error carries the whole input, so it is dropped here and not kept as a cause. */
function parse(link: string, base: URL | undefined): URL | undefined {
  if (link.trim() === '') return undefined;
  try {
    return new URL(link, base);
  } catch {
    return undefined;
  }
}

function refusal(message: string): RecordingError {
  return new RecordingError('UNEXPECTED_RESPONSE', message, {
    hint: 'Check the base URL (--base-url, KALEYRA_BASE_URL) and any proxy on the way; if both are right, report the host to Kaleyra.',
  });
}
