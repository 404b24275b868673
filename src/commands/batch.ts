import { stat } from 'node:fs/promises';
import path from 'node:path';
import { FAILED_NAME, FailedRows } from '../archive/failed-rows.ts';
import { ArchiveFolder } from '../archive/folder/archive-folder.ts';
import { acquireLock } from '../archive/folder/lock.ts';
import { LOCK_NAME } from '../archive/manifest.ts';
import { type Naming, parseNameTemplate } from '../archive/name-template.ts';
import type { BatchOptions } from '../batch/batch-options.ts';
import { planBatch } from '../batch/plan-batch.ts';
import { type BatchResult, runBatch } from '../batch/run-batch.ts';
import { inShard, parseShard } from '../batch/shard.ts';
import { makeFolder } from '../disk/make-folder.ts';
import { asRecordingError, EXIT_DONE, EXIT_INCOMPLETE, type RecordingError, usageError } from '../errors.ts';
import type { OnEvent, ReportEvent } from '../events.ts';
import { type PreparedList, prepareList } from '../list/prepared-list.ts';
import { redactedRows } from '../list/redact-row.ts';
import type { TextSource } from '../list/text-source.ts';
import { errorFields, loggedEvents } from '../log.ts';
import { toJsonLine } from '../printable.ts';
import { createReporter } from '../report/create-reporter.ts';
import { printable } from '../report/format.ts';
import { failureLine } from '../report/json.ts';
import type { OutputStream } from '../system.ts';
import type { CommandContext } from './context.ts';
import { connect, type OutputOptions, type ServiceOptions } from './service-options.ts';

/** What `batch` was asked for. */
export interface BatchCommandOptions extends ServiceOptions, OutputOptions {
  /** A file, or `-` for standard input. */
  source: string;
  dir: string;
  concurrency: number;
  /** At most so many requests a second to the service. */
  rate?: number;
  column?: string;
  /** The file name from the id and the report's columns. */
  name?: string;
  /** The report's column that says when the call was. */
  dateColumn?: string;
  order: 'oldest' | 'report';
  shard?: string;
  limit?: number;
  dryRun: boolean;
  checksum: boolean;
  retryGone: boolean;
  /** In minutes; the service's own default where left out. */
  validityMinutes?: number;
}

/** Saves every recording of a list. Returns the exit code; throws a RecordingError where the run ended before its time. */
export async function runBatchCommand(options: BatchCommandOptions, context: CommandContext): Promise<number> {
  let result: BatchResult | undefined;
  try {
    result = await batch(options, context);
  } catch (thrown) {
    if (options.json) tellJson(asRecordingError(thrown), context);
    throw thrown;
  }
  if (result?.stopped !== undefined) throw result.stopped;
  return result?.incomplete ? EXIT_INCOMPLETE : EXIT_DONE;
}

async function batch(options: BatchCommandOptions, context: CommandContext): Promise<BatchResult | undefined> {
  const { system } = context;
  if (options.dir === '') throw usageError('--dir is empty.', 'Name a folder, or leave --dir out for recordings.');
  const work = batchOptions(options, context);
  const source: TextSource = options.source === '-' ? { stream: system.stdin, name: '-' } : { path: options.source };
  const reading = new AbortController();
  const giveUp = () => reading.abort(work.signal.reason);
  work.signal.addEventListener('abort', giveUp, { once: true });
  const { column, dateColumn, order } = options;
  const list = await prepareList(source, { column, dateColumn, order, now: system.now(), signal: reading.signal });
  try {
    const naming = namingOf(list, options);
    if (options.dryRun) return await dryRun(list, work, naming, options, context);
    const connection = await connect(options, context, options.rate);
    await makeFolder(options.dir);
    const lock = await acquireLock(path.join(options.dir, LOCK_NAME), system);
    try {
      // From here on a stop does not end the reading: the batch itself does, once it has accounted for the rest of the list.
      work.signal.removeEventListener('abort', giveUp);
      const signal = AbortSignal.any([work.signal, lock.lost]);
      return await fetchAll(list, { ...work, signal }, naming, connection, options, context);
    } finally {
      await lock.release();
    }
  } finally {
    reading.abort();
    await list.close();
  }
}

