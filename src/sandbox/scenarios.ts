import { MAX_WAV_BYTES, MIN_WAV_BYTES } from './audio.ts';

/** What the service's endpoint does with a special id. */
export type ServiceAct =
  | 'invalid'
  | 'expired'
  | 'failure-200'
  | 'denied'
  | 'forbidden'
  | 'rate-limited'
  | 'unavailable'
  | 'html'
  | 'no-link'
  | 'endless'
  | 'silent'
  | 'get-only'
  | 'no-route'
  | 'no-post-route'
  | 'gateway'
  | 'throttled'
  | 'gzip'
  | 'early-link'
  | 'stale-link';

/** What the object store does when a special id's recording is fetched. */
export type StoreAct =
  | 'truncate'
  | 'crumbs'
  | 'reset'
  | 'stall'
  | 'busy'
  | 'drip'
  | 'trickle'
  | 'huge'
  | 'ignore-range'
  | 'other-region'
  | 'redirect-loop';

/** How a special id's recording is out of the ordinary. */
export type RecordingKind =
  | { type: 'mp3' | 'wav' | 'untyped' | 'encrypted' | 'wrong-md5' | 'empty' | 'html' | 'denied' | 'short-wav' }
  | { type: 'sized'; bytes: number }
  /** Another recording lies in its place once it has been fetched for the first time. */
  | { type: 'changing' };

/** An act, and for how many requests about one id it is done; for all of them where `times` is left out. */
export interface Doing<Act> {
  act: Act;
  times?: number;
}

/** What happens to a special id. What is left out goes as with any other id. */
export interface Scenario {
  service?: Doing<ServiceAct>;
  store?: readonly Doing<StoreAct>[];
  recording?: RecordingKind;
}

/** A special id, as help and documentation show it. */
export interface SpecialId {
  /** The id. Behind a further `-` anything may follow, and makes another id with the same fate: `sandbox-invalid-1`. */
  id: string;
  /** What becomes of it, in one phrase. */
  does: string;
}

const MEGABYTE = 1_000_000;
const BIG_BYTES = 100 * MEGABYTE;
const SLOW_BYTES = 250_000;
const SIZE_ID = 'sandbox-size';

