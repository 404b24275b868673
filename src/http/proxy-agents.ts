import type http from 'node:http';
import type { AgentOptions } from 'node:https';
import { connect, isIP } from 'node:net';
import type { PeerCertificate } from 'node:tls';
import type { HttpProxyAgent } from 'http-proxy-agent';
import type { HttpsProxyAgent } from 'https-proxy-agent';
import { RecordingError, usageError } from '../errors.ts';

/**
 * The agent that goes through a proxy, for https addresses (`secure`) or http ones, with the libraries' faults mended; each has a test of
 * the library alone, which fails when the library mends it.
 *
 * `options` are those of a straight agent; its `lookup` counts for the addresses that are asked for and never for the proxy. Throws `USAGE`
 * for an unknown kind of proxy.
 */
export async function proxyAgent(proxy: URL, secure: boolean, { lookup, ...options }: AgentOptions): Promise<http.Agent> {
  switch (proxy.protocol) {
    case 'socks:':
    case 'socks4:':
    case 'socks4a:':
    case 'socks5:':
    case 'socks5h:': {
      const { SocksProxyAgent } = await import('socks-proxy-agent');
      // It has no way to be told, and ends by itself after half a minute of silence.
      return mendTunnel(proxy, () => new SocksProxyAgent(proxy, { ...options, ...(lookup && { lookup }) }));
    }
    case 'http:':
    case 'https:': {
      if (secure) {
        const { HttpsProxyAgent } = await import('https-proxy-agent');
        return mendTunnel(proxy, (signal) => new HttpsProxyAgent(proxy, { ...options, ...(signal && { signal }) }));
      }
      const { HttpProxyAgent } = await import('http-proxy-agent');
      return mendForwarding(new HttpProxyAgent(proxy, options), proxy.protocol === 'https:');
    }
    default:
      throw usageError(
        `Proxies of the kind ${proxy.protocol}// are not supported.`,
        'Give HTTPS_PROXY, HTTP_PROXY or ALL_PROXY as http://, https:// or socks5://.',
      );
  }
}

/**
 * An agent that asks a proxy for whole addresses, with two faults of http-proxy-agent 9 mended: its way to connect writes the request's head
 * once more behind a body that was given meanwhile, so that every POST comes twice; and it resolves `..` in a path, which a signature covers.
 */
async function mendForwarding(agent: HttpProxyAgent<string>, secure: boolean): Promise<http.Agent> {
  const tls = secure ? await import('node:tls') : undefined;
  agent.connect = async () => tls?.connect(agent.connectOpts) ?? connect(agent.connectOpts);
  const { setRequestProps } = agent;
  agent.setRequestProps = (request, options) => {
    const { path } = request;
    setRequestProps.call(agent, request, options);
    request.path = `${new URL(request.path).origin}${path}`;
  };
  return agent;
}

/** What the libraries' agents have in common. */
interface Dialler extends http.Agent {
  connect(...request: Parameters<HttpsProxyAgent<string>['connect']>): Promise<unknown>;
}

type ConnectOptions = Parameters<Dialler['connect']>[1];

/**
 * The agent that `make` gives, with faults of https-proxy-agent 9 and socks-proxy-agent 10 mended:
 * - a request that is given up while the proxy has not answered leaves its connection open, and the process alive with it: here a signal
 *   ends both;
 * - any 2xx but 200 is taken for a refusal (RFC 9110, 9.3.6);
 * - a proxy's refusal is handed on as if the service itself had answered: a 403 would pass for a refused key;
 * - the certificate of a host that is an address is checked against `localhost`.
 */
function mendTunnel(proxy: URL, make: (signal?: AbortSignal) => Dialler): http.Agent {
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
    request.once('proxyConnect', (answer: { statusCode?: number }) => {
      const { statusCode } = answer;
      request.destroy = destroy;
      if (statusCode === undefined) return;
      // The library looks at it next.
      if (statusCode >= 200 && statusCode < 300) answer.statusCode = 200;
      else request.destroy(refusal(proxy, statusCode));
    });
    try {
      return await make(givenUp.signal).connect(request, await checked(options));
    } catch (error) {
      if (reason !== undefined) throw reason;
      throw error instanceof RecordingError || (error as { code?: unknown }).code !== undefined ? error : dialError(proxy, error);
    } finally {
      request.destroy = destroy;
    }
  };
  return agent;
}

async function checked(options: ConnectOptions): Promise<ConnectOptions> {
  const { host } = options;
  const { checkServerIdentity } = await import('node:tls');
  const byAddress = (_: string, cert: PeerCertificate) => checkServerIdentity(host ?? '', cert);
  const isAddress = host && isIP(host) !== 0;
  return { ...options, rejectUnauthorized: true, ...(isAddress && { checkServerIdentity: byAddress }) } as ConnectOptions;
}

function refusal(proxy: URL, status: number): RecordingError {
  if (Number.isNaN(status)) return dialError(proxy, undefined);
  return new RecordingError('NETWORK', `The proxy (${proxy.host}) does not let the connection through (HTTP ${status}).`, {
    hint:
      status === 407
        ? 'Put its user name and password before its host in the variable, as user:password@host:port.'
        : 'Ask whoever runs the proxy, or add the host to NO_PROXY if it can be reached without it.',
    retryable: status >= 500,
  });
}

/** What went wrong between us and the proxy, where it is no error of the system. The words of an http proxy are its own, and not repeated. */
function dialError(proxy: URL, cause: unknown): RecordingError {
  const said = proxy.protocol.startsWith('socks') && cause instanceof Error ? `: ${cause.message}` : '';
  return new RecordingError('NETWORK', `The proxy (${proxy.host}) did not make the connection${said}.`, {
    hint: 'Check the proxy in the environment (HTTPS_PROXY, HTTP_PROXY, ALL_PROXY; hosts in NO_PROXY go without it), its kind, user name and password.',
    cause,
  });
}
