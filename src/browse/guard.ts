import { randomBytes, timingSafeEqual } from 'node:crypto';
import type { IncomingMessage } from 'node:http';

/** Whether a request may be answered: `enter` for one that brings the secret of the address and is to get the cookie, `pass` for one that has it. */
export type Verdict = 'pass' | 'enter' | 'refuse';

/** Keeps everybody out of the page who was not given its address. */
export interface Guard {
  /** The secret in the address. */
  readonly secret: string;
  /** A secret that lets in once, for an address that others can read meanwhile: a browser is given it on its command line. */
  readonly ticket: string;
  /** Below which path all is served. Its name is chosen by chance: the cookie goes there alone, and to no other server on this machine. */
  readonly path: string;
  /** `Set-Cookie` for whoever came with the secret. */
  readonly cookie: string;
  judge(request: Pick<IncomingMessage, 'headers' | 'url'>): Verdict;
}

/**
 * A guard for a server on a port of 127.0.0.1. Whoever else's page is open in the browser can send requests here too, under another host name that
 * leads here (DNS rebinding) or from its own origin (CSRF): so the Host must be ours, and an Origin, where one is named, too.
 */
export function createGuard(port: number): Guard {
  const [secret, ticket] = [1, 2].map(() => randomBytes(24).toString('base64url')) as [string, string];
  let isTicketUsed = false;
  const path = `/${randomBytes(8).toString('hex')}/`;
  // Cookies know no ports: two pages at once need two names.
  const name = `kaleyra-rec-${port}`;
  const hosts = [`127.0.0.1:${port}`, `localhost:${port}`];
  return {
    secret,
    ticket,
    path,
    // Cookies know no ports (RFC 6265, section 8.5): with the path of `/` each server of 127.0.0.1 that the browser asks would get it.
    cookie: `${name}=${secret}; HttpOnly; SameSite=Strict; Path=${path}`,
    judge({ headers, url = '/' }) {
      const { host = '', origin, cookie = '' } = headers;
      if (!hosts.includes(host)) return 'refuse';
      if (origin !== undefined && origin !== `http://${host}`) return 'refuse';
      if (headers['sec-fetch-site'] === 'cross-site' && headers['sec-fetch-mode'] !== 'navigate') return 'refuse';
      // Such as `//`, which is the address of no page.
      if (!URL.canParse(url, 'http://127.0.0.1')) return 'refuse';
      const given = new URL(url, 'http://127.0.0.1').searchParams.get('secret');
      if (given !== null && !isTicketUsed && isSame(given, ticket)) {
        isTicketUsed = true;
        return 'enter';
      }
      if (given !== null) return isSame(given, secret) ? 'enter' : 'refuse';
      const held = cookie.split(/;\s*/u).find((pair) => pair.startsWith(`${name}=`));
      return held !== undefined && isSame(held.slice(name.length + 1), secret) ? 'pass' : 'refuse';
    },
  };
}

/** Takes as long for any two texts of the same length. */
function isSame(one: string, other: string): boolean {
  const [first, second] = [Buffer.from(one), Buffer.from(other)];
  return first.length === second.length && timingSafeEqual(first, second);
}
