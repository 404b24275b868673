import { gzipSync } from 'node:zlib';
import { answer, type Exchange, holdOn, readBody, type SandboxState, writePiece } from './exchange.ts';
import { objectName, SIGN_IN_PAGE } from './recordings.ts';
import { applies, type ServiceAct, scenarioOf } from './scenarios.ts';
import { MAX_EXPIRES_SECONDS, SKEW_MS, signLink } from './signing.ts';
import { HOME_REGION, objectPath } from './store.ts';

/** Matches the endpoint's path; its group is the SID. */
export const ENDPOINT_PATH = /^\/v1\/([^/]*)\/voice\/recordings$/;

const FORM_TYPE = 'application/x-www-form-urlencoded';
const BODY_LIMIT = 64 * 1024;
const DEFAULT_VALIDITY = '5';
const DEFAULT_DOWNLOAD = '0';
const MAX_VALIDITY_MINUTES = MAX_EXPIRES_SECONDS / 60;
const JSON_TYPE = 'application/json';

/** The codes as the page prints them: it masks their last digits, and inventing some would only mislead. */
const SUCCESS_CODE = 'RBC3XXX';
const FAILURE_CODE = 'RBC31XX';

/** What was asked for, as it came. */
interface Asked {
  id: string;
  validity: string;
  download: string;
}

/** A failure in the documented form. */
interface Failure {
  status: number;
  message: string;
  /** Reasons by the name of the parameter that they concern. */
  error: Readonly<Record<string, string>>;
  headers?: Readonly<Record<string, string>>;
}

/** What the service was seen to answer to an unknown route and to a wrong method alike. */
const NO_SUCH_PAGE = '{"code":"RBC618","message":"Sorry, the page you are looking for could not be found.","data":[],"error":{}}';

/** The failures that come from what the caller sent, and not from a special id. */
const BAD_KEY: Failure = { status: 401, message: 'Unauthorized', error: { 'api-key': 'Invalid api-key' } };
const BAD_SID: Failure = { status: 401, message: 'Unauthorized', error: { sid: 'Invalid sid' } };
const BAD_METHOD: Failure = {
  status: 405,
  message: 'Method Not Allowed',
  error: { method: 'Use POST or GET' },
  headers: { Allow: 'GET, POST' },
};
const BAD_TYPE: Failure = { status: 415, message: 'Unsupported Media Type', error: { 'content-type': `Use ${FORM_TYPE}` } };
const TOO_LARGE: Failure = { status: 413, message: 'Payload Too Large', error: { body: `More than ${BODY_LIMIT} bytes` } };

/** The failures that special ids meet. */
const FAILURES: Partial<Record<ServiceAct, Failure>> = {
  invalid: { status: 400, message: 'Invalid Id', error: { id: 'Invalid id' } },
  expired: { status: 400, message: 'Id Expired', error: { id: 'Id Expired' } },
  'failure-200': { status: 200, message: 'Invalid Id', error: { id: 'Invalid id' } },
  denied: BAD_KEY,
  forbidden: { status: 403, message: 'Forbidden', error: { ip: 'IP address not allowed' } },
  'rate-limited': { status: 429, message: 'Too Many Requests', error: { limit: 'Rate limit reached' }, headers: { 'Retry-After': '1' } },
};

/**
 * The service's documented endpoint: `POST` or `GET /v1/<SID>/voice/recordings`.
 *
 * @param sid the SID as it stands in the path
 */
export async function serveEndpoint(exchange: Exchange, state: SandboxState, sid: string): Promise<void> {
  const { request, query } = exchange;
  if (sid !== state.sid) return fail(exchange, BAD_SID, query);
  if (request.headers['api-key'] !== state.apiKey) return fail(exchange, BAD_KEY, query);
  if (request.method === 'GET') return serveAsked(exchange, state, query, new URLSearchParams());
  if (request.method !== 'POST') return fail(exchange, BAD_METHOD, query);
  const body = await readBody(request, BODY_LIMIT);
  if (body === undefined) return fail(exchange, TOO_LARGE, query);
  if (body !== '' && !isForm(request.headers['content-type'])) return fail(exchange, BAD_TYPE, query);
  return serveAsked(exchange, state, query, new URLSearchParams(body));
}

