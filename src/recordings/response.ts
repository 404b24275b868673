import { type ErrorCode, type ErrorDetails, RecordingError } from '../errors.ts';
import { isSigned, type Link, secureLink } from '../http/secure-link.ts';
import { goneFor, knowsNoRoute, quote, readStatement, refusesCredentials, type Statement, speaksOfRateLimit, wordsOf } from './failure.ts';

export { parseRetryAfter } from '../http/retry-after.ts';

/** An answer of the service, as far as its meaning goes. */
export interface ServiceAnswer {
  status: number;
  /** The `Content-Type` header. */
  contentType: string | undefined;
  /** The `Location` header, as text. */
  location: string | undefined;
  /** What `Retry-After` asks for, in milliseconds; see `parseRetryAfter`. */
  retryAfterMs: number | undefined;
  body: string;
}

/** What was asked of the service. */
export interface AnsweredRequest {
  /** Where the request went: a relative `Location` is resolved against it. */
  url: URL;
  /** The documented form asked for: `link` as JSON (`download=0`), `redirect` as a 301 to it (`download=1`). */
  wants: 'link' | 'redirect';
  /** Whether a link to this machine is taken; see `secureLink`. */
  localAllowed: boolean;
  /** Masks the secrets of the run in what an error quotes of the answer; by their form alone where it is left out. */
  redact?: ((text: string) => string) | undefined;
}

/**
 * Whether the service knows no such route, or does not take the method on it, so that the same call may go through with the other one: 405,
 * 404, or the 400 that it was seen to give to both ("Sorry, the page you are looking for could not be found."). An answer about the id is
 * none of these, whatever its status.
 */
export function isRouteUnknown({ status, body }: Pick<ServiceAnswer, 'status' | 'body'>): boolean {
  if (status !== 400 && status !== 404 && status !== 405) return false;
  const statement = readStatement(body);
  if (status === 400) return statement !== undefined && knowsNoRoute(statement);
  return statement === undefined || (goneFor(statement) === undefined && !statement.reasons.some(({ field }) => field === 'id'));
}

/**
 * The signed link that an answer of the service holds, made safe by `secureLink`.
 *
 * A 2xx with `data.link` is taken whatever form was asked for. A redirect is taken where one was asked for; where JSON was, only if it
 * carries a signature, as a sign-in page redirects too. An answer with anything under `error` is a failure, even with a link in it.
 *
 * Throws a RecordingError for everything else, decided by the status, the reasons under `error` and the message, never by the service's
 * own code alone; that one is shown, along with the message:
 * - `RECORDING_EXPIRED`, `RECORDING_NOT_FOUND`: the service says so of the id, in the documented words, under whatever status but 408 and 429;
 * - `RATE_LIMITED`: 429, a 403 with `Retry-After`, or a 403, 400 or 200 that speaks of a rate limit;
 * - `TIMEOUT` (408), `SERVICE_UNAVAILABLE` (all 5xx but 501 and 505), with `retryAfterMs` where the service gave it;
 * - `CREDENTIALS_REJECTED`: 401, 403, or the words that the service was seen to use for a wrong SID or key;
 * - `USAGE`: a reason stands under `validity`;
 * - `UNEXPECTED_RESPONSE`: all else, among it HTML, an unknown route, and a success without a link.
 */
export function readLink(answer: ServiceAnswer, request: AnsweredRequest): Link {
  const { status, location } = answer;
  const { url: base, localAllowed } = request;
  const statement = readStatement(answer.body);
  if (statement === undefined || statement.reasons.length === 0) {
    if (isSuccess(status) && statement?.link) return secureLink(statement.link, { localAllowed });
    if (isRedirect(status) && location?.trim()) {
      const link = secureLink(location, { localAllowed, base });
      if (request.wants === 'redirect' || isSigned(link)) return link;
      throw unexpected(`The service redirects to ${link.host.slice(0, 100)} without a signed link (HTTP ${status}).`, INTERMEDIARY);
    }
  }
  throw failure(answer, statement, request.redact);
}

const RETRY_LATER = 'Try again later.';
const CHECK_ADDRESS =
  'Check the base URL (--base-url, KALEYRA_BASE_URL), the region (--region) and the SID (--sid, KALEYRA_SID): at least one of them is wrong.';
const INTERMEDIARY =
  'Check whether a proxy or a sign-in page stands between you and the service, and that the base URL (--base-url, KALEYRA_BASE_URL) is right.';

const FIREWALL = 'A firewall or proxy may have answered in its place: ask whoever runs it. If not, run `kaleyra-rec auth status --check`.';

