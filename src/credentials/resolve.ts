import { RecordingError, usageError } from '../errors.ts';
import { looksLikeKey } from './key-form.ts';
import {
  checkApiKey,
  checkProfileName,
  checkSid,
  DEFAULT_BASE_URL,
  DEFAULT_PROFILE,
  keyInItsPlace,
  parseBaseUrl,
  regionBaseUrl,
} from './settings.ts';
import type { Profile, ProfileStore } from './store.ts';

export { parseBaseUrl, REGIONS, type Region } from './settings.ts';

/** Where a setting came from, as a user would name it. */
export type Origin =
  | '--sid'
  | '--base-url'
  | '--region'
  | 'KALEYRA_SID'
  | 'KALEYRA_API_KEY'
  | 'KALEYRA_API_KEY_FILE'
  | 'KALEYRA_BASE_URL'
  | `profile ${string}`
  | 'default';

/** The flags that settle who asks, and whom. There is none for the key. */
export interface CredentialFlags {
  profile?: string | undefined;
  sid?: string | undefined;
  baseUrl?: string | undefined;
  region?: string | undefined;
}

/** Where settings are looked for behind the flags. */
export interface CredentialSources {
  env: Readonly<Record<string, string | undefined>>;
  /** Called at most once, and only when something is still missing or a profile is named. */
  openStore(): Promise<ProfileStore>;
  /** The text of a file; rejects where it cannot be read. Called for `KALEYRA_API_KEY_FILE` alone. */
  readFile(path: string): Promise<string>;
}

/** A setting's value and where it came from. */
export interface Setting<Value> {
  value: Value;
  origin: Origin;
}

/** What the flags, the environment and the profile give; `undefined` where none of them does. */
export interface FoundSettings {
  /** The profile that was read. Undefined where none was wanted, or the one that is used by default does not exist. */
  profile: string | undefined;
  sid: Setting<string> | undefined;
  apiKey: Setting<string> | undefined;
  baseUrl: Setting<URL>;
}

/** All that a request to the service needs. */
export interface Credentials {
  sid: string;
  apiKey: string;
  /** Without the SID, and without a slash at its end. */
  baseUrl: URL;
  /** The profile that was read; undefined where none was. */
  profile: string | undefined;
  origin: { sid: Origin; apiKey: Origin; baseUrl: Origin };
}

/**
 * Settles SID, API key and base URL, each by itself: flag, then environment, then profile (cli.md, "Where settings come from"). An empty
 * variable counts as not set. The profile is `--profile`, else `KALEYRA_PROFILE`, else `default`.
 *
 * @throws `USAGE` for a setting that is wrong or a store that is damaged, `CREDENTIALS_MISSING` where the SID or key is not to be found or a
 * named profile does not exist, `FILE_SYSTEM` where the store cannot be read. No message shows the key.
 */
export async function resolveCredentials(flags: CredentialFlags, sources: CredentialSources): Promise<Credentials> {
  return requireComplete(await findSettings(flags, sources), flags, sources.env);
}

/** Like {@link resolveCredentials}, but what is missing is `undefined` and no error. For showing what a run would use. */
export async function findSettings(flags: CredentialFlags, sources: CredentialSources): Promise<FoundSettings> {
  const { env } = sources;
  let sid = sidFrom(flags, env);
  let apiKey = await apiKeyFrom(sources);
  let baseUrl = baseUrlFrom(flags, env);
  const { name, named } = profileName(flags, env);

  let profile: Profile | undefined;
  if (named || sid === undefined || apiKey === undefined || baseUrl === undefined) {
    const store = await sources.openStore();
    profile = store.get(name);
    if (profile === undefined && named) throw await noSuchProfile(name, store.list());
  }
  if (profile !== undefined) {
    const origin: Origin = `profile ${name}`;
    const home = { value: parseBaseUrl(profile.baseUrl, origin), origin };
    sid ??= { value: checkSid(profile.sid, origin), origin };
    if (apiKey === undefined && baseUrl !== undefined) keepKeyAtHome(name, home, baseUrl);
    apiKey ??= { value: checkApiKey(profile.apiKey, origin), origin };
    baseUrl ??= home;
  }
  baseUrl ??= { value: new URL(DEFAULT_BASE_URL), origin: 'default' };
  if (sid !== undefined) refuseSidInBaseUrl(baseUrl, sid.value);
  return { profile: profile === undefined ? undefined : name, sid, apiKey, baseUrl };
}

