import { type LookupAddress, lookup } from 'node:dns';
import type { LookupFunction } from 'node:net';
import ipaddr from 'ipaddr.js';
import { RecordingError } from '../errors.ts';

/** The ranges that lead to this machine or into the network around it, by ipaddr.js's names of IANA's special-purpose registries. */
const LOCAL: ReadonlySet<string> = new Set([
  'unspecified',
  'loopback',
  'private',
  'linkLocal',
  'carrierGradeNat',
  'uniqueLocal',
  'deprecatedSiteLocal',
  'broadcast',
  'multicast',
  'teredo',
]);

/** Where an IPv6 address of a translated range has its IPv4 address: NAT64 (RFC 6052), SIIT (RFC 6145) and 6to4 (RFC 3056). */
const EMBEDDED_AT: Readonly<Record<string, number>> = { rfc6052: 12, rfc6145: 12, '6to4': 2 };

/**
 * Whether a host, as `URL.hostname` spells it, can be told by itself to lie on this machine or in a private network: an address of a
 * loopback, private, link-local or like range (mapped into IPv6 or not), `localhost`, or a name below it.
 */
export function isLocalHost(host: string): boolean {
  const name = host.replace(/^\[(.*)\]$/, '$1').replace(/\.+$/, '');
  if (ipaddr.isValid(name)) return isLocalAddress(name);
  return name === 'localhost' || name.endsWith('.localhost');
}

/** Whether an IP address lies on this machine or in a private network. */
export function isLocalAddress(text: string): boolean {
  const address = ipaddr.process(text);
  const range = address.range();
  const at = EMBEDDED_AT[range];
  if (at === undefined) return LOCAL.has(range);
  return LOCAL.has(ipaddr.fromByteArray(address.toByteArray().slice(at, at + 4)).range());
}

/**
 * A resolver for connections that must not lead to this machine or into its network: it fails with a RecordingError where one of a name's
 * addresses does. `resolve` is Node's own unless said. What is checked is what is connected to, so that no name can change in between.
 */
export function publicLookup(resolve: LookupFunction = lookup as LookupFunction): LookupFunction {
  return (host, options, done) => {
    resolve(host, options, (error, found, family) => {
      const addresses: readonly LookupAddress[] = typeof found === 'string' ? [{ address: found, family: family ?? 0 }] : (found ?? []);
      if (error === null && addresses.some(({ address }) => isLocalAddress(address))) return done(localError(host), found, family);
      done(error, found, family);
    });
  };
}

/** A link that must not be followed: it leads to this machine or into the network around it. `host` without path and query. */
export function localError(host: string): RecordingError {
  return new RecordingError(
    'UNEXPECTED_RESPONSE',
    `The recording's link leads to ${host.slice(0, 100)}, which is inside this machine's own network.`,
    {
      hint: 'It was not followed. Check the base URL (--base-url) and the DNS server of this machine; if both are right, report the host to Kaleyra.',
    },
  );
}
