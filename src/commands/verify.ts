import { type Finding, verifyFolder } from '../batch/verify.ts';
import { EXIT_DONE, RecordingError } from '../errors.ts';
import { count, formatBytes, printable } from '../report/format.ts';
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
  const counts = { whole: 0, missing: 0, short: 0, changed: 0, unrecorded: 0, bytes: 0 };
  const { verifyProgress } = await import('../report/verify-progress.ts');
  const progress = await verifyProgress(options, context);
  const name = (finding: Finding) => {
    counts[finding.status] += 1;
    if (finding.status === 'whole') counts.bytes += finding.bytes;
    else context.stdout(options.json ? JSON.stringify(finding) : `${finding.status} ${printable(finding.file)}`);
    progress.onFinding(finding);
  };
  try {
    await verifyFolder(options.dir, { onTotal: progress.onTotal, onFinding: name }, context.signal);
  } finally {
    progress.close();
  }
  const { whole, missing, short, changed, unrecorded, bytes } = counts;
  if (options.json) context.stdout(JSON.stringify({ summary: { total: whole + missing + short + changed, ...counts } }));
  if (!options.quiet) context.stderr(`${count(whole, 'recording')} whole (${formatBytes(bytes)}).`);
  const damage = [
    ...(missing > 0 ? [`${missing} missing`] : []),
    ...(short > 0 ? [`${short} of another size`] : []),
    ...(changed > 0 ? [`${changed} changed`] : []),
    ...(unrecorded > 0 && options.strict ? [`${unrecorded} that nobody recorded`] : []),
  ];
  if (damage.length === 0) return EXIT_DONE;
  throw new RecordingError('CONTENT_MISMATCH', `${options.dir} does not hold what its manifest says: ${damage.join(', ')}.`, {
    hint: 'Run `kaleyra-rec batch` over this folder again (with --checksum for changed files): it fetches what is not whole.',
  });
}
