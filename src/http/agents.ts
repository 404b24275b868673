import http from 'node:http';
import type { AgentOptions } from 'node:https';
import type { LookupFunction } from 'node:net';
import { usageError } from '../errors.ts';
import type { System } from '../system.ts';
import { namesProxy, proxyFor } from './proxy-choice.ts';

/** How an address is reached. */
export interface Route {
  agent: http.Agent;
  /** Begins a request under the scheme of the address. */
  request: typeof http.request;
  /** The proxy's host, where there is one. */
  proxy?: string;
}

/**
 * Gives the way to an address, straight or through a proxy, whose connections are kept. `attemptMs` is how long a connection to one of the
 * addresses of a name may take before the next one is tried, Node's own bound of 250 unless said. Throws `USAGE` for a proxy that is no URL.
 */
export type ChooseRoute = (url: URL, attemptMs?: number) => Promise<Route>;

/**
 * The agents of one side. Proxies come from the environment as everywhere (`HTTP_PROXY`, `HTTPS_PROXY`, `ALL_PROXY`, `NO_PROXY`, in lower
 * case too), http, https and socks. A loopback address is reached straight, unless the proxy lies on this machine itself: another machine's
 * proxy cannot reach it, and would be shown the key. The proxies' code, and TLS, are loaded when something needs them.
 *
 * `lookup` resolves the names that are connected to straight, Node's own where left out: see `publicLookup`. A proxy resolves by itself.
 */
export function routeChooser(env: System['env'], lookup?: LookupFunction): ChooseRoute {
  const routes = new Map<string, Promise<Route>>();
  const anyProxy = namesProxy(env);
  return async (url, attemptMs) => {
    const proxy = anyProxy ? proxyFor(url, env) : undefined;
    const key = `${url.protocol} ${proxy?.href} ${attemptMs}`;
    // TLS is never without a check of the certificate, whatever NODE_TLS_REJECT_UNAUTHORIZED says.
    const options = { keepAlive: true, rejectUnauthorized: true, ...(lookup && { lookup }), ...attempts(attemptMs) };
    const route = routes.get(key) ?? makeRoute(url.protocol === 'https:', proxy, options);
    routes.set(key, route);
    return route;
  };
}

/**
 * Refuses to go on where Node has been told to trust any certificate and the service is reached by https: whoever stands between could read
 * the key. Throws `USAGE`.
 */
export function refuseUncheckedTls(baseUrl: URL, env: System['env']): void {
  if (baseUrl.protocol !== 'https:' || env.NODE_TLS_REJECT_UNAUTHORIZED !== '0') return;
  throw usageError(
    'NODE_TLS_REJECT_UNAUTHORIZED=0 turns off the check of certificates, so the API key could be read by anyone between you and the service.',
    "Unset it. If a company's proxy shows a certificate of its own, set NODE_EXTRA_CA_CERTS to a file with its CA certificate.",
  );
}

async function makeRoute(secure: boolean, proxy: URL | undefined, options: AgentOptions): Promise<Route> {
  const { Agent, request } = secure ? await import('node:https') : http;
  if (proxy === undefined) return { agent: new Agent(options), request };
  const { proxyAgent } = await import('./proxy-agents.ts');
  return { agent: await proxyAgent(proxy, secure, options), request, proxy: proxy.host };
}

function attempts(autoSelectFamilyAttemptTimeout: number | undefined) {
  return autoSelectFamilyAttemptTimeout === undefined ? {} : { autoSelectFamilyAttemptTimeout };
}
