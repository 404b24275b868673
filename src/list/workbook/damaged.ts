import { RecordingError, usageError } from '../../errors.ts';

/** The error for an archive or workbook that cannot be read on; one of ours, and the reason of a signal, stays as it is. */
export function damaged(name: string, cause: unknown): unknown {
  if (cause instanceof RecordingError) return cause;
  const why = (cause instanceof Error ? cause.message : String(cause)).split('\n', 1)[0]?.replace(/\.$/u, '');
  return usageError(
    `${name} is a damaged Excel workbook, or another archive: ${why}.`,
    'Fetch or export it again; if it opens in Excel, save it once more as .xlsx or as "CSV UTF-8".',
    cause,
  );
}
