import {
  type CredentialFlags,
  type CredentialSources,
  type Credentials,
  type FoundSettings,
  findSettings,
  loginCommand,
  overruledBy,
  profileName,
  requireComplete,
} from '../credentials/resolve.ts';
import { credentialSources } from '../credentials/sources.ts';
import { EXIT_DONE, RecordingError } from '../errors.ts';
import { printable, toJsonLine } from '../printable.ts';
import { lastFour } from '../redact.ts';
import type { CommandContext } from './context.ts';

/** `auth status`. */
export interface AuthStatusOptions extends CredentialFlags {
  /** Ask the service whether it takes the credentials. */
  check: boolean;
  json?: boolean;
}

/** What the service makes of credentials: it takes them, does not know them (401), does not let them in (403), or gave no usable answer. */
export interface CredentialCheck {
  outcome: 'fine' | 'rejected' | 'forbidden' | 'unreachable';
  /** One sentence for the user. */
  message: string;
  /** What went wrong on the way, and what to do about it; for `unreachable` alone. */
  error?: RecordingError;
}

/** Asks the service whether it takes the credentials. Tells a failure through its outcome; what it throws ends the command as it stands. */
export type CheckCredentials = (credentials: Credentials) => Promise<CredentialCheck>;

/**
 * Shows on stdout what a run with these flags and this environment would use: profile, SID, base URL, the key's last characters, and where
 * each came from; with `json` one object, in which what is missing is null. Where no profile is named, all stored ones follow (in JSON as
 * `profiles`), the one that a run would use marked. With `check`, `checkCredentials` asks the service about what a run would use, and its
 * answer is shown too.
 *
 * @returns exit code 0.
 * @throws all that `resolveCredentials` throws. After showing what is there: `CREDENTIALS_MISSING`, `CREDENTIALS_REJECTED` where the
 * service refuses the credentials, and where it gave no usable answer the error that says why.
 */
export async function runAuthStatus(
  options: AuthStatusOptions,
  context: CommandContext,
  checkCredentials: CheckCredentials,
): Promise<number> {
  const { env } = context.system;
  const told = new Set<string>();
  const sources = credentialSources(context.system, (message) => {
    // The store is opened twice.
    if (!told.has(message)) context.stderr(printable(message));
    told.add(message);
  });
  const found = await findSettings(options, sources);
  if (found.apiKey !== undefined) context.redactor.addSecret(found.apiKey.value);
  const { name, named } = profileName(options, env);
  const note = overruledBy(options, { sid: found.sid?.origin, apiKey: found.apiKey?.origin });
  if (note !== undefined) context.stderr(note);
  const profiles = named ? undefined : await storedProfiles(found, sources, context);
  const complete = found.sid !== undefined && found.apiKey !== undefined;
  // Without `json` the settings stand on the screen while the service is asked.
  if (!options.json) for (const line of [...settingLines(found), ...profileLines(profiles ?? [])]) context.stdout(line);
  const check = options.check && complete ? await checkCredentials(requireComplete(found, options, env)) : undefined;
  if (options.json) context.stdout(toJsonLine(statusObject(found, profiles, check)));
  else if (check !== undefined) context.stdout(`${profiles?.length ? '\n' : ''}Check     ${check.outcome}: ${printable(check.message)}`);

  requireComplete(found, options, env);
  if (check !== undefined && check.outcome !== 'fine') throw checkError(check, name);
  return EXIT_DONE;
}

/** A stored profile, as it is shown. */
interface ShownProfile {
  profile: string;
  /** Whether a run would use it. */
  inUse: boolean;
  sid: string;
  baseUrl: string;
  keyLastFour: string;
}

/** The stored profiles. Where the store cannot be read, and a run would not need it, there are none: that is told on stderr, and no error. */
async function storedProfiles(found: FoundSettings, sources: CredentialSources, context: CommandContext): Promise<ShownProfile[]> {
  try {
    const store = await sources.openStore();
    return store.list().flatMap((name) => {
      const profile = store.get(name);
      if (profile === undefined) return [];
      context.redactor.addSecret(profile.apiKey);
      const { sid, baseUrl, apiKey } = profile;
      return [{ profile: name, inUse: name === found.profile, sid, baseUrl, keyLastFour: lastFour(apiKey) }];
    });
  } catch (error) {
    if (!(error instanceof RecordingError)) throw error;
    context.stderr(`Note: ${printable(error.message)}`);
    return [];
  }
}

function settingLines({ profile, sid, apiKey, baseUrl }: FoundSettings): string[] {
  return [
    `Profile   ${profile ?? 'none'}`,
    `SID       ${sid === undefined ? 'missing' : `${sid.value} (${sid.origin})`}`,
    `API key   ${apiKey === undefined ? 'missing' : `****${lastFour(apiKey.value)} (${apiKey.origin})`}`,
    `Base URL  ${baseUrl.value.href} (${baseUrl.origin})`,
  ];
}

/** The profiles as a table under a heading, the one in use marked by a star. */
function profileLines(profiles: readonly ShownProfile[]): string[] {
  if (profiles.length === 0) return [];
  const rows = profiles.map(({ profile, inUse, sid, keyLastFour, baseUrl }) =>
    [`${inUse ? '*' : ' '} ${profile}`, sid, `****${keyLastFour}`, baseUrl].map(printable),
  );
  const widths = [0, 1, 2, 3].map((column) => Math.max(...rows.map((row) => row[column]?.length ?? 0)));
  const lines = rows.map((row) => row.map((cell, column) => cell.padEnd(widths[column] ?? 0)).join('  '));
  return ['', 'Stored profiles (* in use):', ...lines.map((line) => line.trimEnd())];
}

function statusObject(
  { profile, sid, apiKey, baseUrl }: FoundSettings,
  profiles: readonly ShownProfile[] | undefined,
  check: CredentialCheck | undefined,
) {
  return {
    profile: profile ?? null,
    sid: sid?.value ?? null,
    baseUrl: baseUrl.value.href,
    keyLastFour: apiKey === undefined ? null : lastFour(apiKey.value),
    origin: { sid: sid?.origin ?? null, apiKey: apiKey?.origin ?? null, baseUrl: baseUrl.origin },
    ...(profiles === undefined ? {} : { profiles }),
    ...(check === undefined ? {} : { check }),
  };
}

/** The error of credentials that were checked, and are not accepted. */
export function checkError(check: CredentialCheck, profile: string): RecordingError {
  switch (check.outcome) {
    case 'rejected':
      return new RecordingError('CREDENTIALS_REJECTED', check.message, {
        hint: `Run \`${loginCommand(profile)}\` with a valid key.`,
      });
    case 'forbidden':
      return new RecordingError('CREDENTIALS_REJECTED', check.message, {
        hint: 'Check in your Kaleyra account that the key belongs to this SID, and that its IP allow-list includes this machine.',
      });
    default:
      return (
        check.error ??
        new RecordingError('NETWORK', check.message, {
          hint: 'Check --base-url and the proxy settings, or try again later.',
        })
      );
  }
}
