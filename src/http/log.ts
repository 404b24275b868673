import { asRecordingError } from '../errors.ts';
import { errorFields, type LogEntry } from '../log.ts';
import type { Clock } from '../system.ts';
import type { ServiceTransport } from './service.ts';
import type { StoreTransport } from './store.ts';

/** The same transport, with an entry for each request: method, address, attempt, status or error, and milliseconds. */
export function loggedService(ask: ServiceTransport, entry: LogEntry, clock: Clock): ServiceTransport {
  return (request) => {
    const { method, url, attempt } = request;
    return timed({ to: 'service', method, url: url.href, attempt }, () => ask(request), entry, clock);
  };
}

/** The same transport, with an entry for each object that is asked for: address, attempt, first byte, status or error, and milliseconds until it answered. */
export function loggedStore(get: StoreTransport, entry: LogEntry, clock: Clock): StoreTransport {
  return (link, rest, signal, attempt) =>
    timed(
      { to: 'store', method: 'GET', url: link.href, attempt, fromByte: rest?.from },
      () => get(link, rest, signal, attempt),
      entry,
      clock,
    );
}

async function timed<Answer extends { status: number }>(
  request: Parameters<LogEntry>[1],
  ask: () => Promise<Answer>,
  entry: LogEntry,
  clock: Clock,
): Promise<Answer> {
  const startedAt = clock.elapsed();
  const ms = () => Math.round(clock.elapsed() - startedAt);
  try {
    const answer = await ask();
    entry('request', { ...request, status: answer.status, ms: ms() });
    return answer;
  } catch (error) {
    entry('request', { ...request, ms: ms(), ...errorFields(asRecordingError(error)) });
    throw error;
  }
}
