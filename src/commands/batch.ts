import type { Archive, Share } from '../archive/archive.ts';
import { archiveAt } from '../archive/archive-at.ts';
import { BadRows } from '../archive/bad-rows.ts';
import { type NameTemplate, type Naming, parseNameTemplate } from '../archive/name-template.ts';
import { type BatchOptions, type BatchResult, runBatch } from '../batch/run.ts';
import { inShard, parseShard } from '../batch/shard.ts';
import { asRecordingError, EXIT_DONE, EXIT_INCOMPLETE, type RecordingError, settled, usageError } from '../errors.ts';
import type { OnEvent, ReportEvent } from '../events.ts';
import { type PreparedList, prepareList } from '../list/prepared-list.ts';
import { redactedRows } from '../list/redact-row.ts';
import type { TextSource } from '../list/text-source.ts';
import { errorFields, type Log, loggedEvents } from '../log.ts';
import { toJsonLine } from '../printable.ts';
import { createReporter } from '../report/create-reporter.ts';
import { failureLine } from '../report/json.ts';
import { drained } from '../report/standard-output.ts';
import type { BatchCommandOptions, PreparedBatch } from './batch-options.ts';
import { tellPlan } from './batch-plan.ts';
import { type Connection, connect } from './connection.ts';
import type { CommandContext } from './context.ts';

/** Saves every recording of a list. Returns the exit code; throws a RecordingError where the run ended before its time, and that is still to be told. */
export async function runBatchCommand(options: BatchCommandOptions, context: CommandContext): Promise<number> {
  let result: BatchResult | undefined;
  try {
    result = await batch(options, context);
  } catch (thrown) {
    if (options.json) tellJson(asRecordingError(thrown), context);
    throw thrown;
  }
  const stopped = result?.stopped;
  // The summary has told of the signal, and what to do.
  if (stopped?.code === 'INTERRUPTED' && !options.quiet) return stopped.exitCode;
  if (stopped !== undefined) throw stopped;
  return result?.incomplete ? EXIT_INCOMPLETE : EXIT_DONE;
}

async function batch(options: BatchCommandOptions, context: CommandContext): Promise<BatchResult | undefined> {
  const { system } = context;
  if (options.dir === '') throw usageError('--dir is empty.', 'Name a folder or a bucket, or leave --dir out for recordings.');
  let log: Log | undefined;
  const home = await archiveAt(options.dir, { ...context, entry: (...entry) => log?.entry(...entry) }, options);
  if (home.stopMs !== undefined) context.stopsWithin(home.stopMs);
  const share = shareOf(options, context);
  const work = batchOptions(options, share, context);
  const source: TextSource = options.source === '-' ? { stream: system.stdin, name: '-' } : { path: options.source };
  const done = new AbortController();
  const signal = AbortSignal.any([work.signal, done.signal]);
  const namedDates = (headers: readonly string[] | undefined) => templateOf(options, headers)?.dateColumns ?? new Map();
  const badRows = options.skipBadRows ? new BadRows() : undefined;
  const onBadRow = badRows && ((raw: string, line: number, why: string) => badRows.add(raw, line, why));
  const list = await prepareList(source, { ...options, namedDates, onBadRow, now: system.now(), signal });
  try {
    const naming = namingOf(list, options);
    if (options.dryRun) {
      await tellPlan({ home, list, naming, work, options, badRows }, context);
      return undefined;
    }
    const connection = await connect(options, context, options.rate);
    log = connection.log;
    const hold = await home.hold();
    try {
      const heldWork = { ...work, signal: AbortSignal.any([work.signal, hold.lost]) };
      return await fetchAll({ home, list, naming, work: heldWork, options, badRows }, share, connection, context);
    } finally {
      await hold.release();
    }
  } finally {
    // A pipe that stays open would be read on, and keep the process.
    done.abort();
    await list.close();
  }
}