async function serveAsked(exchange: Exchange, state: SandboxState, query: URLSearchParams, form: URLSearchParams): Promise<void> {
  const sent = new URLSearchParams([...form, ...query]);
  const asked = askedFor(sent);
  exchange.note(`id=${encodeURIComponent(asked.id)}`);
  const reasons = wrongWith(asked, sent);
  const [wrong] = Object.keys(reasons);
  if (wrong !== undefined) {
    return fail(exchange, { status: 400, message: `Invalid ${wrong === 'id' ? 'Id' : wrong}`, error: reasons }, sent);
  }
  const act = actFor(asked.id, exchange, state);
  const failure = act && FAILURES[act];
  if (failure !== undefined) return fail(exchange, failure, sent);
  if (act === 'unavailable') return answer(exchange, 503, { 'Content-Type': 'text/html' }, '<h1>503 Service Unavailable</h1>\n');
  if (act === 'html') return answer(exchange, 200, { 'Content-Type': 'text/html' }, SIGN_IN_PAGE);
  if (act === 'get-only') return answer(exchange, 405, { Allow: 'GET' });
  if (act === 'no-route' || act === 'no-post-route') return answer(exchange, 400, { 'Content-Type': JSON_TYPE }, NO_SUCH_PAGE);
  if (act === 'gateway')
    return answer(exchange, 520, { 'Content-Type': 'text/html' }, '<h1>520 Web server is returning an unknown error</h1>\n');
  if (act === 'throttled')
    return answer(exchange, 403, { 'Content-Type': 'text/html', 'Retry-After': '1' }, '<h1>Rate limit exceeded</h1>\n');
  if (act === 'silent') return holdOn(exchange);
  if (act === 'endless') return serveEndless(exchange, state);
  const link = act === 'no-link' ? undefined : makeLink(asked, state, act);
  if (act === 'gzip') return answer(exchange, 200, { 'Content-Type': JSON_TYPE, 'Content-Encoding': 'gzip' }, gzipSync(printSuccess(link)));
  if (asked.download === '1') return answer(exchange, 301, link === undefined ? {} : { Location: link });
  answer(exchange, 200, { 'Content-Type': JSON_TYPE }, printSuccess(link));
}

function askedFor(sent: URLSearchParams): Asked {
  return {
    id: sent.get('id') ?? '',
    validity: sent.get('validity') ?? DEFAULT_VALIDITY,
    download: sent.get('download') ?? DEFAULT_DOWNLOAD,
  };
}

/** What is wrong with the parameters, by name; empty where nothing is. A parameter may stand in the query and in the form if both agree. */
function wrongWith({ id, validity, download }: Asked, sent: URLSearchParams): Record<string, string> {
  const reasons: Record<string, string> = {};
  if (id === '') reasons.id = 'Missing id';
  const minutes = /^\d{1,9}$/.test(validity) ? Number(validity) : 0;
  if (minutes < 1 || minutes > MAX_VALIDITY_MINUTES) reasons.validity = `Not a number of minutes from 1 to ${MAX_VALIDITY_MINUTES}`;
  if (download !== '0' && download !== '1') reasons.download = 'Neither 0 nor 1';
  for (const name of ['id', 'validity', 'download']) {
    if (new Set(sent.getAll(name)).size > 1) reasons[name] = `The query and the form differ in ${name}`;
  }
  return reasons;
}

/** What a special id has the endpoint do this time; undefined for the ordinary answer. */
function actFor(id: string, { request }: Exchange, state: SandboxState): ServiceAct | undefined {
  const doing = scenarioOf(id).service;
  if (doing === undefined || !applies(doing, state.turn(`service ${id}`))) return undefined;
  const byPostAlone = doing.act === 'get-only' || doing.act === 'no-post-route';
  return byPostAlone && request.method === 'GET' ? undefined : doing.act;
}

function makeLink({ id, validity }: Asked, state: SandboxState, act: ServiceAct | undefined): string {
  const expiresSeconds = Number(validity) * 60;
  const shift = act === 'stale-link' ? -expiresSeconds * 1000 - 60_000 : act === 'early-link' ? SKEW_MS + 60_000 : 0;
  const name = objectName(id, state.recordings.get(id, 1));
  return signLink(`${state.origin}${objectPath(HOME_REGION, name)}`, {
    key: state.signingKey,
    region: HOME_REGION,
    at: state.clock.now() + shift,
    expiresSeconds,
  });
}

async function serveEndless(exchange: Exchange, state: SandboxState): Promise<void> {
  exchange.response.writeHead(200, { 'Content-Type': JSON_TYPE });
  await writePiece(exchange, `{"code": "${SUCCESS_CODE}", "message": "`);
  for (;;) {
    await writePiece(exchange, 'and so on '.repeat(1600));
    await state.clock.sleep(100, exchange.signal);
  }
}

function fail(exchange: Exchange, failure: Failure, sent: URLSearchParams): void {
  answer(exchange, failure.status, { 'Content-Type': JSON_TYPE, ...failure.headers }, printFailure(failure, askedFor(sent)));
}

function printSuccess(link: string | undefined): string {
  const data = link === undefined ? {} : { link };
  return JSON.stringify({ code: SUCCESS_CODE, message: 'Request successfully executed!', data, error: {} });
}

/** A failure printed as on the documentation's page, indentation and all: it is not JSON, as its list holds pairs. */
function printFailure({ message, error }: Failure, { id, validity, download }: Asked): string {
  const reasons = Object.entries(error).map(([name, reason]) => `      ${JSON.stringify(name)}: ${JSON.stringify(reason)}`);
  return `{
  "code": "${FAILURE_CODE}",
  "message": ${JSON.stringify(message)},
  "data": [
    "id" : ${JSON.stringify(id)},
    "validity" : ${JSON.stringify(validity)},
    "download" : ${JSON.stringify(download)}
  ],
    "error": {
${reasons.join(',\n')}
  }
}
`;
}

function isForm(contentType: string | undefined): boolean {
  return contentType?.split(';', 1)[0]?.trim().toLowerCase() === FORM_TYPE;
}
