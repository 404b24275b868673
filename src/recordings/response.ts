import { type ErrorCode, type ErrorDetails, RecordingError } from '../errors.ts';
import { isSigned, secureLink } from '../http/secure-link.ts';
import { type Blame, blameOf, quote, readStatement, type Statement } from './failure.ts';

export { parseRetryAfter } from '../http/retry-after.ts';

/** An answer of the service, as far as its meaning goes. */
export interface ServiceAnswer {
  status: number;
  /** The `Content-Type` header. */
  contentType: string | undefined;
  /** The `Location` header, as it came. */
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

/** Whether the service refuses the method (405), so that the same call may go through with the other one. */
export function isMethodRefused(answer: Pick<ServiceAnswer, 'status'>): boolean {
  return answer.status === 405;
}

/**
 * The signed link that an answer of the service holds, made safe by `secureLink`.
 *
 * A 2xx with `data.link` is taken whatever form was asked for. A redirect is taken where one was asked for; where JSON was, only if it
 * carries a signature, as a sign-in page redirects too. An answer with anything under `error` is a failure, even with a link in it.
 *
 * Throws a RecordingError for everything else, decided by the status, the reasons under `error` and the message, never by the service's
 * own code; that one is shown, along with the message:
 * - `RECORDING_EXPIRED`, `RECORDING_NOT_FOUND`: the service says so of the id, in words, under whatever status but 408 and 429;
 * - `TIMEOUT` (408), `RATE_LIMITED` (429), `SERVICE_UNAVAILABLE` (500, 502, 503, 504), with `retryAfterMs` where the service gave it;
 * - `CREDENTIALS_REJECTED`: 401, 403, or the words are about key, SID or authorisation;
 * - `USAGE`: the words are about `validity` or `download`;
 * - `UNEXPECTED_RESPONSE`: all else, among it HTML, a bare 404, and a success without a link. Not retryable under 4xx.
 */
export function readLink(answer: ServiceAnswer, request: AnsweredRequest): URL {
  const { status, location } = answer;
  const { url: base, localAllowed } = request;
  const statement = readStatement(answer.body);
  if (statement === undefined || statement.reasons.length === 0) {
    if (isSuccess(status) && statement?.link) return secureLink(statement.link, { localAllowed });
    if (isRedirect(status) && location?.trim()) {
      const link = secureLink(location, { localAllowed, base });
      if (request.wants === 'redirect' || isSigned(link)) return link;
      throw unexpected(`The service redirects to ${link.host.slice(0, 100)} without a signed link (HTTP ${status}).`, status, INTERMEDIARY);
    }
  }
  throw failure(answer, statement, request.redact);
}

const RETRY_LATER = 'Try again later.';
const CHECK_ADDRESS = 'Check the base URL (--base-url or --region, KALEYRA_BASE_URL) and the SID (--sid, KALEYRA_SID).';
const INTERMEDIARY =
  'Check whether a proxy or a sign-in page stands between you and the service, and that the base URL (--base-url, KALEYRA_BASE_URL) is right.';

/** The errors that the service's words alone decide. */
const BLAMED: Readonly<Record<Blame, readonly [code: ErrorCode, says: string, hint: string]>> = {
  'expired-id': [
    'RECORDING_EXPIRED',
    'The service says that this recording has expired',
    'Take the id off the list: a recording can be fetched for 6 months, and no longer.',
  ],
  'invalid-id': [
    'RECORDING_NOT_FOUND',
    'The service says that there is no recording with this id',
    'Compare the id with the report it comes from, letter case included, and check that the call belongs to this SID.',
  ],
  parameters: [
    'USAGE',
    'The service does not accept what was asked of it',
    'Give --validity as a whole number of minutes that the service accepts, such as 5 or 60.',
  ],
  credentials: [
    'CREDENTIALS_REJECTED',
    'The service refuses the credentials',
    'Run `kaleyra-rec auth status --check`: the key or SID may be wrong, the key bound to other IP addresses, or the member who made it deleted.',
  ],
};

function failure(answer: ServiceAnswer, statement: Statement | undefined, redact?: (text: string) => string): RecordingError {
  const { status, retryAfterMs } = answer;
  const said = quote(statement, status, redact);
  const wait = { hint: RETRY_LATER, ...(retryAfterMs === undefined ? {} : { retryAfterMs }) };
  const blame = statement && blameOf(statement);
  if (status === 429) {
    const hint = 'Try again later, or set --rate or a lower --concurrency.';
    return new RecordingError('RATE_LIMITED', `The service asks to slow down${said}.`, { ...wait, hint });
  }
  if (status === 408) return new RecordingError('TIMEOUT', `The service gave up waiting for the request${said}.`, wait);
  if (blame === 'expired-id' || blame === 'invalid-id') return blamed(blame, said);
  if ([500, 502, 503, 504].includes(status)) {
    return new RecordingError('SERVICE_UNAVAILABLE', `The service cannot answer now${said}.`, wait);
  }
  if (status === 401 || status === 403) return blamed('credentials', said);
  if (blame !== undefined) return blamed(blame, said);
  return unexpectedFailure(answer, statement, said);
}

function blamed(blame: Blame, said: string): RecordingError {
  const [code, says, hint] = BLAMED[blame];
  return new RecordingError(code, `${says}${said}.`, { hint });
}

function unexpectedFailure(answer: ServiceAnswer, statement: Statement | undefined, said: string): RecordingError {
  const { status } = answer;
  if (status === 404) return unexpected(`The service knows nothing at this address${said}.`, status, CHECK_ADDRESS);
  if (isMethodRefused(answer)) {
    return unexpected(`The service refuses the request's method${said}.`, status, 'Try the other one: --method post or --method get.');
  }
  if (statement === undefined) return unexpected(`The service answered with ${kindOf(answer)}${said}.`, status, INTERMEDIARY);
  if (isSuccess(status) && statement.reasons.length === 0) {
    return unexpected(`The service's answer holds no link${said}.`, status, 'Try again later; if it stays so, ask Kaleyra what it means.');
  }
  const hint = 'Look up what the service says in its documentation, or ask Kaleyra what it means.';
  return unexpected(`The service reports a failure that is not documented${said}.`, status, hint);
}

function unexpected(message: string, status: number, hint: string): RecordingError {
  const details: ErrorDetails = status >= 400 && status < 500 ? { hint, retryable: false } : { hint };
  return new RecordingError('UNEXPECTED_RESPONSE', message, details);
}

/** What an answer is that could not be read. */
function kindOf({ status, contentType, body }: ServiceAnswer): string {
  const start = body.trimStart();
  if (start === '') return isRedirect(status) ? 'a redirect to nowhere' : 'nothing at all';
  if (start.startsWith('<') || /\bhtml\b/i.test(contentType ?? '')) return 'a web page in place of a link';
  return 'something that is neither a link nor a failure it documents';
}

function isSuccess(status: number): boolean {
  return status >= 200 && status < 300;
}

/** The redirects of RFC 9110 that name where the thing asked for is to be had. */
function isRedirect(status: number): boolean {
  return [301, 302, 303, 307, 308].includes(status);
}