const SCENARIOS: readonly (SpecialId & Scenario)[] = [
  // Recordings that can be had
  { id: 'sandbox-mp3', does: 'an MP3 recording', recording: { type: 'mp3' } },
  { id: 'sandbox-wav', does: 'a WAV recording', recording: { type: 'wav' } },
  { id: 'sandbox-untyped', does: 'a recording whose link and Content-Type do not say what it is', recording: { type: 'untyped' } },
  { id: 'sandbox-encrypted', does: 'a recording whose ETag is not an MD5, as with KMS encryption', recording: { type: 'encrypted' } },
  { id: 'sandbox-big', does: 'a WAV recording of 100 MB', recording: { type: 'sized', bytes: BIG_BYTES } },
  {
    id: 'sandbox-slow',
    does: 'a WAV recording of 250 kB, sent at 50 kB a second',
    recording: { type: 'sized', bytes: SLOW_BYTES },
    store: [{ act: 'drip' }],
  },
  { id: 'sandbox-other-region', does: 'a recording that the store redirects (307) to another region', store: [{ act: 'other-region' }] },

  // What the service answers
  { id: 'sandbox-invalid', does: 'the documented failure "Invalid Id" (status 400)', service: { act: 'invalid' } },
  { id: 'sandbox-expired', does: 'the documented failure "Id Expired" (status 400)', service: { act: 'expired' } },
  { id: 'sandbox-failure-200', does: 'the documented failure "Invalid Id", under status 200', service: { act: 'failure-200' } },
  { id: 'sandbox-denied', does: 'the key is refused (401)', service: { act: 'denied' } },
  { id: 'sandbox-forbidden', does: 'the IP address is refused (403)', service: { act: 'forbidden' } },
  {
    id: 'sandbox-rate-limited',
    does: 'too many requests (429, Retry-After: 1) twice, then the recording',
    service: { act: 'rate-limited', times: 2 },
  },
  {
    id: 'sandbox-throttled',
    does: 'a gateway says "rate limit" under 403 (Retry-After: 1) once, then the recording',
    service: { act: 'throttled', times: 1 },
  },
  { id: 'sandbox-gateway', does: 'a gateway answers 520 once, then the recording', service: { act: 'gateway', times: 1 } },
  { id: 'sandbox-down', does: 'the service is unavailable (503), always', service: { act: 'unavailable' } },
  { id: 'sandbox-flaky', does: 'the service is unavailable (503) once, then available', service: { act: 'unavailable', times: 1 } },
  { id: 'sandbox-html', does: 'a sign-in page (HTML, status 200) instead of the answer', service: { act: 'html' } },
  { id: 'sandbox-no-link', does: 'success, but without a link', service: { act: 'no-link' } },
  { id: 'sandbox-endless', does: 'an answer that never ends', service: { act: 'endless' } },
  { id: 'sandbox-silent', does: 'no answer at all', service: { act: 'silent' } },
  { id: 'sandbox-get-only', does: 'a POST is refused (405), a GET is answered', service: { act: 'get-only' } },
  { id: 'sandbox-rbc618', does: 'a POST is not known (400, RBC618), a GET is answered', service: { act: 'no-post-route' } },
  { id: 'sandbox-no-route', does: 'neither POST nor GET is known (400, RBC618)', service: { act: 'no-route' } },
  { id: 'sandbox-gzip', does: 'a compressed answer (gzip) that nobody asked for', service: { act: 'gzip' } },
  { id: 'sandbox-link-early', does: 'the first link is not valid yet, the next one works', service: { act: 'early-link', times: 1 } },
  { id: 'sandbox-link-expired', does: 'the first link has already expired, the next one works', service: { act: 'stale-link', times: 1 } },

  // What the store does
  {
    id: 'sandbox-truncated',
    does: 'the connection ends half-way the first time; the rest can be fetched',
    store: [{ act: 'truncate', times: 1 }],
  },
  {
    id: 'sandbox-reset',
    does: 'the connection is reset half-way the first time; the rest can be fetched',
    store: [{ act: 'reset', times: 1 }],
  },
  {
    id: 'sandbox-stalled',
    does: 'the transfer stalls half-way the first time; the rest can be fetched',
    store: [{ act: 'stall', times: 1 }],
  },
  {
    id: 'sandbox-no-resume',
    does: 'the connection ends half-way the first time, and the store does not support Range',
    store: [{ act: 'ignore-range' }, { act: 'truncate', times: 1 }],
  },
  {
    id: 'sandbox-changed',
    does: 'the connection ends half-way the first time, and another recording is in its place then (412 for a resume)',
    recording: { type: 'changing' },
    store: [{ act: 'truncate', times: 1 }],
  },
  { id: 'sandbox-busy', does: 'the store is busy (503 SlowDown) once, then answers', store: [{ act: 'busy', times: 1 }] },
  { id: 'sandbox-trickle', does: 'one byte a second, without end', store: [{ act: 'trickle' }] },
  { id: 'sandbox-crumbs', does: 'the connection ends after every thousand bytes', store: [{ act: 'crumbs' }] },
  { id: 'sandbox-huge', does: 'the store announces 10^15 bytes', store: [{ act: 'huge' }] },
  {
    id: 'sandbox-wrong-md5',
    does: 'the ETag is the MD5 of other bytes, always: kept, and marked, after two equal copies',
    recording: { type: 'wrong-md5' },
  },
  {
    id: 'sandbox-short-wav',
    does: 'a WAV recording whose header announces twice what is there: kept, and marked',
    recording: { type: 'short-wav' },
  },
  {
    id: 'sandbox-access-denied',
    does: 'the text "Access Denied", called audio/mpeg, instead of the recording',
    recording: { type: 'denied' },
  },
  { id: 'sandbox-empty', does: 'a recording of 0 bytes', recording: { type: 'empty' } },
  { id: 'sandbox-store-html', does: 'a sign-in page (HTML, status 200) instead of the recording', recording: { type: 'html' } },
  { id: 'sandbox-redirect-loop', does: 'the store redirects (307) forever', store: [{ act: 'redirect-loop' }] },
];

/** Every special id, in the order to show them in. Any other id is a recording that can be had. */
export const SPECIAL_IDS: readonly SpecialId[] = [
  ...SCENARIOS.map(({ id, does }) => ({ id, does })),
  { id: `${SIZE_ID}-<n>`, does: 'a WAV recording of n bytes (2000000, 500k, 2m; from 44 to 4294967295)' },
];

/** What happens to an id: nothing special, unless it is one of {@link SPECIAL_IDS}, alone or with `-` and anything behind it. */
export function scenarioOf(id: string): Scenario {
  if (id === SIZE_ID || id.startsWith(`${SIZE_ID}-`)) return sizedScenario(id);
  return SCENARIOS.find((special) => id === special.id || id.startsWith(`${special.id}-`)) ?? {};
}

/** Whether a {@link Doing} applies to the nth request (from 1). */
export function applies(doing: Doing<unknown>, nth: number): boolean {
  return doing.times === undefined || nth <= doing.times;
}

function sizedScenario(id: string): Scenario {
  const [, digits, unit] = /^-(\d{1,10})([km]?)(?:-|$)/.exec(id.slice(SIZE_ID.length)) ?? [];
  const bytes = Number(digits) * (unit === 'm' ? MEGABYTE : unit === 'k' ? 1000 : 1);
  // No such file can be made: to the service it is an id that it does not know.
  if (!(bytes >= MIN_WAV_BYTES && bytes <= MAX_WAV_BYTES)) return { service: { act: 'invalid' } };
  return { recording: { type: 'sized', bytes } };
}
