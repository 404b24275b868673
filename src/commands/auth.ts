import { ask, readKey } from '../credentials/prompt.ts';
import {
  baseUrlFrom,
  type CredentialFlags,
  type Credentials,
  profileName,
  refuseSidInBaseUrl,
  type Setting,
  sidFrom,
} from '../credentials/resolve.ts';
import { checkNewKey, checkSid, DEFAULT_BASE_URL, parseBaseUrl } from '../credentials/settings.ts';
import { credentialSources } from '../credentials/sources.ts';
import type { Profile } from '../credentials/store.ts';
import { EXIT_DONE, RecordingError, usageError } from '../errors.ts';
import { printableId, toJsonLine } from '../printable.ts';
import { lastFour } from '../redact.ts';
import type { System } from '../system.ts';
import { type CheckCredentials, checkError } from './auth-status.ts';
import type { CommandContext } from './context.ts';

/** `auth login`. */
export interface AuthLoginOptions extends CredentialFlags {
  /** Ask nothing: the key stands on standard input, and the SID in a flag, the environment or the profile of that name. */
  apiKeyStdin: boolean;
  json?: boolean;
}

/** `auth logout`. */
export interface AuthLogoutOptions {
  profile?: string | undefined;
  json?: boolean;
}

/**
 * Stores SID, API key and base URL under a profile's name. The SID and base URL come from the flags, else the environment, else the profile
 * that stood there before (so that a new key can be stored alone); a SID that none of them gives is asked for on a terminal, until it can be
 * one. The key is asked for without echo, until it can be one, or read from standard input.
 *
 * What was stored, and where, is told on stderr; with `json` also on stdout as `{profile, sid, baseUrl, file}`. On a terminal the service is
 * asked then whether it accepts them, and the outcome told; they stay stored, whatever it is.
 *
 * @returns exit code 0, also where the service could not be reached.
 * @throws `USAGE` for a wrong value or a damaged store, `CREDENTIALS_MISSING` where there is no SID or key and nobody to ask, `FILE_SYSTEM`
 * where the store cannot be written, `INTERRUPTED`: nothing is stored then. `CREDENTIALS_REJECTED` where they were stored and are refused.
 */
export async function runAuthLogin(
  options: AuthLoginOptions,
  context: CommandContext,
  checkCredentials: CheckCredentials,
): Promise<number> {
  const { system } = context;
  const { name } = profileName(options, system.env);
  const givenSid = sidFrom(options, system.env)?.value;
  const givenBaseUrl = baseUrlFrom(options, system.env);
  // Before anything is asked: nobody should type a key for a store that cannot take it.
  const store = await credentialSources(system).openStore();
  const before = store.get(name);
  const baseUrl = givenBaseUrl ?? storedBaseUrl(name, before);
  const { sid, apiKey } = await cancelled(async () => {
    const sid = givenSid ?? (await settleSid(options, context, before));
    refuseSidInBaseUrl(baseUrl, sid);
    const apiKey = await settleKey(context);
    context.signal.throwIfAborted();
    if (apiKey === sid)
      throw usageError('The API key is the same as the SID.', 'Copy the API key: Kaleyra shows it beside the SID. Nothing was stored.');
    return { sid, apiKey };
  });
  const { href } = baseUrl.value;
  store.set(name, { sid, apiKey, baseUrl: href });

  context.stderr(`Saved profile ${name} in ${store.path}: SID ${sid}, ${href}, API key ****${lastFour(apiKey)}.`);
  warnOfEnvironment(context, 'takes precedence over the stored profile');
  if (options.json) context.stdout(toJsonLine({ profile: name, sid, baseUrl: href, file: store.path }));
  if (canAsk(system)) await tellCheck(name, { sid, apiKey, baseUrl: baseUrl.value }, context, checkCredentials);
  return EXIT_DONE;
}

/** Asks the service about what was just stored. Throws where it refuses it. */
async function tellCheck(
  name: string,
  credentials: Pick<Credentials, 'sid' | 'apiKey' | 'baseUrl'>,
  context: CommandContext,
  checkCredentials: CheckCredentials,
): Promise<void> {
  context.stderr(`Checking the credentials with ${credentials.baseUrl.host} …`);
  const origin = `profile ${name}` as const;
  const check = await checkCredentials({ ...credentials, profile: name, origin: { sid: origin, apiKey: origin, baseUrl: origin } });
  if (check.outcome === 'unreachable') context.stderr(`They are stored, but could not be checked: ${check.message}`);
  else if (check.outcome === 'fine') context.stderr(check.message);
  else throw checkError({ ...check, message: `The credentials were stored, but the service does not accept them. ${check.message}` }, name);
}

