import { verifyFolder } from '../archive/verify.ts';
import { asRecordingError, EXIT_DONE, RecordingError, usageError } from '../errors.ts';
import type { Finding } from '../events.ts';
import { toJsonLine } from '../printable.ts';
import { count, formatBytes, printable } from '../report/format.ts';
import { failureLine } from '../report/json.ts';
import type { CommandContext } from './context.ts';
import type { OutputOptions } from './service-options.ts';

/** What `verify` was asked for. */
export interface VerifyOptions extends OutputOptions {
  dir: string;
  /** Whether a file that nobody recorded is damage as well. */
  strict: boolean;
}

/**
 * Checks a folder of recordings against its manifest. What is wrong is named on stdout, a line each (`missing <file>`), with `json` an object
 * each and a summary. Returns exit code 0; throws `CONTENT_MISMATCH` (8) where anything is damaged.
 */
export async function runVerify(options: VerifyOptions, context: CommandContext): Promise<number> {
  try {
    const counts = await check(options, context);
    const { whole, missing, short, changed, bytes } = counts;
    if (options.json) context.stdout(toJsonLine({ summary: { total: whole + missing + short + changed, ...counts } }));
    if (!options.quiet) context.stderr(`${count(whole, 'recording')} whole (${formatBytes(bytes)}).`);
    const error = damage(counts, options);
    if (error === undefined) return EXIT_DONE;
    throw error;
  } catch (thrown) {
    const error = asRecordingError(thrown);
    // Of damage the findings have told.
    if (options.json && error.code !== 'CONTENT_MISMATCH') context.stdout(toJsonLine(failureLine(null, 'failed', error)));
    throw thrown;
  }
}

/** How many files were found to be what, and the bytes of those that are whole. */
type Counts = Record<Finding['status'] | 'bytes', number>;

async function check(options: VerifyOptions, context: CommandContext): Promise<Counts> {
  if (options.dir === '') throw usageError('The name of the folder is empty.', 'Check the variable that it comes from.');
  const counts: Counts = { whole: 0, missing: 0, short: 0, changed: 0, unrecorded: 0, bytes: 0 };
  const { verifyProgress } = await import('../report/verify-progress.ts');
  const progress = await verifyProgress(options, context);
  const onFinding = (finding: Finding) => {
    counts[finding.status] += 1;
    if (finding.status === 'whole') counts.bytes += finding.bytes;
    else context.stdout(options.json ? toJsonLine(finding) : `${finding.status} ${printable(finding.file)}`);
    progress.onFinding(finding);
  };
  try {
    await verifyFolder(options.dir, { onTotal: progress.onTotal, onFinding }, context.signal);
  } finally {
    progress.close();
  }
  return counts;
}

/** The error of a folder that is not what its manifest says; undefined where it is. */
function damage({ missing, short, changed, unrecorded }: Counts, { dir, strict }: VerifyOptions): RecordingError | undefined {
  const broken = [
    ...(missing > 0 ? [`${missing} missing`] : []),
    ...(short > 0 ? [`${short} of another size`] : []),
    ...(changed > 0 ? [`${changed} changed`] : []),
  ];
  const foreign = strict && unrecorded > 0 ? [`${unrecorded} that nobody recorded`] : [];
  const all = [...broken, ...foreign];
  if (all.length === 0) return undefined;
  const hints = [
    ...(broken.length > 0
      ? ['Run `kaleyra-rec batch` over this folder again (with --checksum for changed files): it fetches what is not whole.']
      : []),
    ...(foreign.length > 0 ? ['Move away what nobody recorded, or leave --strict out.'] : []),
  ];
  return new RecordingError('CONTENT_MISMATCH', `${dir} does not hold what its manifest says: ${all.join(', ')}.`, {
    hint: hints.join(' '),
  });
}
