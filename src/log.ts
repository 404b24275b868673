import { RecordingError } from './errors.ts';
import type { OnEvent, ReportEvent } from './events.ts';

/** What happened, as the log has it: `request`, `retry`, `setting` and the like, and what belongs to it. */
export type LogEntry = (event: string, fields: Readonly<Record<string, string | number | boolean | null | undefined>>) => void;

/** A log for support: what was asked for and what came of it, without a secret. */
export interface Log {
  entry: LogEntry;
  close(): void;
}

/** The same listener, with an entry for each retry and each end. */
export function loggedEvents<Event extends ReportEvent>(onEvent: OnEvent<Event>, log: Log | undefined): OnEvent<Event> {
  if (log === undefined) return onEvent;
  return (event: Event) => {
    logEvent(event, log.entry);
    onEvent(event);
  };
}

function logEvent(event: ReportEvent, entry: LogEntry): void {
  switch (event.type) {
    case 'retrying':
      entry('retry', { id: event.id, attempt: event.attempt, delayMs: Math.round(event.delayMs), ...errorFields(event.error) });
      break;
    case 'saved': {
      const { id, file, bytes, sha256, attempts, durationMs } = event.recording;
      entry('saved', { id, file, bytes, sha256, attempts, durationMs });
      break;
    }
    case 'skipped':
      entry('skipped', { id: event.recording.id, file: event.recording.file });
      break;
    case 'gone':
    case 'failed':
      entry(event.type, { id: event.id, asked: event.asked, ...errorFields(event.error) });
      break;
    case 'notice':
      entry('notice', { message: event.message });
      break;
    case 'ended':
      entry('summary', { ...event.summary });
      break;
  }
}

/** An error's fields in an entry, with what caused it in Node's words. */
export function errorFields(error: RecordingError): { code: string; message: string; cause?: string } {
  const { code, message, cause } = error;
  return { code, message, ...(cause instanceof Error && !(cause instanceof RecordingError) && { cause: cause.message }) };
}
