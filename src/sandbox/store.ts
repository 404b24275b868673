import { answer, type Exchange, holdOn, type SandboxState, writePiece } from './exchange.ts';
import { type ByteRange, namesEtag, parseRange } from './ranges.ts';
import { idOfObject, type Recording } from './recordings.ts';
import { applies, type StoreAct, scenarioOf } from './scenarios.ts';
import { checkSignature, signLink } from './signing.ts';

/** The region that the service's links name. */
export const HOME_REGION = 'sandbox-1';

/** The region that a store redirects to. */
const OTHER_REGION = 'sandbox-2';

/** Matches the path of an object in the store: its groups are the region and the object's name. */
export const STORE_PATH = /^\/store\/([^/]+)\/recordings\/([^/]+)$/;

const LAST_MODIFIED = 'Thu, 01 Jan 2026 00:00:00 GMT';
const DRIP = { bytes: 10_000, ms: 200 };
const TRICKLE = { bytes: 1, ms: 1000 };
const CRUMB_BYTES = 1000;
const HUGE_BYTES = 10 ** 15;
/** Long enough for a client on the same machine to have read what was sent before the reset throws the rest away. */
const BEFORE_RESET_MS = 50;

/** The code and message of each way in which a signature is no good. */
const REFUSALS = {
  missing: { code: 'AccessDenied', message: 'Access Denied' },
  expired: { code: 'AccessDenied', message: 'Request has expired' },
  early: { code: 'AccessDenied', message: 'Request is not yet valid' },
  mismatch: {
    code: 'SignatureDoesNotMatch',
    message: 'The request signature we calculated does not match the signature you provided. Check your key and signing method.',
  },
} as const;

/** The path of an object in the store. `name` must be encoded already. */
export function objectPath(region: string, name: string): string {
  return `/store/${region}/recordings/${name}`;
}

/**
 * The object store: `GET` by a signed link, with `Range`, `If-Match` and `If-None-Match`. It behaves as S3's documentation says, errors in
 * XML included, and refuses a request that shows the service's key.
 *
 * @param region from the path
 * @param name from the path, still encoded
 */
export async function serveObject(exchange: Exchange, state: SandboxState, region: string, name: string): Promise<void> {
  const { request, path, query } = exchange;
  if (request.headers['api-key'] !== undefined) {
    return fail(exchange, 400, 'ApiKeySent', 'The api-key header belongs to the service alone. It must never be sent to the store.');
  }
  const { method = '', headers } = request;
  const verdict = checkSignature({ method, host: headers.host ?? '', path, query }, state.signingKey, state.clock.now());
  if (!verdict.ok) {
    const { code, message } = REFUSALS[verdict.reason];
    return fail(exchange, 403, code, message);
  }
  const id = idOfObject(name);
  const acts = actsFor(id, state);
  if (acts.has('busy')) return fail(exchange, 503, 'SlowDown', 'Please reduce your request rate.');
  if (acts.has('redirect-loop') || (acts.has('other-region') && region !== OTHER_REGION)) {
    return redirect(exchange, state, name, verdict.expiresAt);
  }
  const version = scenarioOf(id).recording?.type === 'changing' ? Math.min(2, state.turn(`version ${id}`)) : 1;
  await serveRecording(exchange, state, state.recordings.get(id, version), acts);
}

/** What a special id has the store do this time. */
function actsFor(id: string, state: SandboxState): Set<StoreAct> {
  const doings = scenarioOf(id).store ?? [];
  if (doings.length === 0) return new Set();
  const nth = state.turn(`store ${id}`);
  return new Set(doings.filter((doing) => applies(doing, nth)).map(({ act }) => act));
}

