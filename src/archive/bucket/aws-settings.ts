import { loadSharedConfigFiles } from '@smithy/core/config';
import { usageError } from '../../errors.ts';
import { nearest } from '../../nearest.ts';
import type { System } from '../../system.ts';

/**
 * The endpoint that is set, by the environment or the profile ("Service-specific endpoints" in the guide of AWS SDKs and tools); undefined for
 * Amazon's own. Throws `USAGE` for an endpoint that is none, and for credentials of which a half is set: the SDK would look for others
 * elsewhere, and say in the end that there are none.
 */
export async function awsSettings(env: System['env']): Promise<{ endpoint: string | undefined }> {
  const { AWS_PROFILE: profile } = env;
  const none = { configFile: {} as Sections, credentialsFile: {} as Sections };
  const { configFile, credentialsFile } = await loadSharedConfigFiles({ ignoreCache: true }).catch(() => none);
  if (profile) refuseUnknownProfile(profile, [...Object.keys(configFile), ...Object.keys(credentialsFile)]);
  else refuseHalfKeys(env);
  return { endpoint: configuredEndpoint(env, configFile) };
}

function refuseUnknownProfile(profile: string, known: readonly string[]): void {
  if (profile === 'default' || known.includes(profile)) return;
  const meant = nearest(
    profile,
    known.filter((name) => !/^(?:services|sso-session)\./u.test(name)),
  );
  throw usageError(
    `AWS_PROFILE is ${profile}, and the AWS configuration files have no such profile.`,
    `${meant === undefined ? 'Check its name' : `Did you mean ${meant}? Check the name`}, or unset it to use the credentials of the environment or machine.`,
  );
}

/** With a profile, the keys of the environment are not looked at. */
function refuseHalfKeys({ AWS_ACCESS_KEY_ID: id, AWS_SECRET_ACCESS_KEY: secret }: System['env']): void {
  if (Boolean(id) === Boolean(secret)) return;
  const [set, missing] = id ? ['AWS_ACCESS_KEY_ID', 'AWS_SECRET_ACCESS_KEY'] : ['AWS_SECRET_ACCESS_KEY', 'AWS_ACCESS_KEY_ID'];
  throw usageError(`${set} is set, and ${missing} is not.`, 'Set both, or neither to use a profile or a role.');
}

function configuredEndpoint(env: System['env'], configFile: Sections): string | undefined {
  if (env.AWS_IGNORE_CONFIGURED_ENDPOINT_URLS === 'true') return undefined;
  for (const name of ['AWS_ENDPOINT_URL_S3', 'AWS_ENDPOINT_URL']) {
    const set = env[name];
    if (set) return checkedEndpoint(set, name);
  }
  const profile: Section = configFile[env.AWS_PROFILE || 'default'] ?? {};
  const services: Section = profile.services === undefined ? {} : (configFile[`services.${profile.services}`] ?? {});
  const found = services['s3.endpoint_url'] ?? profile.endpoint_url;
  return found === undefined ? undefined : checkedEndpoint(found, "The AWS profile's endpoint_url");
}

/** Throws `USAGE` for what is no address: `localhost:9000` would be one of a scheme of that name. The text stays untold, as it can hold a password. */
function checkedEndpoint(text: string, name: string): string {
  if (URL.canParse(text) && /^https?:$/u.test(new URL(text).protocol)) return text;
  throw usageError(`${name} is no address of a store.`, 'Give it with its scheme, as in http://localhost:9000.');
}

/** Throws `USAGE` for what cannot be a part of a host's name. */
export function checkedRegion(text: string): string {
  const region = text.trim();
  if (/^[A-Za-z\d]+(?:-[A-Za-z\d]+)*$/u.test(region)) return region;
  throw usageError(`AWS_REGION is ${JSON.stringify(text)}, which is not a region.`, 'Write it as in eu-west-1.');
}

type Section = Readonly<Record<string, string | undefined>>;
type Sections = Readonly<Record<string, Section>>;
