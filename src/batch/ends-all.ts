import { hasCode } from '../disk/file-error.ts';
import type { RecordingError } from '../errors.ts';

/** Whether an error is every further recording's too, or says that the run is not wanted any more. */
export function endsAll({ code, cause }: RecordingError): boolean {
  // A file or folder that stands in one recording's way stands in no other's.
  if (code === 'FILE_SYSTEM') return !hasCode(cause, 'EISDIR', 'ENOTDIR', 'EEXIST', 'ENOTEMPTY', 'ENAMETOOLONG', 'ELOOP');
  return code === 'CREDENTIALS_REJECTED' || code === 'CREDENTIALS_MISSING' || code === 'USAGE' || code === 'INTERRUPTED';
}