async function serveRecording(exchange: Exchange, state: SandboxState, recording: Recording, acts: Set<StoreAct>): Promise<void> {
  const { headers } = exchange.request;
  const { size, etag, contentType } = recording;
  const ifMatch = headers['if-match'];
  const ifNoneMatch = headers['if-none-match'];
  if (ifMatch !== undefined && !namesEtag(ifMatch, etag)) {
    return fail(exchange, 412, 'PreconditionFailed', 'At least one of the pre-conditions you specified did not hold');
  }
  if (ifNoneMatch !== undefined && namesEtag(ifNoneMatch, etag)) {
    exchange.response.writeHead(304, { ETag: etag, 'Last-Modified': LAST_MODIFIED }).end();
    return;
  }
  const range = acts.has('ignore-range') ? undefined : parseRange(headers.range, size);
  if (range === 'unsatisfiable') {
    return fail(exchange, 416, 'InvalidRange', 'The requested range is not satisfiable', { 'Content-Range': `bytes */${size}` });
  }
  const { start, end } = range ?? { start: 0, end: size };
  exchange.note(`bytes ${start}-${end} of ${size}`);
  exchange.response.writeHead(range === undefined ? 200 : 206, {
    ETag: etag,
    'Content-Type': contentType,
    'Content-Length': acts.has('huge') ? HUGE_BYTES : end - start,
    'Last-Modified': LAST_MODIFIED,
    ...(acts.has('ignore-range') ? {} : { 'Accept-Ranges': 'bytes' }),
    ...(range === undefined ? {} : { 'Content-Range': `bytes ${start}-${end - 1}/${size}` }),
    ...recording.headers,
  });
  await sendBytes(exchange, state, recording, { start, end }, acts);
}

async function sendBytes(
  exchange: Exchange,
  state: SandboxState,
  recording: Recording,
  { start, end }: ByteRange,
  acts: Set<StoreAct>,
): Promise<void> {
  const { response, signal } = exchange;
  const isHalved = acts.has('truncate') || acts.has('reset') || acts.has('stall');
  const until = acts.has('crumbs') ? Math.min(end, start + CRUMB_BYTES) : isHalved ? start + Math.floor((end - start) / 2) : end;
  const drip = acts.has('trickle') ? TRICKLE : acts.has('drip') ? DRIP : undefined;
  const pieceBytes = drip?.bytes ?? until - start;
  response.flushHeaders();
  for (let at = start; at < until; at += pieceBytes) {
    for (const piece of recording.read(at, Math.min(until, at + pieceBytes))) await writePiece(exchange, piece);
    if (drip !== undefined) await state.clock.sleep(drip.ms, signal);
  }
  if (acts.has('stall') || acts.has('huge')) await holdOn(exchange);
  if (acts.has('reset')) {
    await state.clock.sleep(BEFORE_RESET_MS, signal);
    response.socket?.resetAndDestroy();
  } else if (acts.has('truncate') || acts.has('crumbs')) {
    response.socket?.destroySoon();
  } else {
    response.end();
  }
}

/** Another region's store has the object: a link to it, signed alike, for as long as the link at hand is still valid. */
function redirect(exchange: Exchange, state: SandboxState, name: string, expiresAt: number): void {
  const link = signLink(`${state.origin}${objectPath(OTHER_REGION, name)}`, {
    key: state.signingKey,
    region: OTHER_REGION,
    at: state.clock.now(),
    expiresSeconds: Math.ceil((expiresAt - state.clock.now()) / 1000),
  });
  const headers = { Location: link, 'x-amz-bucket-region': OTHER_REGION };
  fail(exchange, 307, 'TemporaryRedirect', 'Please re-send this request to the specified temporary endpoint.', headers);
}

function fail(exchange: Exchange, status: number, code: string, message: string, headers: Record<string, string> = {}): void {
  exchange.note(code);
  const xml = `<?xml version="1.0" encoding="UTF-8"?>\n<Error><Code>${code}</Code><Message>${message}</Message></Error>\n`;
  answer(exchange, status, { 'Content-Type': 'application/xml', ...headers }, xml);
}
