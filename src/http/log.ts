import { createHash } from 'node:crypto';
import { asRecordingError } from '../errors.ts';
import { errorFields, type LogEntry } from '../log.ts';
import { MASK } from '../redact.ts';
import type { Clock } from '../system.ts';
import type { ServiceTransport } from './service.ts';
import type { StoreTransport } from './store.ts';

/** The same transport, with an entry for each request: method, address, attempt, status or error, and milliseconds. */
export function loggedService(ask: ServiceTransport, entry: LogEntry, clock: Clock): ServiceTransport {
  return (request) => {
    const { method, url, attempt } = request;
    return timed({ to: 'service', method, address: shownAddress(url), attempt }, () => ask(request), entry, clock);
  };
}

/** The same transport, with an entry for each object that is asked for: address, attempt, first byte, status or error, and milliseconds until it answered. */
export function loggedStore(get: StoreTransport, entry: LogEntry, clock: Clock): StoreTransport {
  return (link, rest, signal, attempt) =>
    timed(
      { to: 'store', method: 'GET', address: shownAddress(link), attempt, fromByte: rest?.from },
      () => get(link, rest, signal, attempt),
      entry,
      clock,
    );
}

/**
 * An address as a log may show it: scheme and host, the names of the parameters, and 8 digits of a hash of the whole, by which two entries
 * for one address can be told: `https://b.s3.amazonaws.com/…?X-Amz-Date=***&X-Amz-Signature=*** #0a1b2c3d`. Path and values can be secrets whatever
 * they are called, and so can a name that has no value.
 */
export function shownAddress(url: URL): string {
  const names = [...url.searchParams].map(([name, value]) => (value !== '' && /^[\w.-]{1,40}$/.test(name) ? `${name}=${MASK}` : MASK));
  const hash = createHash('sha256').update(url.href).digest('hex').slice(0, 8);
  return `${url.protocol}//${url.host}/…${names.length === 0 ? '' : '?'}${names.join('&')} #${hash}`;
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
