import { type ErrorCode, RecordingError } from '../../src/errors.ts';
import type { BatchEnd, BatchSummary, ReportEvent, SavedRecording } from '../../src/events.ts';

/** A recording of 1.2 MB that was saved in 3 seconds, unless the test says otherwise. */
export function recording(more: Partial<SavedRecording> = {}): SavedRecording {
  return {
    id: 'a==',
    file: 'recordings/a==.mp3',
    bytes: 1_234_567,
    sha256: 'a'.repeat(64),
    contentType: 'audio/mpeg',
    etag: '"e"',
    attempts: 1,
    durationMs: 3210,
    ...more,
  };
}

export const saved = (more: Partial<SavedRecording> = {}): ReportEvent => ({ type: 'saved', recording: recording(more) });
export const skipped = (more: Partial<SavedRecording> = {}): ReportEvent => ({ type: 'skipped', recording: recording(more) });

export const error = (message = 'The service says: Invalid Id.', code: ErrorCode = 'RECORDING_NOT_FOUND') =>
  new RecordingError(code, message, { hint: 'Check the id.' });

export const gone = (id = 'b', message?: string, asked = true): ReportEvent => ({ type: 'gone', id, error: error(message), asked });
export const failed = (id = 'c', message = 'No connection.', asked = true): ReportEvent => ({
  type: 'failed',
  id,
  error: error(message, 'NETWORK'),
  asked,
});
export const retrying = (
  message = 'No connection.',
  attempt = 2,
  delayMs = 1500,
  code: ErrorCode = 'NETWORK',
  id = 'a==',
): ReportEvent => ({
  type: 'retrying',
  id,
  attempt,
  delayMs,
  error: error(message, code),
});
export const progress = (bytes: number, totalBytes: number | undefined = undefined, id = 'a=='): ReportEvent => ({
  type: 'progress',
  id,
  bytes,
  totalBytes,
});
export const started = (id = 'a=='): ReportEvent => ({ type: 'started', id });
export const begun = (total: number | undefined): ReportEvent => ({ type: 'begun', total, archive: 'recordings' });

export function summary(more: Partial<BatchSummary> = {}): BatchSummary {
  return {
    ...{ total: 0, saved: 0, skipped: 0, gone: 0, failed: 0, notReached: 0 },
    ...{ duplicates: 0, blank: 0, passedOver: 0, filtered: 0, bytes: 0, durationMs: 0 },
    ...more,
  };
}

/** A batch that came to its end, with these counts. */
export function ended(counts: Partial<BatchSummary> = {}, more: Partial<BatchEnd> = {}): BatchEnd {
  return { type: 'ended', summary: summary(counts), archive: 'calls', stopped: undefined, ...more };
}
