import { endsBatch } from '../disk/file-error.ts';
import type { RecordingError } from '../errors.ts';

/** Whether an error is every further recording's too, or says that the run is not wanted any more. */
export function endsAll(error: RecordingError): boolean {
  const { code } = error;
  if (code === 'FILE_SYSTEM') return endsBatch(error);
  return (
    code === 'BUCKET' || code === 'CREDENTIALS_REJECTED' || code === 'CREDENTIALS_MISSING' || code === 'USAGE' || code === 'INTERRUPTED'
  );
}
