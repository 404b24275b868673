import type { RecordingError } from '../errors.ts';
import type { SavedRecording } from '../events.ts';
import { toJsonLine } from '../printable.ts';
import type { ReportContext, Reporter } from './reporter.ts';

/** One object a line on standard output: each recording as it ends, and a batch's summary last. The shapes are the contract. */
export function jsonReporter({ stdout }: ReportContext): Reporter {
  const print = (value: unknown) => stdout(toJsonLine(value));
  return {
    onEvent(event) {
      switch (event.type) {
        case 'saved':
        case 'skipped':
          return print(recordingLine(event.type, event.recording));
        case 'gone':
        case 'failed':
          return print(failureLine(event.id, event.type, event.error));
        case 'ended':
          return print({ summary: event.summary });
        default:
          return;
      }
    },
    close() {},
  };
}

/** A recording that was not had, as `--json` shows it. `id` is null where the error is not about one. */
export function failureLine(id: string | null, status: 'gone' | 'failed', error: RecordingError) {
  return { id, status, error: error.toJSON() };
}

function recordingLine(status: 'saved' | 'skipped', recording: SavedRecording) {
  const { id, ...rest } = recording;
  return { id, status, ...rest };
}
