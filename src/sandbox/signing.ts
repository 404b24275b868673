import { createHash, createHmac, timingSafeEqual } from 'node:crypto';

// AWS Signature Version 4 in the query string, as the S3 reference describes it
// ("Authenticating Requests: Using Query Parameters"): the method, the path, the query and the host are signed, the payload is not.

const ALGORITHM = 'AWS4-HMAC-SHA256';
const SERVICE = 's3';

/** The longest that a link signed with Signature Version 4 can stay valid: 7 days. */
export const MAX_EXPIRES_SECONDS = 7 * 24 * 60 * 60;

/** How far ahead of the store's clock a signature's time may lie. */
export const SKEW_MS = 15 * 60_000;

/** The key pair that links are signed and checked with. */
export interface SigningKey {
  /** Names the key in the link; not a secret. */
  accessKeyId: string;
  secret: string;
}

/** What a link is to be signed for. */
export interface LinkTerms {
  key: SigningKey;
  /** The region that goes into the signature, as `us-east-1`. */
  region: string;
  /** When the link is signed, in milliseconds since 1970 UTC; whole seconds count. */
  at: number;
  /** For how many seconds from then on it is valid: a whole number up to {@link MAX_EXPIRES_SECONDS}. */
  expiresSeconds: number;
}

/** What a check of a signed link found. `missing`: no signature at all, or a part of it left out. */
export type Verdict =
  | { ok: true; expiresAt: number }
  | { ok: false; reason: 'missing' | 'mismatch' | 'early' }
  | { ok: false; reason: 'expired'; expiresAt: number };

/**
 * Signs a link for GET.
 *
 * @param url an absolute http(s) link without the signature's own parameters; its path must be encoded as it is to be sent
 * @returns the link with `X-Amz-Algorithm`, `-Credential`, `-Date`, `-Expires`, `-SignedHeaders` and `-Signature` in its query
 */
export function signLink(url: string, terms: LinkTerms): string {
  const link = new URL(url);
  const date = amzDate(terms.at);
  const query = new URLSearchParams(link.search);
  query.set('X-Amz-Algorithm', ALGORITHM);
  query.set('X-Amz-Credential', `${terms.key.accessKeyId}/${scope(date, terms.region)}`);
  query.set('X-Amz-Date', date);
  query.set('X-Amz-Expires', String(terms.expiresSeconds));
  query.set('X-Amz-SignedHeaders', 'host');
  query.set('X-Amz-Signature', signature('GET', link.host, link.pathname, query, date, terms.region, terms.key.secret));
  return `${link.origin}${link.pathname}?${canonicalQuery(query)}`;
}

/** A request as the check of its signature needs it. */
export interface SignedRequest {
  method: string;
  /** The `Host` header as it came. */
  host: string;
  /** The path as it came, still encoded, without the query. */
  path: string;
  query: URLSearchParams;
}

/**
 * Checks a request that came by a signed link, as S3 does: the method counts (a link signed for GET is no good for HEAD), and so do the
 * host, the path and every parameter.
 *
 * @param now milliseconds since 1970 UTC; a link is valid until, and without, its last moment
 */
export function checkSignature(request: SignedRequest, key: SigningKey, now: number): Verdict {
  const { query } = request;
  const date = query.get('X-Amz-Date') ?? '';
  const given = query.get('X-Amz-Signature') ?? '';
  const [accessKeyId, , region = ''] = (query.get('X-Amz-Credential') ?? '').split('/');
  const signedAt = parseAmzDate(date);
  const expiresSeconds = Number(query.get('X-Amz-Expires') ?? Number.NaN);
  if (given === '' || query.get('X-Amz-Algorithm') !== ALGORITHM || signedAt === undefined || !isExpiry(expiresSeconds)) {
    return { ok: false, reason: 'missing' };
  }
  const unsigned = new URLSearchParams(query);
  unsigned.delete('X-Amz-Signature');
  const expected = signature(request.method, request.host, request.path, unsigned, date, region, key.secret);
  if (accessKeyId !== key.accessKeyId || !sameText(given, expected)) return { ok: false, reason: 'mismatch' };
  if (signedAt > now + SKEW_MS) return { ok: false, reason: 'early' };
  const expiresAt = signedAt + expiresSeconds * 1000;
  return now < expiresAt ? { ok: true, expiresAt } : { ok: false, reason: 'expired', expiresAt };
}

function signature(
  method: string,
  host: string,
  path: string,
  query: URLSearchParams,
  date: string,
  region: string,
  secret: string,
): string {
  const canonical = [method, path, canonicalQuery(query), `host:${host}`, '', 'host', 'UNSIGNED-PAYLOAD'].join('\n');
  const toSign = [ALGORITHM, date, scope(date, region), createHash('sha256').update(canonical).digest('hex')].join('\n');
  const signingKey = [date.slice(0, 8), region, SERVICE, 'aws4_request'].reduce<string | Buffer>(hmac, `AWS4${secret}`);
  return hmac(signingKey, toSign).toString('hex');
}

function hmac(key: string | Buffer, text: string): Buffer {
  return createHmac('sha256', key).update(text).digest();
}

function scope(date: string, region: string): string {
  return `${date.slice(0, 8)}/${region}/${SERVICE}/aws4_request`;
}

/** Every parameter encoded, in the order of its encoded name (and value, where a name repeats). */
function canonicalQuery(query: URLSearchParams): string {
  return [...query]
    .map(([name, value]) => [percentEncode(name), percentEncode(value)] as const)
    .sort(([a, x], [b, y]) => order(a, b) || order(x, y))
    .map(([name, value]) => `${name}=${value}`)
    .join('&');
}

function order(a: string, b: string): number {
  return a < b ? -1 : Number(a > b);
}

/** Percent-encodes all but RFC 3986's unreserved characters, which is how Signature Version 4 wants paths and parameters. Throws a URIError for half a surrogate pair. */
export function percentEncode(text: string): string {
  return encodeURIComponent(text).replace(/[!'()*]/g, (character) => `%${character.charCodeAt(0).toString(16).toUpperCase()}`);
}

/** `20260131T235959Z`: ISO 8601's basic form, in UTC. */
function amzDate(at: number): string {
  return `${new Date(at).toISOString().slice(0, 19).replace(/[-:]/g, '')}Z`;
}

function parseAmzDate(text: string): number | undefined {
  const at = Date.parse(text.replace(/^(\d{4})(\d\d)(\d\dT\d\d)(\d\d)(\d\dZ)$/, '$1-$2-$3:$4:$5'));
  return Number.isNaN(at) || amzDate(at) !== text ? undefined : at;
}

function isExpiry(seconds: number): boolean {
  return Number.isInteger(seconds) && seconds >= 0 && seconds <= MAX_EXPIRES_SECONDS;
}

function sameText(one: string, other: string): boolean {
  const [a, b] = [Buffer.from(one), Buffer.from(other)];
  return a.length === b.length && timingSafeEqual(a, b);
}
