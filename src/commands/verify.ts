import type { ArchiveHome } from '../archive/archive.ts';
import { archiveAt } from '../archive/archive-at.ts';
import { verifyArchive } from '../archive/verify.ts';
import { asRecordingError, EXIT_DONE, type RecordingError, usageError } from '../errors.ts';
import type { Finding, SavedRecording } from '../events.ts';
import type { Log } from '../log.ts';
import { printable, toJsonLine } from '../printable.ts';
import { count, formatBytes } from '../report/format.ts';
import { failureLine } from '../report/json.ts';
import { connect } from './connection.ts';
import type { CommandContext } from './context.ts';
import { type Broken, repairArchive } from './repair.ts';
import type { OutputOptions, ServiceOptions } from './service-options.ts';
import { type CheckOptions, damageError, type FoundDamage } from './verify-damage.ts';

/** What `verify` was asked for; `strict`: whether a file that nobody recorded is damage as well. */
export interface VerifyOptions extends CheckOptions, ServiceOptions, OutputOptions {}

/** What was found, and what has become of it. */
interface Found extends FoundDamage {
  bytes: number;
  /** What can be fetched again, by its id. */
  broken: Map<string, Broken>;
}

/** What is known of a run that ends early. */
interface Kept {
  log?: Log | undefined;
  /** What stopped a repair; its summary has told of a signal. */
  stopped?: RecordingError | undefined;
}

/**
 * Checks an archive against its manifest. What is wrong is named on stdout, a line each (`missing <file>`), with `json` an object each and a
 * summary. With `repair` it is fetched again, and only what is still wrong counts. Returns exit code 0; throws `CONTENT_MISMATCH` (8) where
 * anything is damaged.
 */
export async function runVerify(options: VerifyOptions, context: CommandContext): Promise<number> {
  const kept: Kept = {};
  try {
    if (options.dir === '') throw usageError('The name of the archive is empty.', 'Check the variable that it comes from.');
    if (options.dryRun && !options.repair)
      throw usageError('--dry-run does nothing without --repair.', 'Add --repair, or leave --dry-run out.');
    const home = await archiveAt(options.dir, { ...context, entry: (...entry) => kept.log?.entry(...entry) }, options);
    if (home.stopMs !== undefined) context.stopsWithin(home.stopMs);
    const found =
      options.repair && !options.dryRun ? await checkAndRepair(home, options, context, kept) : await check(home, options, context);
    if (options.dryRun) tellPlan(found.broken, options, context);
    const { whole, missing, short, changed, unreadable, link, shared } = found.counts;
    const total = whole + missing + short + changed + unreadable + link + shared;
    if (options.json) context.stdout(toJsonLine({ summary: { total, ...found.counts, bytes: found.bytes } }));
    if (!options.quiet) context.stderr(`${count(whole, 'recording')} intact (${formatBytes(found.bytes)}).`);
    const error = damageError(found, options);
    if (error === undefined) return EXIT_DONE;
    throw error;
  } catch (thrown) {
    const error = asRecordingError(thrown);
    // Of damage the findings have told.
    if (options.json && error.code !== 'CONTENT_MISMATCH') context.stdout(toJsonLine(failureLine(null, 'failed', error)));
    if (error === kept.stopped && error.code === 'INTERRUPTED' && !options.quiet) return error.exitCode;
    throw thrown;
  }
}

async function check(home: ArchiveHome, options: VerifyOptions, context: CommandContext): Promise<Found> {
  const found: Found = { counts: { ...NOTHING }, lost: 0, bytes: 0, broken: new Map() };
  const archive = await home.check(context.signal, options);
  if (archive.notice !== undefined && !options.quiet) context.stderr(printable(archive.notice));
  const { verifyProgress } = await import('../report/verify-progress.ts');
  const progress = await verifyProgress(options, context);
  const onFinding = (finding: Finding) => {
    found.counts[finding.status] += finding.status === 'damaged' ? finding.lines : 1;
    if (finding.status === 'whole') found.bytes += finding.bytes;
    else context.stdout(options.json ? toJsonLine(finding) : printable(findingText(finding)));
    const { status } = finding;
    if (options.repair && (status === 'missing' || status === 'short' || status === 'changed')) {
      found.broken.set(finding.id, { status, file: finding.file });
    } else if (status === 'moved') {
      const broken = found.broken.get(finding.id);
      if (broken !== undefined) broken.isElsewhere = true;
    }
    progress.onFinding(finding);
  };
  try {
    await verifyArchive(archive, options.dir, { onTotal: progress.onTotal, onFinding }, context.signal);
    return found;
  } finally {
    progress.close();
    await archive.close();
  }
}

async function checkAndRepair(home: ArchiveHome, options: VerifyOptions, context: CommandContext, kept: Kept): Promise<Found> {
  // Before a lock is left in a folder that is no archive.
  if (!(await home.hasManifest())) return check(home, options, context);
  const connection = await connect(options, context);
  kept.log = connection.log;
  const hold = await home.hold();
  try {
    const held = { ...context, signal: AbortSignal.any([context.signal, hold.lost]) };
    const found = await check(home, options, held);
    const onMended = ({ id, bytes, file: saved }: SavedRecording, isNew: boolean) => {
      const { status = 'missing', file = '', isElsewhere } = found.broken.get(id) ?? {};
      found.counts[status] -= 1;
      if (isElsewhere) found.counts.moved -= 1;
      found.counts.whole += 1;
      found.bytes += bytes;
      // A name that cannot be kept any more, as one that leads out of the archive, is not kept.
      const as = saved.endsWith(file) ? '' : ` as ${saved}`;
      if (isNew && !options.json) context.stdout(printable(`repaired ${file}${as}`));
    };
    const onLost = () => (found.lost += 1);
    const repair = { home, options, connection, context: held, onMended, onLost, total: found.broken.size };
    if (found.broken.size > 0) kept.stopped = await repairArchive(found.broken.keys(), repair);
    if (kept.stopped !== undefined) throw kept.stopped;
    return found;
  } finally {
    connection.log?.close();
    await hold.release();
  }
}

/** `--dry-run`: what would be fetched. */
function tellPlan(broken: ReadonlyMap<string, Broken>, { json, quiet }: VerifyOptions, { stdout, stderr }: CommandContext): void {
  const planned = [...broken].filter(([, { isElsewhere }]) => !isElsewhere);
  for (const [id, { file }] of planned) stdout(json ? toJsonLine({ id, status: 'planned', file }) : printable(`would fetch ${file}`));
  if (!quiet) stderr(`${count(planned.length, 'recording')} to fetch.`);
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