async function fetchAll(
  list: PreparedList,
  work: BatchOptions,
  naming: Naming,
  connection: Awaited<ReturnType<typeof connect>>,
  options: BatchCommandOptions,
  context: CommandContext,
): Promise<BatchResult> {
  const { system } = context;
  const [{ downloadRecording }, { digestMaker }] = await Promise.all([import('../download/download.ts'), import('../download/digest.ts')]);
  const tools = { ...connection, makeDigest: digestMaker(), clock: system };
  const archive = await ArchiveFolder.open(options.dir, system, naming);
  const reporter = await createReporter({ ...options, paths: !system.stdout.isTTY }, context);
  const report = loggedEvents(reporter.onEvent, connection.log);
  try {
    const failedRows = new FailedRows(options.dir, list.header);
    const worksThroughFailed = await isSameFile(
      options.source === '-' ? '/dev/stdin' : options.source,
      path.join(options.dir, FAILED_NAME),
    );
    for (const message of list.notices) report({ type: 'notice', message });
    const total = options.shard === undefined && options.limit === undefined ? list.total : undefined;
    report({ type: 'begun', total, folder: options.dir });
    const result = await runBatch(
      redactedRows(list, context.redactor),
      {
        fetch: (row, { signal, turn, onEvent }) =>
          downloadRecording(
            row.id,
            archive.destinationFor(row),
            { ...tools, onEvent },
            { validityMinutes: options.validityMinutes, signal, turn },
          ),
        archive,
        failedRows,
        onEvent: report,
        outputTaken: () => drained(system.stdout),
        clock: system,
      },
      work,
    );
    // The rows that it has not come to stand nowhere else.
    const keepsList = worksThroughFailed && result.hasRowsLeft;
    if (keepsList) report({ type: 'notice', message: `${FAILED_NAME} stays as it was: this run has not come to all of its rows.` });
    // With the lock, the folder has become another run's.
    const isOthers = result.stopped?.code === 'LOCKED';
    const unlisted = await failure(keepsList || isOthers ? failedRows.abandon() : failedRows.close());
    if (unlisted !== undefined && result.stopped !== undefined) {
      tellAside(`${unlisted.message} It does not list the rows that failed.`, report, options, context);
    }
    const stopped = result.stopped ?? unlisted;
    if (stopped !== undefined) connection.log?.entry('stopped', { ...errorFields(stopped) });
    // The summary is the last line of every run that came so far. An error that the rows bear is told by them, and is no further object.
    if (options.json && stopped !== undefined && !isBorneByRows(stopped, result)) tellJson(stopped, context);
    report({
      type: 'ended',
      summary: result.summary,
      pastRetention: list.dates?.past ?? 0,
      unlisted: isOthers || unlisted !== undefined,
    });
    return { ...result, stopped };
  } finally {
    reporter.close();
    connection.log?.close();
    await archive.close();
  }
}

/** Tells what else has gone wrong where another error ends the run: with `--quiet` too, which hushes notices. */
function tellAside(message: string, report: OnEvent<ReportEvent>, { quiet }: BatchCommandOptions, { stderr }: CommandContext): void {
  report({ type: 'notice', message });
  if (quiet) stderr(printable(message));
}

/** Resolves when a stream has room again; undefined where it has. */
function drained(stream: OutputStream): Promise<void> | undefined {
  return stream.writableNeedDrain ? new Promise((resolve) => stream.once('drain', resolve)) : undefined;
}

/** Whether two paths lead to one file. On Windows nothing tells where standard input comes from. */
async function isSameFile(one: string, other: string): Promise<boolean> {
  const [first, second] = await Promise.all([one, other].map((file) => stat(file, { bigint: true }).catch(() => undefined)));
  return first !== undefined && first.dev === second?.dev && first.ino === second.ino;
}

async function dryRun(
  list: PreparedList,
  work: BatchOptions,
  naming: Naming,
  options: BatchCommandOptions,
  context: CommandContext,
): Promise<undefined> {
  if (!options.quiet) for (const message of list.notices) context.stderr(printable(message));
  const archive = await ArchiveFolder.open(options.dir, context.system, naming);
  const lines = gatherLines(context.stdout);
  try {
    for await (const row of planBatch(redactedRows(list, context.redactor), archive, work)) {
      // What a recording is, and so its extension, shows only when it is fetched.
      const file = naming.template && { file: naming.template.fill(row, '{ext}', naming.dayOrder).join('/') };
      lines.add(options.json ? toJsonLine({ id: row.id, status: 'planned', ...file }) : row.id);
    }
  } finally {
    lines.write();
    await archive.close();
  }
}

/** What is written together at most, in lines. */
const MOST_LINES = 1000;

/** Writes lines together that come together: a million, one by one, take 2 s. What waits for more is not held back. */
function gatherLines(write: (lines: string) => void): { add(line: string): void; write(): void } {
  let gathered: string[] = [];
  const flush = () => {
    if (gathered.length > 0) write(gathered.join('\n'));
    gathered = [];
  };
  return {
    add(line) {
      if (gathered.length === 0) setImmediate(flush);
      gathered.push(line);
      if (gathered.length === MOST_LINES) flush();
    },
    write: flush,
  };
}

function namingOf(list: PreparedList, { name }: BatchCommandOptions): Naming {
  const headers = list.header?.headers;
  return { headers, dayOrder: list.dayOrder, template: name === undefined ? undefined : parseNameTemplate(name, headers) };
}

function batchOptions(options: BatchCommandOptions, { system, signal }: CommandContext): BatchOptions {
  const shard = options.shard === undefined ? undefined : parseShard(options.shard, system.env);
  return {
    concurrency: options.concurrency,
    checksum: options.checksum,
    retryGone: options.retryGone,
    limit: options.limit,
    isOurs: shard && ((id) => inShard(id, shard)),
    signal,
  };
}

/** Whether the error that stopped a batch is that of rows that failed: not that of the list itself, nor of `failed.txt`. */
function isBorneByRows(stopped: RecordingError, { stopped: byRows, summary }: BatchResult): boolean {
  return stopped === byRows && stopped.code !== 'USAGE' && summary.failed > 0;
}

function tellJson(error: RecordingError, context: CommandContext): void {
  context.stdout(toJsonLine(failureLine(null, 'failed', error)));
}

/** The error that a promise rejects with; undefined where it does not. */
async function failure(work: Promise<void>): Promise<RecordingError | undefined> {
  try {
    await work;
    return undefined;
  } catch (error) {
    return asRecordingError(error);
  }
}
