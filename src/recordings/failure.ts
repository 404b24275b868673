import { maskForms, maskQuoted } from '../redact.ts';
import { readLenientJson } from './lenient-json.ts';

/** What the service says in the body of an answer. */
export interface Statement {
  /** The service's own code, such as `RBC31XX`. It is shown, and decides nothing: the documentation masks its digits. */
  code: string | undefined;
  message: string | undefined;
  /** What stands under `error`: none means that the service reports no failure. */
  reasons: readonly Reason[];
  /** The link to the recording. */
  link: string | undefined;
}

/** One entry under `error`. */
export interface Reason {
  /** What it is about, such as `id` or `validity`; empty where the service names nothing. */
  field: string;
  text: string;
}

/** What a failure is laid on. */
export type Blame = 'credentials' | 'parameters' | 'expired-id' | 'invalid-id';

/** How much of a text by the service is judged or shown. */
const MAX_TEXT = 300;

/** An object or a list. */
const BEGINS_AS_JSON = /^\uFEFF?\s*[{[]/;

/** Reads the body of an answer, JSON or nearly so. Undefined where it is neither an object nor a list that holds one. */
export function readStatement(body: string): Statement | undefined {
  // The page that comes with a redirect, mostly: to fail at reading it takes 60 µs of the 1 ms that a recording takes.
  if (!BEGINS_AS_JSON.test(body)) return undefined;
  const value = readLenientJson(body);
  const answer = Array.isArray(value) ? value.find(isObject) : value;
  if (!isObject(answer)) return undefined;
  return {
    code: scalar(answer.code),
    message: scalar(answer.message),
    reasons: reasonsOf(answer.error, '', 0),
    link: [answer.data].flat().map(linkOf).find(Boolean),
  };
}

/**
 * What the service lays its failure on, by the reasons and the message; undefined where they do not say it plainly.
 *
 * Where several are named, the one that decides least about the recording wins: under a wrong account every id is invalid. An id is called
 * gone for good only where the words say so of the id itself, and nothing speaks of a passing fault, since a recording called gone is
 * never asked for again.
 */
export function blameOf(statement: Statement): Blame | undefined {
  const reasons = statement.message === undefined ? statement.reasons : [...statement.reasons, { field: '', text: statement.message }];
  const charges = reasons.map(({ field, text }) => ({ field: lettersOf(field), text: wordsOf(text) }));
  if (charges.some(({ text }) => PASSING.test(text))) return undefined;
  const order: Blame[] = ['credentials', 'parameters', 'expired-id', 'invalid-id'];
  return order.find((blame) => charges.some(({ field, text }) => CHARGES[blame](field, text)));
}

/**
 * The service's words as they are shown to the user, with `status`, to be appended to a sentence before its full stop: `: "Invalid Id" (HTTP
 * 400, RBC31XX)`, or ` (HTTP 503)` where it said nothing. One line, bounded, harmless, and without secrets: `redact` knows those of the run.
 */
export function quote(statement: Statement | undefined, status: number, redact: (text: string) => string = maskForms): string {
  const shown = (text: string | undefined) => shownText(text, redact);
  const message = shown(statement?.message);
  const reasons = (statement?.reasons ?? [])
    .filter(({ text }) => lettersOf(text) !== lettersOf(message))
    .map(({ field, text }) => shown(field === '' ? text : `${field}: ${text}`));
  const texts = [message, ...reasons.slice(0, 3)].filter((text) => text !== '').map((text) => `"${text}"`);
  const code = shown(statement?.code).slice(0, 40);
  const answered = `(HTTP ${status}${code === '' ? '' : `, ${code}`})`;
  return texts.length === 0 ? ` ${answered}` : `: ${texts.join(' ')} ${answered}`;
}

/** A fault that may be over soon. */
const PASSING =
  /\b(?:temporar\w*|unavailable|later|yet|pending|processing|in progress|time ?out|timed out|internal|retry|too many requests|rate limit\w*)\b/;

/** Things other than the recording's id that can be invalid, expired or missing. */
const NOT_THE_ID =
  /\b(?:validity|links?|urls?|signatures?|sessions?|tokens?|keys?|sid|accounts?|servers?|services?|hosts?|buckets?|regions?|databases?|methods?|responses?|certificates?|subscriptions?|(?:request|transaction|trace|message|user|agent|customer|client|campaign|flow|number|caller|member|tenant|sender|template) ids?)\b/;

const ID = '(?:recording ids?|ids?|recordings?)';
const INVALID =
  '(?:invalid|incorrect|unknown|(?:not|never)(?: been)? (?:valid|found|exist|existing|known|recogni[sz]ed)|(?:does|do|did|could|can) ?n(?:o?t| t) (?:exist|be found))';
const EXPIRED = '(?:expired)';
/** What may stand between a failure and the id it is about. */
const LINKING = '(?: (?:or|and|expired|invalid|the|a|this|given|provided|requested|call|voice|value|parameter|field|for|of))*';
/** Where a clause may go on once it has said what is wrong. */
const END = '(?: (?:value|format|parameter|input|or|and|for|in|on|with|please|to|anymore|any) ?.*)?$';

/** Whether a clause says that an id is in a state: "invalid (recording) id", or "id … (is) invalid". */
function saysOfId(state: string): RegExp {
  return new RegExp(
    `\\b${state}${LINKING} (?:(?:recording )?ids?\\b|recordings?${END})|\\b${ID}(?: (?!(?:not|never|no)\\b)\\w+){0,6} ${state}${END}`,
  );
}

const EXPIRED_ID = saysOfId(EXPIRED);
const INVALID_ID = new RegExp(
  `${saysOfId(INVALID).source}|\\bno such ${ID}\\b|\\bno recordings?(?: (?:was|were|has been|have been))? found${END}`,
);

const PARAMETERS =
  /\b(?:invalid|incorrect)(?: (?:value|values|for|of|the|parameter))* (?:validity|download)\b|\b(?:validity|download)(?: \w+){0,4} (?:invalid|incorrect|not valid|must|should|exceeds?|required|allowed|between|out of range|too (?:long|short|large|small|high|low))\b/;

const CREDENTIALS =
  /\b(?:api ?keys?|sid|credentials?|authenticat\w*|unauthenticated|authori[sz]\w*|unauthori[sz]ed|forbidden|permissions?|access denied|tokens?|(?:white|allow) ?list(?:ed)?|invalid key|key(?: is| has| was| been)* (?:invalid|expired|deleted|revoked|disabled)|(?:invalid|unknown) account|account(?: is| was)? (?:invalid|inactive|suspended|disabled|not found)|ip(?: address)?(?: \w+){0,3} not)\b/;

/** Whether a charge (the letters of its field, the words of its text) puts the blame there. */
const CHARGES: Readonly<Record<Blame, (field: string, text: string) => boolean>> = {
  credentials: (field, text) =>
    /^(?:apikey|sid|accountsid|account|auth.*|credentials?|ip|ipaddress)$/.test(field) || CREDENTIALS.test(text),
  parameters: (field, text) => /^(?:validity|download)$/.test(field) || PARAMETERS.test(text),
  'expired-id': (field, text) => saysGone(EXPIRED_ID, field, text),
  'invalid-id': (field, text) => saysGone(INVALID_ID, field, text),
};

function saysGone(gone: RegExp, field: string, text: string): boolean {
  const aboutId = /^(?:id|recordingid)$/.test(field);
  if ((field !== '' && !aboutId && field !== 'message') || NOT_THE_ID.test(text)) return false;
  // A reason under `id` need not name the id again: "not found" reads as "id not found".
  return text.split(' | ').some((clause) => gone.test(clause) || (aboutId && gone.test(`id ${clause}`)));
}

/** A text as lower-case words with a blank between, and ` | ` where a clause ends. */
function wordsOf(text: string): string {
  return text
    .slice(0, MAX_TEXT)
    .replace(/([a-z])([A-Z])/g, '$1 $2')
    .toLowerCase()
    .replace(/[.,;:!?]+(?:\s|$)/g, '|')
    .replace(/[^a-z0-9|]+/g, ' ')
    .split('|')
    .map((clause) => clause.trim())
    .filter((clause) => clause !== '')
    .join(' | ');
}

function lettersOf(text: string): string {
  return text
    .slice(0, MAX_TEXT)
    .toLowerCase()
    .replace(/[^a-z0-9]/g, '');
}

/** A text of the service, fit for a terminal: no control or format characters, no secrets, one line, bounded. */
function shownText(text: string | undefined, redact: (text: string) => string): string {
  // What cannot be seen goes first, as it would keep a secret from being recognised; what is cut off goes last, as would half of one.
  const line = (text ?? '')
    .replace(/\p{Cf}+/gu, '')
    .replace(/[\s\p{C}\p{Zl}\p{Zp}]+/gu, ' ')
    .trim();
  const characters = [...maskQuoted(line, redact)];
  return characters.length > MAX_TEXT ? `${characters.slice(0, MAX_TEXT - 1).join('')}…` : characters.join('');
}

/** The texts under `error`, however they are packed: a text, a list, an object of texts or lists. */
function reasonsOf(value: unknown, field: string, depth: number): Reason[] {
  const text = value === false ? undefined : scalar(value);
  if (text !== undefined) return [{ field, text }];
  if (depth > 4 || typeof value !== 'object' || value === null) return [];
  if (Array.isArray(value)) return value.flatMap((item) => reasonsOf(item, field, depth + 1));
  return Object.entries(value).flatMap(([key, item]) => reasonsOf(item, field === '' ? key : field, depth + 1));
}

function linkOf(data: unknown): string | undefined {
  return isObject(data) && typeof data.link === 'string' ? data.link.trim() : undefined;
}

/** A text, number or boolean as text; undefined for anything else and for blank texts. */
function scalar(value: unknown): string | undefined {
  if (typeof value === 'string') return value.trim() === '' ? undefined : value.trim();
  return typeof value === 'number' || typeof value === 'boolean' ? String(value) : undefined;
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
