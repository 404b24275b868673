import { appendFileSync, closeSync, fstatSync } from 'node:fs';
import { fileError } from './disk/file-error.ts';
import { openLogFile } from './disk/open-log.ts';
import { looseRights } from './disk/rights.ts';
import { RecordingError } from './errors.ts';
import type { OnEvent, ReportEvent } from './events.ts';
import type { Redactor } from './redact.ts';
import type { Clock } from './system.ts';

/** What happened, as the log has it: `request`, `retry`, `setting` and the like, and what belongs to it. */
export type LogEntry = (event: string, fields: Readonly<Record<string, string | number | boolean | null | undefined>>) => void;

/** A log for support: what was asked for and what came of it, without a secret. */
export interface Log {
  entry: LogEntry;
  close(): void;
}

/** Where a log goes. */
export interface LogTargets {
  /** A line for each entry, for people (`--verbose`); left out for none. It masks the secrets itself. */
  line?: ((text: string) => void) | undefined;
  /** A file that gets each entry as a JSON object on a line (`--log-file`); appended to, made readable by its owner alone. */
  file?: string | undefined;
  /** Told where that file can be read by others. */
  notice?: ((message: string) => void) | undefined;
  redactor: Redactor;
  clock: Pick<Clock, 'now'>;
}

/** Opens a log. Throws `FILE_SYSTEM` where its file cannot be opened; one that cannot be written to later ends quietly, and the work goes on. */
export function openLog(targets: LogTargets): Log {
  const { line, redactor, clock } = targets;
  let descriptor = targets.file === undefined ? undefined : openFile(targets.file, targets.notice);
  // Value by value: a mask across the borders of two would spoil the JSON.
  const masked = (_name: string, value: unknown) => (typeof value === 'string' ? redactor.redact(value) : value);
  const close = () => {
    if (descriptor !== undefined) closeSync(descriptor);
    descriptor = undefined;
  };
  return {
    entry(event, fields) {
      const at = new Date(clock.now()).toISOString();
      line?.(`${at} ${event}${textOf(fields)}`);
      if (descriptor === undefined) return;
      try {
        appendFileSync(descriptor, `${JSON.stringify({ at, event, ...fields }, masked)}\n`);
      } catch {
        close();
      }
    },
    close,
  };
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

function openFile(file: string, notice: LogTargets['notice']): number {
  try {
    const descriptor = openLogFile(file);
    const loose = looseRights(fstatSync(descriptor), `The log ${file}`, file);
    if (loose !== undefined) notice?.(loose);
    return descriptor;
  } catch (error) {
    throw fileError(error, `write the log ${file}`);
  }
}

function textOf(fields: Readonly<Record<string, unknown>>): string {
  return Object.entries(fields)
    .filter(([, value]) => value !== undefined && value !== null)
    .map(([name, value]) => ` ${name}=${typeof value === 'string' && /[\s"=]|^$/u.test(value) ? JSON.stringify(value) : value}`)
    .join('');
}
