import { type RecordingError, usageError } from '../errors.ts';
import { isLoopback } from '../http/secure-link.ts';
import { looksLikeKey } from './key-form.ts';

/** The profile that is used where none is named. */
export const DEFAULT_PROFILE = 'default';

/** The values that `--region` takes, each with its base URL (the documentation's own host, and those of Kaleyra's regions). */
export const REGIONS = {
  global: 'https://api.kaleyra.io/v1',
  in: 'https://api.in.kaleyra.io/v1',
  ap: 'https://api.ap.kaleyra.io/v1',
  eu: 'https://api.eu.kaleyra.io/v1',
} as const;

/** A value of `--region`. */
export type Region = keyof typeof REGIONS;

/** The base URL where no setting names one. */
export const DEFAULT_BASE_URL = REGIONS.global;

/** Far above any real key (33 characters): what is longer is another file by mistake. */
export const LONGEST_KEY = 4096;

/**
 * Reads a base URL.
 *
 * @param text what the user wrote: https, or http to a loopback address; without user, password, query and fragment.
 * @param origin where it was written (`--base-url`, `KALEYRA_BASE_URL`, `profile x`); the error names it.
 * @returns the URL without slashes at the end of its path.
 * @throws `USAGE`. The message never repeats the text: it may hold a password.
 */
export function parseBaseUrl(text: string, origin = '--base-url'): URL {
  if (!URL.canParse(text)) throw badBaseUrl(origin, 'is not a URL');
  const url = new URL(text);
  if (url.protocol !== 'https:' && url.protocol !== 'http:') throw badBaseUrl(origin, 'is not https');
  if (url.protocol === 'http:' && !isLoopback(url.hostname)) {
    throw badBaseUrl(origin, 'is plain http, which would send the API key unencrypted');
  }
  if (url.username !== '' || url.password !== '') throw badBaseUrl(origin, 'contains a user name or password');
  if (/[?#]/.test(text)) throw badBaseUrl(origin, 'contains a query or a fragment');
  url.pathname = url.pathname.replace(/\/+$/, '');
  return url;
}

function badBaseUrl(origin: string, fault: string): RecordingError {
  return usageError(
    `The base URL (${origin}) ${fault}.`,
    `Give the address without the SID, such as ${DEFAULT_BASE_URL}. Plain http works only for this machine, as in http://127.0.0.1:8080/v1.`,
  );
}

/** The base URL of a region (`global`, `in`, `ap`, `eu`). Throws `USAGE` for any other name. */
export function regionBaseUrl(region: string): URL {
  if (!Object.hasOwn(REGIONS, region)) {
    throw usageError(`There is no region ${JSON.stringify(region)}.`, `Give --region one of ${Object.keys(REGIONS).join(', ')}.`);
  }
  return new URL(REGIONS[region as Region]);
}

/** Gives the SID back if it can be one: letters, digits, `_` and `-` (it becomes a part of the path). Throws `USAGE` naming its origin. */
export function checkSid(sid: string, origin: string): string {
  if (looksLikeKey(sid)) throw keyInItsPlace(`The SID (${origin})`);
  if (/^[A-Za-z0-9_-]{1,128}$/.test(sid)) return sid;
  throw usageError(
    `${JSON.stringify(sid.slice(0, 40))} (${origin}) cannot be a SID: a SID consists of letters, digits, - and _.`,
    'Copy the SID from your Kaleyra account. It looks like HXIN1707324291IN.',
  );
}

/** What was given for something else, and is an API key by its form: the message must not repeat it. */
export function keyInItsPlace(what: string): RecordingError {
  return usageError(
    `${what} looks like an API key.`,
    'Give the key to `kaleyra-rec auth login` when it asks for it, or set KALEYRA_API_KEY. If others could have read it here, replace it.',
  );
}

/**
 * Gives the API key back if it can be sent in a header: visible ASCII without blanks and quotes. Throws `USAGE` naming its origin, and never
 * shows the key.
 */
export function checkApiKey(key: string, origin: string): string {
  if (key.length > LONGEST_KEY) throw badKey(origin, `is longer than ${LONGEST_KEY} characters`);
  if (/^["'`]|["'`]$/.test(key)) throw badKey(origin, 'is in quotes');
  if (!/^[!-~]+$/.test(key)) throw badKey(origin, 'contains a blank, a line break or a character outside ASCII');
  return key;
}

/** Shorter than any key of the service (33 characters): a key that was cut, or a password. */
const SHORTEST_KEY = 16;

/** The same for a key that is to be stored, which must also be as long as keys are, and no more than the key. */
export function checkNewKey(key: string, origin: string): string {
  checkApiKey(key, origin);
  if (/^[A-Za-z_][\w-]*[=:][^=]/.test(key)) throw badKey(origin, 'has a name in front of it');
  if (key.length < SHORTEST_KEY) throw badKey(origin, `is too short: it has ${key.length} characters, and the service's keys have 33`);
  return key;
}

function badKey(origin: string, fault: string): RecordingError {
  return usageError(`The API key (${origin}) ${fault}.`, 'Copy the key alone, without quotes, as your Kaleyra account shows it.');
}

/** Gives a profile's name back if it can be typed in any shell: letters, digits, `.`, `_`, `-`. Throws `USAGE` naming its origin. */
export function checkProfileName(name: string, origin: string): string {
  if (looksLikeKey(name)) throw keyInItsPlace(`The profile (${origin})`);
  if (/^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$/.test(name)) return name;
  throw usageError(
    `${JSON.stringify(name.slice(0, 40))} (${origin}) cannot be the name of a profile.`,
    'Use letters, digits, ".", "-" and "_", and begin with a letter or a digit.',
  );
}
