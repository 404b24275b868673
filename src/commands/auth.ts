import { ask, readKey } from '../credentials/prompt.ts';
import { baseUrlFrom, type CredentialFlags, profileName, refuseSidInBaseUrl, type Setting, sidFrom } from '../credentials/resolve.ts';
import { checkApiKey, checkSid, DEFAULT_BASE_URL, parseBaseUrl } from '../credentials/settings.ts';
import { credentialSources } from '../credentials/sources.ts';
import type { Profile } from '../credentials/store.ts';
import { EXIT_DONE, RecordingError, usageError } from '../errors.ts';
import { printableId, toJsonLine } from '../printable.ts';
import { lastFour } from '../redact.ts';
import type { System } from '../system.ts';
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
 * that stood there before (so that a new key can be stored alone); a SID that none of them gives is asked for on a terminal. The key is
 * asked for without echo, or read from standard input. The service is not asked.
 *
 * What was stored, and where, is told on stderr; with `json` also on stdout as `{profile, sid, baseUrl, file}`.
 *
 * @returns exit code 0.
 * @throws `USAGE` for a wrong value or a damaged store, `CREDENTIALS_MISSING` where there is no SID or key and nobody to ask, `FILE_SYSTEM`
 * where the store cannot be written, `INTERRUPTED`. Nothing is stored then.
 */
export async function runAuthLogin(options: AuthLoginOptions, context: CommandContext): Promise<number> {
  const { system } = context;
  const { name } = profileName(options, system.env);
  const givenSid = sidFrom(options, system.env)?.value;
  const givenBaseUrl = baseUrlFrom(options, system.env);
  // Before anything is asked: nobody should type a key for a store that cannot take it.
  const store = await credentialSources(system).openStore();
  const before = store.get(name);

  const sid = givenSid ?? (await settleSid(options, context, before));
  const baseUrl = givenBaseUrl ?? storedBaseUrl(name, before);
  refuseSidInBaseUrl(baseUrl, sid);
  const apiKey = await settleKey(context);
  context.signal.throwIfAborted();
  const { href } = baseUrl.value;
  store.set(name, { sid, apiKey, baseUrl: href });

  context.stderr(`Saved profile ${name} in ${store.path}: SID ${sid}, ${href}, API key ****${lastFour(apiKey)}.`);
  warnOfEnvironment(context, 'wins over the stored one');
  if (options.json) context.stdout(toJsonLine({ profile: name, sid, baseUrl: href, file: store.path }));
  return EXIT_DONE;
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
    throw new RecordingError('CREDENTIALS_MISSING', `There is no profile ${name} in ${store.path}.`, {
      hint: names.length === 0 ? 'Nothing is stored, so there is nothing to log out of.' : `Give --profile one of ${names.join(', ')}.`,
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
    throw new RecordingError('CREDENTIALS_MISSING', 'No SID is given.', { hint: 'Give --sid or set KALEYRA_SID.' });
  }
  const answer = await ask(before === undefined ? 'SID: ' : `SID [${printableId(before.sid)}]: `, { hidden: false }, terminalOf(context));
  return checkSid(answer === '' ? (before?.sid ?? '') : answer, 'as typed');
}

async function settleKey(context: CommandContext): Promise<string> {
  const { system, redactor } = context;
  if (system.stdin.isTTY && !canAsk(system)) {
    throw usageError(
      'Standard error is no terminal, so the API key cannot be asked for.',
      'Leave standard error on the terminal, or pass the key on standard input with --api-key-stdin.',
    );
  }
  const key = system.stdin.isTTY
    ? await ask('API key (not shown): ', { hidden: true }, terminalOf(context))
    : await readKey(system.stdin, context.signal);
  if (key === '') {
    throw new RecordingError('CREDENTIALS_MISSING', 'No API key was given.', {
      hint: 'Type it when asked, or pass it on standard input: `kaleyra-rec auth login --api-key-stdin < key-file`.',
    });
  }
  redactor.addSecret(key);
  return checkApiKey(key, 'as given');
}

/** A question needs both: a keyboard to answer it, and a screen to show it. */
function canAsk(system: System): boolean {
  return system.stdin.isTTY === true && system.stderr.isTTY === true;
}

function terminalOf({ system, signal }: CommandContext) {
  return { stdin: system.stdin, stderr: system.stderr, signal };
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