/** Whoever stops the questions is told that nothing came of them. */
async function cancelled<Answers>(questions: () => Promise<Answers>): Promise<Answers> {
  try {
    return await questions();
  } catch (error) {
    if (!(error instanceof RecordingError) || error.code !== 'INTERRUPTED') throw error;
    const { exitCode } = error;
    throw new RecordingError('INTERRUPTED', 'Cancelled. Nothing was stored.', {
      hint: 'Run the same command again when you have the key.',
      exitCode,
    });
  }
}

/**
 * Deletes a stored profile (`--profile`, else `KALEYRA_PROFILE`, else `default`) and says so on stderr; with `json` also on stdout as
 * `{profile, file}`.
 *
 * @returns exit code 0.
 * @throws `CREDENTIALS_MISSING` (exit code 3) where there is no such profile: as with `gh auth logout`, a name mistyped must not look like a
 * key removed. `USAGE` for a damaged store, `FILE_SYSTEM` where it cannot be written.
 */
export async function runAuthLogout(options: AuthLogoutOptions, context: CommandContext): Promise<number> {
  const { system } = context;
  const { name } = profileName(options, system.env);
  const store = await credentialSources(system).openStore();
  if (!store.delete(name)) {
    const names = store.list();
    const { nearest } = await import('../nearest.ts');
    const meant = nearest(name, names);
    const hint = names.length === 0 ? 'No profile is stored.' : `The stored profiles are: ${names.join(', ')}.`;
    throw new RecordingError('CREDENTIALS_MISSING', `There is no profile ${name} in ${store.path}.`, {
      hint: meant === undefined ? hint : `Did you mean ${meant}? ${hint}`,
    });
  }
  context.stderr(`Deleted profile ${name} from ${store.path}.`);
  warnOfEnvironment(context, 'is still used');
  if (options.json) context.stdout(toJsonLine({ profile: name, file: store.path }));
  return EXIT_DONE;
}

async function settleSid(options: AuthLoginOptions, context: CommandContext, before: Profile | undefined): Promise<string> {
  if (options.apiKeyStdin || !canAsk(context.system)) {
    if (before !== undefined) return checkSid(before.sid, 'profile');
    throw new RecordingError('CREDENTIALS_MISSING', 'There is no SID.', { hint: 'Give one with --sid, or set KALEYRA_SID.' });
  }
  const question = before === undefined ? 'SID: ' : `SID [${printableId(before.sid)}]: `;
  return askUntil(question, { hidden: false }, context, (answer) => checkSid(answer === '' ? (before?.sid ?? '') : answer, 'as typed'));
}

async function settleKey(context: CommandContext): Promise<string> {
  const { system, redactor } = context;
  if (system.stdin.isTTY && !canAsk(system)) {
    throw usageError(
      'The API key cannot be asked for, as standard error is not a terminal.',
      'Do not redirect standard error, or pass the key on standard input with --api-key-stdin.',
    );
  }
  const check = (key: string) => {
    redactor.addSecret(key);
    return checkNewKey(key, 'as given');
  };
  if (system.stdin.isTTY) return askUntil('API key (not shown): ', { hidden: true }, context, check);
  const key = await readKey(system.stdin, context.signal);
  if (key === '') {
    throw new RecordingError('CREDENTIALS_MISSING', 'Standard input holds no API key.', {
      hint: 'Pass it on standard input: `kaleyra-rec auth login --api-key-stdin < key-file`.',
    });
  }
  return check(key);
}

/** Asks until the answer is one that can be right. An answer in several lines ends it: what follows it is still to come. */
async function askUntil(
  question: string,
  how: { hidden: boolean },
  context: CommandContext,
  check: (answer: string) => string,
): Promise<string> {
  const { stdin, stderr, holdTerminal, suspend } = context.system;
  const terminal = { stdin, stderr, holdTerminal, suspend, signal: context.signal };
  for (;;) {
    const answer = await ask(question, how, terminal);
    try {
      return check(answer);
    } catch (error) {
      if (!(error instanceof RecordingError)) throw error;
      context.stderr(answer === '' ? 'An answer is needed. Press Ctrl-C to cancel.' : `${error.message} ${error.hint}`);
    }
  }
}

/** A question needs both: a keyboard to answer it, and a screen to show it. */
function canAsk(system: System): boolean {
  return system.stdin.isTTY === true && system.stderr.isTTY === true;
}

function storedBaseUrl(name: string, profile: Profile | undefined): Setting<URL> {
  if (profile === undefined) return { value: new URL(DEFAULT_BASE_URL), origin: 'default' };
  const origin = `profile ${name}` as const;
  return { value: parseBaseUrl(profile.baseUrl, origin), origin };
}

/** The stored profile is not all that a run looks at: whoever changes it must hear what overrules it. */
function warnOfEnvironment(context: CommandContext, what: string): void {
  const { env } = context.system;
  for (const name of ['KALEYRA_SID', 'KALEYRA_API_KEY', 'KALEYRA_API_KEY_FILE', 'KALEYRA_BASE_URL']) {
    if (env[name]) context.stderr(`Note: ${name} is set in the environment, and ${what}.`);
  }
}
