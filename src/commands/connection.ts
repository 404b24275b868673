import { accountName } from '../credentials/account.ts';
import { overruledBy, resolveCredentials } from '../credentials/resolve.ts';
import { credentialSources } from '../credentials/sources.ts';
import { refuseUncheckedTls, routeChooser } from '../http/agents.ts';
import { publicLookup } from '../http/local-addresses.ts';
import { proxySecrets } from '../http/proxy-secrets.ts';
import { isLoopback } from '../http/secure-link.ts';
import { serviceTransport } from '../http/service.ts';
import { type StoreTransport, storeTransport } from '../http/store.ts';
import type { Log } from '../log.ts';
import { printable } from '../printable.ts';
import { type AskLink, recordingsClient } from '../recordings/client.ts';
import { createPace, type Pace } from '../retry/pace.ts';
import { type RetryPolicy, retryPolicy } from '../retry/policy.ts';
import type { CommandContext } from './context.ts';
import type { OutputOptions, ServiceOptions } from './service-options.ts';

/** The two sides, ready to be asked. */
export interface Connection {
  askLink: AskLink;
  getObject: StoreTransport;
  pace: Pace;
  policy: RetryPolicy;
  /** For how long no byte of a recording may come. */
  stallTimeoutMs: number;
  /** The name of who asks whom; see `accountName`. */
  account: string;
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
  const notice = (message: string) => context.stderr(printable(message));
  const credentials = await resolveCredentials(options, credentialSources(system, notice));
  const overruled = overruledBy(options, credentials.origin);
  if (overruled !== undefined) notice(overruled);
  for (const secret of [credentials.apiKey, ...proxySecrets(system.env)]) redactor.addSecret(secret);
  const { baseUrl, sid, apiKey } = credentials;
  const pace = createPace(system, perSecond);
  const { timeoutMs, stallTimeoutMs = 30_000 } = options;
  refuseUncheckedTls(baseUrl, system.env);
  let transport = serviceTransport({ baseUrl, apiKey, timeoutMs, chooseRoute: routeChooser(system.env) });
  const localAllowed = isLoopback(baseUrl.hostname);
  // Agents of its own: no connection that has carried the key carries anything else.
  const chooseRoute = routeChooser(system.env, localAllowed ? undefined : publicLookup());
  let getObject = storeTransport({ timeoutMs, stallTimeoutMs, localAllowed, chooseRoute });
  let log: Log | undefined;
  if (options.verbose || options.logFile !== undefined) {
    const [{ startLog }, { loggedService, loggedStore }] = await Promise.all([import('./start-log.ts'), import('../http/log.ts')]);
    log = startLog(options, credentials, context);
    transport = loggedService(transport, log.entry, system);
    getObject = loggedStore(getObject, log.entry, system);
  }
  const askLink = recordingsClient({ baseUrl, sid, transport, pace, now: system.now, method: options.method, redact: redactor.redact });
  return { askLink, getObject, pace, policy: retryPolicy(options.retries), stallTimeoutMs, account: accountName(credentials), log };
}
