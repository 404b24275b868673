import ipaddr from 'ipaddr.js';
import { type RecordingError, usageError } from '../errors.ts';
import type { System } from '../system.ts';
import { isLoopback } from './secure-link.ts';

type Environment = System['env'];

/** Whether the environment names a proxy for anything. */
export function namesProxy(env: Environment): boolean {
  return ['http_proxy', 'https_proxy', 'all_proxy'].some((name) => variable(env, name) !== undefined);
}

/**
 * The proxy that the environment names for an address: `HTTPS_PROXY` or `HTTP_PROXY` by its scheme, else `ALL_PROXY`, each in lower case
 * first. Undefined where there is none, where `NO_PROXY` takes the address out, and for a loopback address unless the proxy is on loopback
 * too. Throws `USAGE` for one that is no URL, or whose password is not URL-encoded; the message never repeats it.
 */
export function proxyFor(url: URL, env: Environment): URL | undefined {
  const written = variable(env, `${url.protocol.slice(0, -1)}_proxy`) ?? variable(env, 'all_proxy');
  if (written === undefined || isTakenOut(url, variable(env, 'no_proxy') ?? '')) return undefined;
  const proxy = parseProxy(written);
  if (proxy === undefined) {
    throw usageError('The proxy in the environment is not a valid URL.', 'Give HTTPS_PROXY, HTTP_PROXY or ALL_PROXY as http://host:port.');
  }
  if (!isDecodable(proxy.username) || !isDecodable(proxy.password)) throw notEncoded(proxy);
  return isLoopback(url.hostname) && !isLoopback(proxy.hostname) ? undefined : proxy;
}

/** The URL that a variable names a proxy by; without a scheme it is an http proxy, as for curl. Undefined for what is no URL. */
export function parseProxy(written: string): URL | undefined {
  const text = written.includes('://') ? written : `http://${written}`;
  return URL.canParse(text) ? new URL(text) : undefined;
}

/**
 * Whether `NO_PROXY` takes an address out, as curl and wget read it: host names, each with the names below it, `.name` and `*.name` alike;
 * addresses and networks (`10.0.0.0/8`); `*` for all; each with `:port` for that port alone. Commas or blanks between them.
 */
function isTakenOut({ hostname, port, protocol }: URL, noProxy: string): boolean {
  const host = withoutBrackets(hostname).replace(/\.$/, '');
  const wantedPort = port || (protocol === 'https:' ? '443' : '80');
  return noProxy
    .toLowerCase()
    .split(/[\s,]+/)
    .filter((entry) => entry !== '')
    .some((entry) => {
      const [, name = '', onlyPort] = /^(\[.*\]|[^:]*):(\d+)$/.exec(entry) ?? [entry, entry];
      return (onlyPort === undefined || onlyPort === wantedPort) && covers(withoutBrackets(name), host);
    });
}

function covers(entry: string, host: string): boolean {
  if (entry === '*') return true;
  if (ipaddr.isValidCIDR(entry)) {
    if (!ipaddr.isValid(host)) return false;
    const [address, network] = [ipaddr.process(host), ipaddr.parseCIDR(entry)];
    return address.kind() === network[0].kind() && address.match(network);
  }
  const name = entry.replace(/^\*?\./, '').replace(/\.$/, '');
  return name !== '' && (host === name || (host.endsWith(`.${name}`) && !ipaddr.isValid(host)));
}

function withoutBrackets(host: string): string {
  return host.replace(/^\[(.*)\]$/, '$1');
}

function notEncoded(proxy: URL): RecordingError {
  return usageError(
    `The user name or password of the proxy ${proxy.host} is not URL-encoded.`,
    'In HTTPS_PROXY, HTTP_PROXY or ALL_PROXY, write special characters as %XX: % as %25, @ as %40.',
  );
}

function isDecodable(text: string): boolean {
  try {
    // The result is used, since the minifier drops a call whose result is not.
    return decodeURIComponent(text).length <= text.length;
  } catch {
    return false;
  }
}

function variable(env: Environment, name: string): string | undefined {
  return env[name]?.trim() || env[name.toUpperCase()]?.trim() || undefined;
}
