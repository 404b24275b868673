import { type Credentials, overruledBy, resolveCredentials } from '../credentials/resolve.ts';
import type { Region } from '../credentials/settings.ts';
import { credentialSources } from '../credentials/sources.ts';
import { routeChooser } from '../http/agents.ts';
import { proxyText } from '../http/proxies.ts';
import { serviceTransport } from '../http/service.ts';
import { type StoreTransport, storeTransport } from '../http/store.ts';
import type { Log } from '../log.ts';
import { type AskLink, type Method, recordingsClient } from '../recordings/client.ts';
import { printable } from '../report/format.ts';
import { createPace, type Pace } from '../retry/pace.ts';
import { type RetryPolicy, retryPolicy } from '../retry/policy.ts';
import type { System } from '../system.ts';
import { version } from '../version.ts';
import type { CommandContext } from './context.ts';

/** The flags that the commands share which talk to the service. */
export interface ServiceOptions {
  profile?: string;
  sid?: string;
  baseUrl?: string;
  region?: Region;
  method: Method;
  /** For each request to answer. */
  timeoutMs: number;
  /** Without a byte for so long, a connection to the store is given up. */
  stallTimeoutMs: number;
  retries: number;
}

/** The flags that say how a command tells what happens. */
export interface OutputOptions {
  json: boolean;
  quiet: boolean;
  verbose: boolean;
  /** Where the log goes as JSON (`--log-file`). */
  logFile?: string;
  /** False with `--no-color`. */
  color: boolean;
}

/** The two sides, ready to be asked. */
export interface Connection {
  askLink: AskLink;
  getObject: StoreTransport;
  pace: Pace;
  policy: RetryPolicy;
  /** The log of the run, where one is wanted. To be closed at its end. */
  log: Log | undefined;
}

/**
 * Finds the credentials and makes the two HTTP clients: one that carries the key, one that never had it. Nothing is sent yet. Throws
 * `CREDENTIALS_MISSING` or `USAGE`.
 */
export async function connect(
  options: ServiceOptions & Pick<OutputOptions, 'verbose' | 'logFile'>,
  context: CommandContext,
  perSecond?: number,
): Promise<Connection> {
  const { system, redactor } = context;
  const credentials = await credentialsFor(options, context);
  redactor.addSecret(credentials.apiKey);
  const { baseUrl, sid, apiKey } = credentials;
  const pace = createPace(system, perSecond);
  const { timeoutMs, stallTimeoutMs } = options;
  let transport = serviceTransport({ baseUrl, apiKey, timeoutMs, chooseRoute: routeChooser(system.env) });
  // Agents of its own: no connection that has carried the key carries anything else.
  let getObject = storeTransport({ timeoutMs, stallTimeoutMs, chooseRoute: routeChooser(system.env) });
  const log = await startLog(options, context);
  if (log !== undefined) {
    logSettings(credentials, system, log);
    const { loggedService, loggedStore } = await import('../http/log.ts');
    transport = loggedService(transport, log.entry, system);
    getObject = loggedStore(getObject, log.entry, system);
  }
  const askLink = recordingsClient({ baseUrl, sid, transport, pace, now: system.now, method: options.method });
  return { askLink, getObject, pace, policy: retryPolicy(options.retries), log };
}

async function startLog(options: Pick<OutputOptions, 'verbose' | 'logFile'>, context: CommandContext): Promise<Log | undefined> {
  if (!options.verbose && options.logFile === undefined) return undefined;
  const { system, redactor } = context;
  const { openLog } = await import('../log.ts');
  const line = (text: string) => context.stderr(printable(text));
  return openLog({ line: options.verbose ? line : undefined, file: options.logFile, redactor, clock: system });
}

/** What support asks first: the versions, and which setting came from where. */
function logSettings({ sid, baseUrl, profile, origin }: Credentials, { env, argv, platform, nodeVersion }: System, { entry }: Log): void {
  entry('run', { tool: version, node: nodeVersion, platform, command: argv.join(' ') });
  entry('setting', { name: 'sid', value: sid, from: origin.sid });
  entry('setting', { name: 'api-key', value: 'set', from: origin.apiKey });
  entry('setting', { name: 'base-url', value: baseUrl.href, from: origin.baseUrl });
  entry('setting', { name: 'profile', value: profile });
  for (const name of ENVIRONMENT) {
    const value = env[name.toLowerCase()] || env[name];
    if (!value) continue;
    // As a URL, in which a password is known for one and masked.
    const shown = name !== 'NO_PROXY' && name.endsWith('_PROXY') ? proxyText(value) : value;
    entry('setting', { name, value: shown, from: 'environment' });
  }
}

/** The variables that change how the other side is reached. */
const ENVIRONMENT = ['HTTP_PROXY', 'HTTPS_PROXY', 'ALL_PROXY', 'NO_PROXY', 'NODE_EXTRA_CA_CERTS', 'NODE_OPTIONS'];

/** The credentials of a run: flag, then environment, then profile. The store is opened only where it is needed. */
export async function credentialsFor(options: Pick<ServiceOptions, 'profile' | 'sid' | 'baseUrl' | 'region'>, context: CommandContext) {
  const credentials = await resolveCredentials(options, credentialSources(context.system));
  const note = overruledBy(options, credentials.origin);
  if (note !== undefined) context.stderr(note);
  return credentials;
}
