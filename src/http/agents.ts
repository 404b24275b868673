import http from 'node:http';
import type { System } from '../system.ts';
import { namesProxy, proxyAgent, proxyFor } from './proxies.ts';

/** How an address is reached. */
export interface Route {
  agent: http.Agent;
  /** Begins a request under the scheme of the address. */
  request: typeof http.request;
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
    cached(secure ? 'https' : 'http', () => (secure ? secureRoute() : { agent: new http.Agent(KEEP_ALIVE), request: http.request }));
  if (!namesProxy(env)) return (url) => straight(url.protocol === 'https:');

  return async (url) => {
    const proxy = await proxyFor(url, env);
    const secure = url.protocol === 'https:';
    return proxy === undefined ? straight(secure) : cached(`${url.protocol} ${proxy.href}`, () => proxyRoute(proxy, secure));
  };
}

async function secureRoute(): Promise<Route> {
  const { Agent, request } = await import('node:https');
  return { agent: new Agent(KEEP_ALIVE), request };
}

async function proxyRoute(proxy: URL, secure: boolean): Promise<Route> {
  const agent = await proxyAgent(proxy, secure);
  const { request } = secure ? await import('node:https') : http;
  return { agent, request, proxy: proxy.host };
}
