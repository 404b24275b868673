import http from 'node:http';
import type https from 'node:https';
import { RecordingError, usageError } from '../errors.ts';
import type { System } from '../system.ts';
import { isLoopback } from './secure-link.ts';

/** How an address is reached. */
export interface Route {
  /** The agent in the form that got takes it: under the scheme of the address. */
  agent: { http: http.Agent } | { https: https.Agent };
  /** The proxy's host, where there is one. */
  proxy?: string;
}

/** Gives the way to an address, straight or through a proxy, whose connections are kept. Throws `USAGE` for a proxy that is no URL. */
export type ChooseRoute = (url: URL) => Route | Promise<Route>;

const KEEP_ALIVE = { keepAlive: true };

/**
 * The agents of one side. Proxies come from the environment as everywhere (`HTTP_PROXY`, `HTTPS_PROXY`, `ALL_PROXY`, `NO_PROXY`, in lower
 * case too), http, https and socks. A loopback address is reached straight, unless the proxy lies on this machine itself: another machine's
 * proxy cannot reach it, and would be shown the key. The proxies' code, and TLS, are loaded when something needs them.
 */
export function routeChooser(env: System['env']): ChooseRoute {
  const routes = new Map<string, Route | Promise<Route>>();
  const cached = (key: string, make: () => Route | Promise<Route>) => {
    const route = routes.get(key) ?? make();
    routes.set(key, route);
    return route;
  };
  const straight = (secure: boolean) =>
    cached(secure ? 'https' : 'http', () => (secure ? secureRoute() : { agent: { http: new http.Agent(KEEP_ALIVE) } }));
  const hasProxy = ['http_proxy', 'https_proxy', 'all_proxy'].some((name) => (variable(env, name) ?? '') !== '');
  if (!hasProxy) return (url) => straight(url.protocol === 'https:');

  return async (url) => {
    const proxy = await proxyFor(url, env);
    const secure = url.protocol === 'https:';
    return proxy === undefined ? straight(secure) : cached(`${url.protocol} ${proxy.href}`, () => proxyRoute(proxy, secure));
  };
}

async function secureRoute(): Promise<Route> {
  const { Agent } = await import('node:https');
  return { agent: { https: new Agent(KEEP_ALIVE) } };
}

async function proxyFor(url: URL, env: System['env']): Promise<URL | undefined> {
  const { getProxyForUrl } = await import('proxy-from-env');
  const found = getProxyForUrl(url.href);
  if (found === '') return undefined;
  const scheme = url.protocol.slice(0, -1);
  const written = variable(env, `${scheme}_proxy`) || variable(env, 'all_proxy') || found;
  // Without a scheme it is an http proxy, as for curl; the library would take it for one of the address's own scheme.
  const text = written.includes('://') ? written : `http://${written}`;
  if (!URL.canParse(text)) {
    throw usageError('The proxy in the environment is no URL.', 'Give HTTPS_PROXY, HTTP_PROXY or ALL_PROXY as http://host:port.');
  }
  const proxy = new URL(text);
  return isLoopback(url.hostname) && !isLoopback(proxy.hostname) ? undefined : proxy;
}

async function proxyRoute(proxy: URL, secure: boolean): Promise<Route> {
  const agent = await makeProxyAgent(proxy, secure);
  return { agent: secure ? { https: agent as https.Agent } : { http: agent }, proxy: proxy.host };
}

async function makeProxyAgent(proxy: URL, secure: boolean): Promise<http.Agent> {
  switch (proxy.protocol) {
    case 'socks:':
    case 'socks4:':
    case 'socks4a:':
    case 'socks5:':
    case 'socks5h:': {
      const { SocksProxyAgent } = await import('socks-proxy-agent');
      return new SocksProxyAgent(proxy, KEEP_ALIVE);
    }
    case 'http:':
    case 'https:': {
      if (!secure) {
        const { HttpProxyAgent } = await import('http-proxy-agent');
        return new HttpProxyAgent(proxy, KEEP_ALIVE);
      }
      const { HttpsProxyAgent } = await import('https-proxy-agent');
      const agent = new HttpsProxyAgent(proxy, KEEP_ALIVE);
      // The agent would hand a proxy's refusal on as if the service itself had answered: a 403 would pass for a refused key.
      agent.on('proxyConnect', (connect: { statusCode: number }, request: http.ClientRequest) => {
        if (connect.statusCode !== 200) request.destroy(proxyRefusal(proxy, connect.statusCode));
      });
      return agent;
    }
    default:
      throw usageError(
        `A proxy cannot be reached by ${proxy.protocol}//.`,
        'Give HTTPS_PROXY, HTTP_PROXY or ALL_PROXY as http://, https:// or socks5://.',
      );
  }
}

function proxyRefusal(proxy: URL, status: number): RecordingError {
  return new RecordingError('NETWORK', `The proxy (${proxy.host}) does not let the connection through (HTTP ${status}).`, {
    hint:
      status === 407
        ? 'Give its user name and password in the variable, as http://user:password@host:port.'
        : 'Ask whoever runs the proxy, or add the host to NO_PROXY if it can be reached without.',
    retryable: status >= 500,
  });
}

function variable(env: System['env'], name: string): string | undefined {
  return env[name] || env[name.toUpperCase()];
}