/** The errors that the service's words alone decide. */
const GONE: Readonly<Record<'expired' | 'invalid', readonly [code: ErrorCode, says: string, hint: string]>> = {
  expired: [
    'RECORDING_EXPIRED',
    'The service says that this recording has expired',
    'Take the id off the list: a recording can be fetched for 6 months, and no longer.',
  ],
  invalid: [
    'RECORDING_NOT_FOUND',
    'The service says that there is no recording with this id',
    'Compare the id with the report it comes from, letter case included, and check that the call belongs to this SID.',
  ],
};

function failure(answer: ServiceAnswer, statement: Statement | undefined, redact?: (text: string) => string): RecordingError {
  const { status, retryAfterMs } = answer;
  const said = quote(statement, status, redact);
  const wait = { hint: RETRY_LATER, ...(retryAfterMs !== undefined && { retryAfterMs }) };
  if (status === 429) return rateLimited(said, wait);
  if (status === 408) return new RecordingError('TIMEOUT', `The service gave up waiting for the request${said}.`, wait);
  const gone = statement && goneFor(statement);
  if (gone !== undefined) {
    const [code, says, hint] = GONE[gone];
    return new RecordingError(code, `${says}${said}.`, { hint });
  }
  if (status >= 500 && status !== 501 && status !== 505) {
    return new RecordingError('SERVICE_UNAVAILABLE', `The service cannot answer now${said}.`, wait);
  }
  if (isRateLimit(answer, statement)) return rateLimited(said, wait);
  if (status === 401 || status === 403 || (statement && refusesCredentials(statement))) {
    const page = isWebPage(answer) && statement === undefined;
    if (page)
      return new RecordingError('CREDENTIALS_REJECTED', `The service refuses the request with a web page${said}.`, { hint: FIREWALL });
    return new RecordingError('CREDENTIALS_REJECTED', `The service refuses the credentials${said}.`, {
      hint: 'Run `kaleyra-rec auth status --check`: the key or SID may be wrong, the key may be limited to other IP addresses, or the user who created it may have been removed.',
    });
  }
  if (statement?.reasons.some(({ field }) => field === 'validity')) {
    return new RecordingError('USAGE', `The service does not accept the validity that was asked for${said}.`, {
      hint: 'Give --validity as a whole number of minutes that the service accepts, such as 5 or 60.',
    });
  }
  return unexpectedFailure(answer, statement, said);
}

/** Gateways in front of services say "too many requests" under other statuses too. */
function isRateLimit({ status, retryAfterMs, body }: ServiceAnswer, statement: Statement | undefined): boolean {
  if (status === 403 && retryAfterMs !== undefined) return true;
  if (status !== 403 && status !== 400 && status !== 200) return false;
  return speaksOfRateLimit(statement === undefined ? body : wordsOf(statement));
}

function rateLimited(said: string, details: ErrorDetails): RecordingError {
  const hint = 'Try again later, or set --rate or a lower --concurrency.';
  return new RecordingError('RATE_LIMITED', `The service asks to slow down${said}.`, { ...details, hint });
}

function unexpectedFailure(answer: ServiceAnswer, statement: Statement | undefined, said: string): RecordingError {
  if (isRouteUnknown(answer)) {
    return unexpected(`The service does not know this address, neither by POST nor by GET${said}.`, CHECK_ADDRESS, false);
  }
  if (statement === undefined) return unexpected(`The service answered with ${kindOf(answer)}${said}.`, INTERMEDIARY);
  if (isSuccess(answer.status) && statement.reasons.length === 0) {
    return unexpected(`The service's answer holds no link${said}.`, 'Try again later; if that does not help, ask Kaleyra what it means.');
  }
  const hint = 'Look up what the service says in its documentation, or ask Kaleyra what it means.';
  return unexpected(`The service reports a failure that is not documented${said}.`, hint);
}

function unexpected(message: string, hint: string, retryable = true): RecordingError {
  return new RecordingError('UNEXPECTED_RESPONSE', message, { hint, retryable });
}

function isWebPage({ contentType, body }: Pick<ServiceAnswer, 'contentType' | 'body'>): boolean {
  return body.trimStart().startsWith('<') || /\bhtml\b/i.test(contentType ?? '');
}

/** What an answer is that could not be read. */
function kindOf({ status, contentType, body }: ServiceAnswer): string {
  const start = body.trimStart();
  if (start === '') return isRedirect(status) ? 'a redirect to nowhere' : 'nothing at all';
  if (isWebPage({ contentType, body })) return 'a web page instead of a link';
  return 'something that is neither a link nor a documented failure';
}

function isSuccess(status: number): boolean {
  return status >= 200 && status < 300;
}

/** The redirects of RFC 9110 that name where the thing asked for is to be had. */
function isRedirect(status: number): boolean {
  return [301, 302, 303, 307, 308].includes(status);
}