/** The found settings as {@link Credentials}; throws `CREDENTIALS_MISSING` where the SID or key is missing. */
export function requireComplete(found: FoundSettings, flags: CredentialFlags, env: CredentialSources['env']): Credentials {
  const { sid, apiKey, baseUrl, profile } = found;
  if (sid === undefined || apiKey === undefined) {
    const missing = sid !== undefined ? 'No API key is' : apiKey !== undefined ? 'No SID is' : 'No SID and no API key are';
    const variables = [
      ...(sid === undefined ? ['KALEYRA_SID'] : []),
      ...(apiKey === undefined ? ['KALEYRA_API_KEY (or KALEYRA_API_KEY_FILE)'] : []),
    ].join(' and ');
    throw missingError(`${missing} set.`, `Run \`${loginCommand(profileName(flags, env).name)}\`, or set ${variables}.`);
  }
  return {
    sid: sid.value,
    apiKey: apiKey.value,
    baseUrl: baseUrl.value,
    profile,
    origin: { sid: sid.origin, apiKey: apiKey.origin, baseUrl: baseUrl.origin },
  };
}

/** The profile that these flags and this environment mean, and whether they name it (else it is the default). Throws `USAGE`. */
export function profileName(flags: CredentialFlags, env: CredentialSources['env']): { name: string; named: boolean } {
  if (flags.profile !== undefined) return { name: checkProfileName(flags.profile, '--profile'), named: true };
  const fromEnv = variable(env, 'KALEYRA_PROFILE');
  if (fromEnv !== undefined) return { name: checkProfileName(fromEnv, 'KALEYRA_PROFILE'), named: true };
  return { name: DEFAULT_PROFILE, named: false };
}

/** The SID that flags or environment give. Throws `USAGE`. */
export function sidFrom(flags: CredentialFlags, env: CredentialSources['env']): Setting<string> | undefined {
  if (flags.sid !== undefined) return { value: checkSid(flags.sid, '--sid'), origin: '--sid' };
  const value = variable(env, 'KALEYRA_SID');
  return value === undefined ? undefined : { value: checkSid(value, 'KALEYRA_SID'), origin: 'KALEYRA_SID' };
}

/** The base URL that flags or environment give. Throws `USAGE`, also where both flags are given. */
export function baseUrlFrom(flags: CredentialFlags, env: CredentialSources['env']): Setting<URL> | undefined {
  if (flags.baseUrl !== undefined && flags.region !== undefined) {
    throw usageError('--region and --base-url cannot be used together.', 'Leave one of them out.');
  }
  if (flags.baseUrl !== undefined) return { value: parseBaseUrl(flags.baseUrl, '--base-url'), origin: '--base-url' };
  if (flags.region !== undefined) return { value: regionBaseUrl(flags.region), origin: '--region' };
  const value = variable(env, 'KALEYRA_BASE_URL');
  return value === undefined ? undefined : { value: parseBaseUrl(value, 'KALEYRA_BASE_URL'), origin: 'KALEYRA_BASE_URL' };
}

/**
 * The documentation prints the base URL with the SID in it; taken as it stands, every request would hold the SID twice and be refused for a
 * reason that nobody could guess. Throws `USAGE`.
 */
