import { MASK } from '../redact.ts';
import type { System } from '../system.ts';
import { parseProxy } from './proxy-choice.ts';

/** The variables that name a proxy; in lower case too. */
const VARIABLES = ['HTTP_PROXY', 'HTTPS_PROXY', 'ALL_PROXY'];

/** A shorter password may be a word of every second sentence; it is known together with its user. */
const PASSWORD_LENGTH = 8;

/**
 * A proxy as a log may have it: its kind, its user and its host. What is no URL may be a password throughout, and nothing of
 * it is shown.
 */
export function shownProxy(written: string): string {
  const url = parseProxy(written);
  if (url === undefined) return 'not a URL';
  // A user's name alone may be a token.
  const login = url.password !== '' ? `${url.username}:${MASK}@` : url.username === '' ? '' : `${MASK}@`;
  return `${url.protocol}//${login}${url.host}`;
}

/** What the proxies of an environment are logged in with, as it is and decoded: a proxy may repeat it in its answer. */
export function proxySecrets(env: System['env']): string[] {
  const urls = VARIABLES.flatMap((name) => [env[name], env[name.toLowerCase()]]).map((written) => parseProxy(written ?? ''));
  return urls.flatMap((url) => {
    if (url === undefined || url.password === '') return [];
    return [decoded, (text: string) => text].flatMap((read) => {
      const password = read(url.password);
      return [`${read(url.username)}:${password}`, ...(password.length >= PASSWORD_LENGTH ? [password] : [])];
    });
  });
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