async function fetchAll(
  prepared: PreparedBatch,
  share: Share | undefined,
  connection: Connection,
  context: CommandContext,
): Promise<BatchResult> {
  const { home, list, naming, work, options } = prepared;
  const { system } = context;
  const { Download } = await import('../download/download.ts');
  const tools = { ...connection, clock: system };
  const { validityMinutes } = options;
  const notices = heldBack();
  const archive = await home.open({
    naming,
    header: list.header?.raw,
    share,
    account: connection.account,
    onNotice: notices.add,
    signal: work.signal,
  });
  const reporter = await createReporter({ ...options, paths: !system.stdout.isTTY }, context);
  const report = loggedEvents(reporter.onEvent, connection.log);
  try {
    for (const notice of list.notices) report({ type: 'notice', ...notice });
    notices.pass((message) => report({ type: 'notice', message }));
    // Of a share or a part of the list nobody has counted the rows.
    const total = options.shard === undefined && options.limit === undefined ? list.total : undefined;
    report({ type: 'begun', total, archive: home.name });
    const result = await runBatch(
      redactedRows(list, context.redactor),
      {
        fetching: (id, { signal, onEvent }) => new Download(id, { ...tools, onEvent }, { validityMinutes, signal }),
        archive,
        onEvent: report,
        timeOf: (row) => list.timeOf(row),
        total,
        outputTaken: () => drained(system.stdout),
        clock: system,
      },
      work,
    );
    for (const notice of list.lateNotices()) report({ type: 'notice', ...notice });
    return await end(result, archive, prepared, { report, connection, context });
  } finally {
    reporter.close();
    connection.log?.close();
    await archive.close();
  }
}

/** Lists the rows that failed, and tells how it all ended. */
async function end(
  result: BatchResult,
  archive: Archive,
  { home, list, options, badRows }: PreparedBatch,
  { report, connection, context }: { report: OnEvent<ReportEvent>; connection: Connection; context: CommandContext },
): Promise<BatchResult> {
  const { summary, restUnread } = result;
  // With the lock, the folder has become another run's.
  const isOthers = result.stopped?.code === 'LOCKED';
  const listed = isOthers ? undefined : await settled(archive.listFailed());
  const badList = isOthers || badRows === undefined ? undefined : await settled(archive.listBadRows(badRows.text));
  const unlisted = [listed, badList].find((outcome) => outcome instanceof Error);
  if (unlisted !== undefined && result.stopped !== undefined) {
    // Another error ends the run: with `--quiet` too, which hushes notices.
    report({ type: 'notice', message: unlisted.message, always: true });
  }
  const stopped = result.stopped ?? unlisted;
  if (stopped !== undefined) {
    connection.log?.entry('stopped', { ...errorFields(stopped) });
    // The summary is the last line of every run that came so far.
    if (options.json) tellJson(stopped, context);
  }
  summary.passedOver += badRows?.count ?? 0;
  if (typeof badList === 'string') report({ type: 'notice', message: badRowsNotice(badRows?.count ?? 0, badList), always: true });
  report({
    type: 'ended',
    summary,
    archive: home.name,
    stopped: result.stopped,
    restUnread,
    failedList: listed instanceof Error ? undefined : listed,
    pastRetention: list.dates?.past ?? 0,
  });
  return { ...result, incomplete: result.incomplete || (badRows?.count ?? 0) > 0, stopped };
}

function badRowsNotice(rows: number, file: string): string {
  return rows === 1 ? `1 row could not be read; it is listed in ${file}.` : `${rows} rows could not be read; they are listed in ${file}.`;
}

/** Notices that may come before anybody can be told. */
function heldBack() {
  const waiting: string[] = [];
  let tell = (message: string): void => void waiting.push(message);
  return {
    add: (message: string) => tell(message),
    pass(to: (message: string) => void) {
      tell = to;
      for (const message of waiting.splice(0)) to(message);
    },
  };
}

function namingOf(list: PreparedList, options: BatchCommandOptions): Naming {
  const headers = list.header?.headers;
  return { headers, dates: list.reportDates, template: templateOf(options, headers) };
}

function templateOf({ name }: BatchCommandOptions, headers: readonly string[] | undefined): NameTemplate | undefined {
  return name === undefined ? undefined : parseNameTemplate(name, headers);
}

function shareOf({ shard: given }: BatchCommandOptions, { system }: CommandContext): Share | undefined {
  if (given === undefined) return undefined;
  const shard = parseShard(given, system.env);
  return { ...shard, holds: (id) => inShard(id, shard) };
}

function batchOptions(options: BatchCommandOptions, share: Share | undefined, { signal }: CommandContext): BatchOptions {
  const { concurrency, checksum, recheckDays, retryGone, limit } = options;
  return { concurrency, checksum, recheckDays, retryGone, limit, inShare: share?.holds, signal };
}

function tellJson(error: RecordingError, context: CommandContext): void {
  context.stdout(toJsonLine(failureLine(null, 'failed', error)));
}
