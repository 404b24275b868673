import type http from 'node:http';
import { connect, isIP } from 'node:net';
import type { PeerCertificate } from 'node:tls';
import type { HttpsProxyAgent } from 'https-proxy-agent';
import { RecordingError, usageError } from '../errors.ts';
import type { System } from '../system.ts';
import { isLoopback } from './secure-link.ts';

/** A variable that names a proxy holds a URL; without a scheme it is an http proxy, as for curl. */
export function proxyText(written: string): string {
  return written.includes('://') ? written : `http://${written}`;
}

/** Whether the environment names a proxy for anything. */
export function namesProxy(env: System['env']): boolean {
  return ['http_proxy', 'https_proxy', 'all_proxy'].some((name) => variable(env, name) !== undefined);
}

/**
 * The proxy that the environment names for an address; undefined where there is none, where `NO_PROXY` takes the address out, and for a
 * loopback address unless the proxy is on loopback too. Throws `USAGE` for one that is no URL, or whose password is not URL-encoded; the
 * message never repeats it.
 */
export async function proxyFor(url: URL, env: System['env']): Promise<URL | undefined> {
  const { getProxyForUrl } = await import('proxy-from-env');
  const found = getProxyForUrl(url.href);
  if (found === '') return undefined;
  // The library would take a proxy without a scheme for one of the address's own scheme.
  const text = proxyText(variable(env, `${url.protocol.slice(0, -1)}_proxy`) ?? variable(env, 'all_proxy') ?? found);
  if (!URL.canParse(text)) {
    throw usageError('The proxy in the environment is no URL.', 'Give HTTPS_PROXY, HTTP_PROXY or ALL_PROXY as http://host:port.');
  }
  const proxy = new URL(text);
  if (!isDecodable(proxy.username) || !isDecodable(proxy.password)) {
    throw usageError(
      `The user name or password of the proxy ${proxy.host} is not URL-encoded.`,
      'Write what a URL cannot bear as %XX in HTTPS_PROXY, HTTP_PROXY or ALL_PROXY: a % as %25, an @ as %40.',
    );
  }
  return isLoopback(url.hostname) && !isLoopback(proxy.hostname) ? undefined : proxy;
}

/** The agent that goes through a proxy, for https addresses (`secure`) or http ones. Its connections are kept. Throws `USAGE` for an unknown kind of proxy. */
export async function proxyAgent(proxy: URL, secure: boolean): Promise<http.Agent> {
  const options = { keepAlive: true };
  switch (proxy.protocol) {
    case 'socks:':
    case 'socks4:':
    case 'socks4a:':
    case 'socks5:':
    case 'socks5h:': {
      const { SocksProxyAgent } = await import('socks-proxy-agent');
      // It has no way to be told, and ends by itself after half a minute of silence.
      return dialling(proxy, () => new SocksProxyAgent(proxy, options));
    }
    case 'http:':
    case 'https:': {
      if (secure) {
        const { HttpsProxyAgent } = await import('https-proxy-agent');
        return dialling(proxy, (signal) => new HttpsProxyAgent(proxy, { ...options, ...(signal && { signal }) }));
      }
      const { HttpProxyAgent } = await import('http-proxy-agent');
      const tls = proxy.protocol === 'https:' ? await import('node:tls') : undefined;
      const agent = new HttpProxyAgent(proxy, options);
      // Its own way to connect writes the request's head once more, behind a body that was given meanwhile: every POST would come twice.
      agent.connect = async () => tls?.connect(agent.connectOpts) ?? connect(agent.connectOpts);
      return agent;
    }
    default:
      throw usageError(
        `A proxy cannot be reached by ${proxy.protocol}//.`,
        'Give HTTPS_PROXY, HTTP_PROXY or ALL_PROXY as http://, https:// or socks5://.',
      );
  }
}

/** What the libraries' agents have in common. */
interface Dialler extends http.Agent {
  connect(...request: Parameters<HttpsProxyAgent<string>['connect']>): Promise<unknown>;
}

type ConnectOptions = Parameters<Dialler['connect']>[1];

/** Behind a tunnel, the libraries would have the certificate of a host without a name checked against `localhost`. */
async function checkedByAddress(options: ConnectOptions): Promise<ConnectOptions> {
  const { host } = options;
  if (!host || isIP(host) === 0) return options;
  const { checkServerIdentity } = await import('node:tls');
  const checked = { ...options, checkServerIdentity: (_: string, cert: PeerCertificate) => checkServerIdentity(host, cert) };
  return checked as ConnectOptions;
}

/**
 * The agent that `make` gives, with two faults of the libraries mended. A request that is given up while the proxy has not answered leaves
 * its connection open, and the process alive with it: here a signal ends both. And a proxy's refusal is handed on as if the service itself
 * had answered: a 403 would pass for a refused key.
 */
function dialling(proxy: URL, make: (signal?: AbortSignal) => Dialler): http.Agent {
  const agent = make();
  agent.connect = async (request, options) => {
    const givenUp = new AbortController();
    const { destroy } = request;
    let reason: Error | undefined;
    if (request.destroyed) givenUp.abort();
    request.destroy = (error) => {
      reason = error;
      givenUp.abort();
      return destroy.call(request, error);
    };
    request.once('proxyConnect', ({ statusCode }: { statusCode?: number }) => {
      request.destroy = destroy;
      if (statusCode !== undefined && statusCode !== 200) request.destroy(refusal(proxy, statusCode));
    });
    try {
      return await make(givenUp.signal).connect(request, await checkedByAddress(options));
    } catch (error) {
      if (reason !== undefined) throw reason;
      throw (error as { code?: unknown }).code === undefined ? dialError(proxy, error) : error;
    } finally {
      request.destroy = destroy;
    }
  };
  return agent;
}

function refusal(proxy: URL, status: number): RecordingError {
  if (Number.isNaN(status)) return dialError(proxy, undefined);
  return new RecordingError('NETWORK', `The proxy (${proxy.host}) does not let the connection through (HTTP ${status}).`, {
    hint:
      status === 407
        ? 'Put its user name and password before its host in the variable, as user:password@host:port.'
        : 'Ask whoever runs the proxy, or add the host to NO_PROXY if it can be reached without.',
    retryable: status >= 500,
  });
}

/** What went wrong between us and the proxy, where it is no error of the system. The words of an http proxy are its own, and not repeated. */
function dialError(proxy: URL, cause: unknown): RecordingError {
  const said = proxy.protocol.startsWith('socks') && cause instanceof Error ? `: ${cause.message}` : '';
  return new RecordingError('NETWORK', `The proxy (${proxy.host}) did not make the connection${said}.`, {
    hint: 'Check the proxy in the environment (HTTPS_PROXY, HTTP_PROXY, ALL_PROXY; NO_PROXY goes without), its kind, user name and password.',
    cause,
  });
}

function isDecodable(text: string): boolean {
  try {
    // The result is used, since the minifier drops a call whose result is not.
    return decodeURIComponent(text).length <= text.length;
  } catch {
    return false;
  }
}

function variable(env: System['env'], name: string): string | undefined {
  return env[name] || env[name.toUpperCase()] || undefined;
}
