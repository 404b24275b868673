import { asRecordingError } from '../errors.ts';
import type { Clock } from '../system.ts';
import type { ServiceTransport } from './service.ts';
import type { StoreTransport } from './store.ts';

/** Where the log goes, and the clock that it reads. `line` masks the secrets: a log line holds links as they are. */
export interface RequestLog {
  line(text: string): void;
  clock: Clock;
}

/** The same transport, with a line in the log for each request: method, address, status or error, time. */
export function loggedService(ask: ServiceTransport, log: RequestLog): ServiceTransport {
  return (request) => timed(`${request.method} ${request.url.href}`, () => ask(request), log);
}

/** The same transport, with a line in the log for each object that is asked for: address, range, status or error, time to the first byte. */
export function loggedStore(get: StoreTransport, log: RequestLog): StoreTransport {
  return (link, rest, signal) => {
    const range = rest === undefined ? '' : ` from byte ${rest.from}`;
    return timed(`GET ${link.href}${range}`, () => get(link, rest, signal), log);
  };
}

async function timed<Answer extends { status: number }>(what: string, ask: () => Promise<Answer>, log: RequestLog): Promise<Answer> {
  const startedAt = log.clock.elapsed();
  const write = (outcome: string | number) => {
    log.line(`${new Date(log.clock.now()).toISOString()} ${what} ${outcome} in ${Math.round(log.clock.elapsed() - startedAt)} ms`);
  };
  try {
    const answer = await ask();
    write(answer.status);
    return answer;
  } catch (error) {
    write(asRecordingError(error).code);
    throw error;
  }
}
