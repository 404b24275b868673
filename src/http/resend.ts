import type { IncomingMessage } from 'node:http';
import type { ChooseRoute, Route } from './agents.ts';

/** What is to be known of a request that was begun. */
export interface Begun {
  /** Whether it went over a connection that had carried another one before, and nothing has been answered. */
  isReused(): boolean;
}

/**
 * Asks over the way to an address, and at once again where that is no failure of the other side:
 * - a connection that was kept from an earlier request and dies without an answer, or with a 408 that was meant for its idleness: the other
 *   side has closed it meanwhile (RFC 9112, 9.3.1; RFC 9110, 15.5.9);
 * - a connection that was given up because Node tries the next address of a name after 250 ms, and no other address worked: it gets
 *   `timeoutMs`.
 *
 * `ask` begins a request over the route, hands it to `begun`, and resolves with its answer or rejects with what Node says of it.
 */
export async function askByRoute<Answer>(
  url: URL,
  options: { chooseRoute: ChooseRoute; timeoutMs: number; signal: AbortSignal },
  ask: (route: Route, begun: (request: Begun) => void) => Promise<Answer>,
): Promise<Answer> {
  const { chooseRoute, timeoutMs, signal } = options;
  for (let attemptMs: number | undefined; ; ) {
    const route = await chooseRoute(url, attemptMs);
    let request: Begun | undefined;
    try {
      return await ask(route, (begun) => {
        request = begun;
      });
    } catch (error) {
      if (signal.aborted) throw error;
      if (attemptMs === undefined && wasCutShort(error)) attemptMs = timeoutMs;
      else if (request?.isReused() !== true || !DEAD.has(codeOf(error))) throw error;
    }
  }
}

/** Whether an answer is the 408 by which proxies announce that they close a kept connection, whatever was just asked over it. */
export function closesKept({ statusCode, headers }: IncomingMessage, request: { reusedSocket?: boolean | undefined }): boolean {
  return statusCode === 408 && request.reusedSocket === true && /\bclose\b/i.test(headers.connection ?? '');
}

/** What Node says of a connection that ends before an answer has begun. */
const DEAD: ReadonlySet<unknown> = new Set(['ECONNRESET', 'EPIPE', 'ECONNABORTED', 'ERR_STREAM_WRITE_AFTER_END', 'ERR_SOCKET_CLOSED']);

/** Whether one of several addresses was given up in favour of the next (Node's `AggregateError` of a connection). */
function wasCutShort(error: unknown): boolean {
  for (let at = error; at instanceof Error; at = at.cause) {
    if (at instanceof AggregateError) return at.errors.some((each) => codeOf(each) === 'ETIMEDOUT');
  }
  return false;
}

function codeOf(error: unknown): unknown {
  return (error as { code?: unknown } | null)?.code;
}
