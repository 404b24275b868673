import { isIPv4 } from 'node:net';
import { RecordingError } from '../errors.ts';

/** What {@link secureLink} needs to know beside the link. */
export interface SecureLinkOptions {
  /** Whether plain http may be used at all: true only where the service's base URL is itself a loopback address, as the sandbox's is. */
  plainHttpAllowed: boolean;
  /** What a relative link is resolved against; left out, only an absolute link is taken. */
  base?: URL;
}

/**
 * A link of the service or the store, made safe to fetch: absolute, http or https, without user name and password.
 *
 * An `http:` link to an Amazon host becomes `https:`. The signature still holds: it covers method, path, query and Host, but not the
 * scheme, and without a port of its own the Host header is the same for both. The recording and the link's own secret then cross the
 * network encrypted. Every other plain-http link is refused, unless `plainHttpAllowed`.
 *
 * Throws a RecordingError `UNEXPECTED_RESPONSE`. Neither its message nor its cause holds the link's query, which is a secret: at most
 * the host.
 */
export function secureLink(link: string | URL, options: SecureLinkOptions): URL {
  const url = parse(link, options.base);
  if (url === undefined) throw refusal('The service handed out a link that is not a valid URL.');
  if (url.protocol !== 'https:' && url.protocol !== 'http:') {
    throw refusal('The service handed out a link that is neither http nor https.');
  }
  // The host as the URL standard writes it has neither blanks nor control characters, but no bound on its length.
  const host = url.host.slice(0, 100);
  if (url.username !== '' || url.password !== '') {
    throw refusal(`The service handed out a link to ${host} that holds a user name or password.`);
  }
  if (url.protocol === 'http:' && url.port === '' && isAmazon(url.hostname)) url.protocol = 'https:';
  if (url.protocol === 'http:' && !options.plainHttpAllowed) {
    throw refusal(`The service handed out a link to ${host} over plain http, which would let everyone on the way listen to the recording.`);
  }
  return url;
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

/** Node's own "Invalid URL" error carries the whole input, so it is dropped here and not kept as a cause. */
function parse(link: string | URL, base: URL | undefined): URL | undefined {
  if (typeof link === 'string' && link.trim() === '') return undefined;
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
