import { isObject } from '../is-object.ts';
import { maskForms, maskQuoted } from '../redact.ts';
import { readLenientJson } from './lenient-json.ts';

/** What the service says in the body of an answer. */
export interface Statement {
  /** The service's own code, such as `RBC31XX`. It is shown, and decides nothing by itself: the documentation masks its digits. */
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
 * Whether the service says in the documented words that an id is invalid or expired: as the reason under `error.id`, or as the message where
 * no field is named. Letter case and punctuation do not count; any other words decide nothing, since a recording that is called gone is not
 * asked for again.
 */
export function goneFor({ message = '', reasons }: Statement): 'invalid' | 'expired' | undefined {
  const named = reasons.filter(({ field }) => field !== '');
  if (named.some(({ field }) => field !== 'id')) return undefined;
  const texts = named.length > 0 ? named.map(({ text }) => text) : [message, ...reasons.map(({ text }) => text)];
  const said = new Set(texts.map(lettersOf));
  if (said.size !== 1) return undefined;
  if (said.has('invalidid')) return 'invalid';
  return said.has('idexpired') ? 'expired' : undefined;
}

/** What was seen to be answered to a missing, wrong or foreign key and to an unknown SID. */
const WRONG_CREDENTIALS = 'incorrectsidorapikey';

/** Whether the service says, in the words that it was seen to use, that SID or key are wrong. */
export function refusesCredentials({ message = '' }: Statement): boolean {
  return lettersOf(message) === WRONG_CREDENTIALS;
}

/** What was seen to be answered, with `RBC618`, to an unknown route and to a wrong method alike. */
const NO_SUCH_PAGE = 'sorrythepageyouarelookingforcouldnotbefound';

/** Whether the service says, in the words that it was seen to use, that it has no such route or takes no such method on it. */
export function knowsNoRoute({ code, message = '', reasons }: Statement): boolean {
  return reasons.length === 0 && (code === 'RBC618' || lettersOf(message) === NO_SUCH_PAGE);
}

/** Whether a text speaks of too many requests, as gateways do. */
export function speaksOfRateLimit(text: string): boolean {
  return /\b(?:rate[ -]?limit|too ?many ?requests|throttl)/i.test(text.slice(0, 10 * MAX_TEXT));
}

/** All that the service says in words. */
export function wordsOf({ message = '', reasons }: Statement): string {
  return [message, ...reasons.map(({ text }) => text)].join('\n');
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
