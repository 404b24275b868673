import type { Region } from '../credentials/settings.ts';
import type { StoreTransport } from '../http/store.ts';
import type { AskLink, Method } from '../recordings/client.ts';
import { createPace, type Pace } from '../retry/pace.ts';
import { type RetryPolicy, retryPolicy } from '../retry/policy.ts';
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
  /** Without a byte for so long, a connection is given up. */
  stallTimeoutMs: number;
  retries: number;
}

/** The flags that say how a command tells what happens. */
export interface OutputOptions {
  json: boolean;
  quiet: boolean;
  verbose: boolean;
  /** False with `--no-color`. */
  color: boolean;
}

/** The two sides, ready to be asked. */
export interface Connection {
  askLink: AskLink;
  getObject: StoreTransport;
  pace: Pace;
  policy: RetryPolicy;
}

/**
 * Finds the credentials and makes the two HTTP clients: one that carries the key, one that never had it. Nothing is sent yet. Throws
 * `CREDENTIALS_MISSING` or `USAGE`.
 */
export async function connect(
  options: ServiceOptions & Pick<OutputOptions, 'verbose'>,
  context: CommandContext,
  perSecond?: number,
): Promise<Connection> {
  const { system, redactor } = context;
  const credentials = await credentialsFor(options, context);
  redactor.addSecret(credentials.apiKey);
  const [{ routeChooser }, { serviceTransport }, { storeTransport }, { recordingsClient }] = await Promise.all([
    import('../http/agents.ts'),
    import('../http/service.ts'),
    import('../http/store.ts'),
    import('../recordings/client.ts'),
  ]);
  const { baseUrl, sid, apiKey } = credentials;
  const pace = createPace(system, perSecond);
  const { timeoutMs, stallTimeoutMs } = options;
  let transport = serviceTransport({ baseUrl, apiKey, timeoutMs, chooseRoute: routeChooser(system.env) });
  // Agents of its own: no connection that has carried the key carries anything else.
  let getObject = storeTransport({ timeoutMs, stallTimeoutMs, chooseRoute: routeChooser(system.env) });
  if (options.verbose) {
    const { loggedService, loggedStore } = await import('../http/log.ts');
    const log = { line: context.stderr, clock: system };
    transport = loggedService(transport, log);
    getObject = loggedStore(getObject, log);
  }
  const askLink = recordingsClient({ baseUrl, sid, transport, pace, now: system.now, method: options.method });
  return { askLink, getObject, pace, policy: retryPolicy(options.retries) };
}

/** The credentials of a run: flag, then environment, then profile. The store is opened only where it is needed. */
export async function credentialsFor(options: Pick<ServiceOptions, 'profile' | 'sid' | 'baseUrl' | 'region'>, context: CommandContext) {
  const [{ resolveCredentials }, { credentialSources }] = await Promise.all([
    import('../credentials/resolve.ts'),
    import('../credentials/sources.ts'),
  ]);
  return resolveCredentials(options, credentialSources(context.system));
}
