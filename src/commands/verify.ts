import { FolderCheck } from '../archive/folder/folder-check.ts';
import { verifyArchive } from '../archive/verify.ts';
import { asRecordingError, EXIT_DONE, usageError } from '../errors.ts';
import type { Finding } from '../events.ts';
import { toJsonLine } from '../printable.ts';
import { count, formatBytes, printable } from '../report/format.ts';
import { failureLine } from '../report/json.ts';
import type { CommandContext } from './context.ts';
import type { OutputOptions } from './service-options.ts';
import { damageError, type FoundDamage, MOST_IDS } from './verify-damage.ts';

/** What `verify` was asked for. */
export interface VerifyOptions extends OutputOptions {
  dir: string;
  /** Whether a file that nobody recorded is damage as well. */
  strict: boolean;
}

/**
 * Checks an archive against its manifest. What is wrong is named on stdout, a line each (`missing <file>`), with `json` an object each and a
 * summary. Returns exit code 0; throws `CONTENT_MISMATCH` (8) where anything is damaged.
 */
export async function runVerify(options: VerifyOptions, context: CommandContext): Promise<number> {
  try {
    const found = await check(options, context);
    const { whole, missing, short, changed, unreadable, link, shared } = found.counts;
    const total = whole + missing + short + changed + unreadable + link + shared;
    if (options.json) context.stdout(toJsonLine({ summary: { total, ...found.counts, bytes: found.bytes } }));
    if (!options.quiet) context.stderr(`${count(whole, 'recording')} whole (${formatBytes(found.bytes)}).`);
    const error = damageError(found, options, context.system.platform);
    if (error === undefined) return EXIT_DONE;
    throw error;
  } catch (thrown) {
    const error = asRecordingError(thrown);
    // Of damage the findings have told.
    if (options.json && error.code !== 'CONTENT_MISMATCH') context.stdout(toJsonLine(failureLine(null, 'failed', error)));
    throw thrown;
  }
}

async function check(options: VerifyOptions, context: CommandContext): Promise<FoundDamage & { bytes: number }> {
  if (options.dir === '') throw usageError('The name of the archive is empty.', 'Check the variable that it comes from.');
  const found: FoundDamage & { bytes: number } = { counts: { ...NOTHING }, broken: [], fromReport: false, bytes: 0 };
  const archive = await FolderCheck.open(options.dir, context.signal);
  const { verifyProgress } = await import('../report/verify-progress.ts');
  const progress = await verifyProgress(options, context);
  const onFinding = (finding: Finding) => {
    found.counts[finding.status] += finding.status === 'damaged' ? finding.lines : 1;
    if (finding.status === 'whole') found.bytes += finding.bytes;
    else context.stdout(options.json ? toJsonLine(finding) : printable(findingText(finding)));
    if (FETCHED_AGAIN.has(finding.status) && 'id' in finding && found.broken.length <= MOST_IDS) found.broken.push(finding.id);
    progress.onFinding(finding);
  };
  try {
    const { fromReport } = await verifyArchive(archive, options.dir, { onTotal: progress.onTotal, onFinding }, context.signal);
    return { ...found, fromReport };
  } finally {
    progress.close();
    await archive.close();
  }
}

/** In the order in which `--json` tells them. */
const NOTHING: FoundDamage['counts'] = {
  whole: 0,
  missing: 0,
  short: 0,
  changed: 0,
  unreadable: 0,
  link: 0,
  shared: 0,
  damaged: 0,
  torn: 0,
  incomplete: 0,
  unrecorded: 0,
  moved: 0,
};

/** What another batch with `--checksum` mends. */
const FETCHED_AGAIN: ReadonlySet<Finding['status']> = new Set(['missing', 'short', 'changed', 'shared']);

/** A finding as a line: its status and the file. */
function findingText(finding: Finding): string {
  const { status, file } = finding;
  switch (status) {
    case 'damaged':
      return `${status} ${file}:${finding.line}${finding.lines > 1 ? `-${finding.line + finding.lines - 1}` : ''}`;
    case 'torn':
      return `${status} ${file}:${finding.line}`;
    case 'incomplete':
      return `${status} ${file} (${finding.bytes} of the ${finding.announced} bytes that its header announces)`;
    case 'moved':
      return `${status} ${file} -> ${finding.to}`;
    default:
      return `${status} ${file}`;
  }
}