export function refuseSidInBaseUrl(baseUrl: Setting<URL>, sid: string): void {
  if (!baseUrl.value.pathname.endsWith(`/${sid}`)) return;
  throw usageError(
    `The base URL (${baseUrl.origin}) ends with the SID. The SID is added to it automatically.`,
    'Leave the SID out of the base URL.',
  );
}

/** A stored key goes only to the address that it was stored with: whoever can set a variable must not get it sent elsewhere. Throws `USAGE`. */
function keepKeyAtHome(name: string, home: Setting<URL>, baseUrl: Setting<URL>): void {
  if (baseUrl.value.href === home.value.href) return;
  throw usageError(
    `The API key of profile ${name} was stored for ${home.value.href}, but ${baseUrl.origin} names ${baseUrl.value.href}.`,
    `Leave ${baseUrl.origin} out, or store a key for that address: \`kaleyra-rec auth login --profile <name> --base-url ${baseUrl.value.href}\`.`,
  );
}

/** What to tell whoever names a profile while the environment overrules a part of it; undefined where it does not. */
export function overruledBy(flags: CredentialFlags, origin: { sid: Origin | undefined; apiKey: Origin | undefined }): string | undefined {
  const variables = [origin.sid, origin.apiKey].filter((each) => each?.startsWith('KALEYRA_'));
  if (flags.profile === undefined || variables.length === 0) return undefined;
  const are = variables.length === 1 ? 'is' : 'are';
  return `Note: ${variables.join(' and ')} ${are} set in the environment, and used instead of what profile ${flags.profile} holds.`;
}

async function apiKeyFrom(sources: CredentialSources): Promise<Setting<string> | undefined> {
  const key = variable(sources.env, 'KALEYRA_API_KEY');
  if (key !== undefined) return { value: checkApiKey(key, 'KALEYRA_API_KEY'), origin: 'KALEYRA_API_KEY' };
  const path = variable(sources.env, 'KALEYRA_API_KEY_FILE');
  if (path === undefined) return undefined;
  if (looksLikeKey(path)) throw keyInItsPlace('KALEYRA_API_KEY_FILE, which takes the path of a file,');
  const content = await readKeyFile(path, sources);
  if (content === '') {
    throw missingError(`The file ${path} that KALEYRA_API_KEY_FILE names is empty.`, 'Write the API key into it, or set KALEYRA_API_KEY.');
  }
  return { value: checkApiKey(content, `KALEYRA_API_KEY_FILE, ${path}`), origin: 'KALEYRA_API_KEY_FILE' };
}

async function readKeyFile(path: string, sources: CredentialSources): Promise<string> {
  try {
    return (await sources.readFile(path)).replace(/^\uFEFF/, '').trimEnd();
  } catch (error) {
    const why = (error as NodeJS.ErrnoException).code ?? 'unknown fault';
    throw usageError(
      `The file ${path} that KALEYRA_API_KEY_FILE names cannot be read (${why}).`,
      'Name a file in KALEYRA_API_KEY_FILE that can be read.',
      error,
    );
  }
}

function variable(env: CredentialSources['env'], name: string): string | undefined {
  const value = env[name];
  return value === '' ? undefined : value;
}

/** The error for a profile that is not stored: it suggests one with a name like it, where there is one. */
export async function noSuchProfile(name: string, names: readonly string[]): Promise<RecordingError> {
  const { nearest } = await import('../nearest.ts');
  const meant = nearest(name, names);
  const hint =
    meant === undefined ? `Run \`${loginCommand(name)}\` to store it.` : `Did you mean ${meant}? Otherwise run \`${loginCommand(name)}\`.`;
  return missingError(`There is no profile ${name}.`, hint);
}

/** The command that makes the given profile. */
export function loginCommand(name: string): string {
  return `kaleyra-rec auth login${name === DEFAULT_PROFILE ? '' : ` --profile ${name}`}`;
}

function missingError(message: string, hint: string): RecordingError {
  return new RecordingError('CREDENTIALS_MISSING', message, { hint });
}
