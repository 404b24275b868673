import { stat } from 'node:fs/promises';
import path from 'node:path';
import type { Destination } from '../archive/draft.ts';
import { acquireLock } from '../archive/folder/lock.ts';
import { fileDestination, folderDestination, standingRecording } from '../download/destinations.ts';
import { asRecordingError, EXIT_DONE, isGone, usageError } from '../errors.ts';
import { errorFields, loggedEvents } from '../log.ts';
import { createReporter } from '../report/create-reporter.ts';
import { failureLine } from '../report/json.ts';
import type { CommandContext } from './context.ts';
import { connect, type OutputOptions, type ServiceOptions } from './service-options.ts';

/** What `download` was asked for. */
export interface DownloadCommandOptions extends ServiceOptions, OutputOptions {
  id: string;
  /** A file, a folder (it exists, or the path ends in a separator) or `-`; the current folder where left out. */
  output?: string;
  force: boolean;
  skipExisting: boolean;
  /** In minutes; the service's own default where left out. */
  validityMinutes?: number;
}

/** Saves one recording, and prints its path. Returns the exit code; throws a RecordingError where it is not saved. */
export async function runDownload(options: DownloadCommandOptions, context: CommandContext): Promise<number> {
  const { id, json } = options;
  try {
    return await download(options, context);
  } catch (thrown) {
    const error = asRecordingError(thrown);
    if (json) context.stdout(JSON.stringify(failureLine(id, isGone(error.code) ? 'gone' : 'failed', error)));
    throw thrown;
  }
}

async function download(options: DownloadCommandOptions, context: CommandContext): Promise<number> {
  const { id, json } = options;
  if (id === '') throw usageError('The recording id is empty.', 'Check the variable or the list that it comes from.');
  if (options.force && options.skipExisting)
    throw usageError('--force and --skip-existing cannot be used together.', 'Leave one of them out.');
  const target = await findTarget(options, context);
  if (options.skipExisting && target.standing !== undefined) {
    const result = { id, status: 'skipped', file: target.standing.file, bytes: target.standing.bytes };
    context.stdout(json ? JSON.stringify(result) : target.standing.file);
    return EXIT_DONE;
  }
  const connection = await connect(options, context);
  const [{ downloadRecording }, { digestMaker }] = await Promise.all([import('../download/download.ts'), import('../download/digest.ts')]);
  const reporter = await createReporter({ ...options, paths: options.output !== '-' }, context);
  const onEvent = loggedEvents(reporter.onEvent, connection.log);
  try {
    onEvent({ type: 'started', id });
    const recording = await downloadRecording(
      id,
      target.destination,
      { ...connection, makeDigest: digestMaker(), clock: context.system, onEvent },
      { validityMinutes: options.validityMinutes, signal: context.signal },
    );
    onEvent({ type: 'saved', recording });
  } catch (thrown) {
    connection.log?.entry('failed', { id, ...errorFields(asRecordingError(thrown)) });
    throw thrown;
  } finally {
    reporter.close();
    connection.log?.close();
  }
  return EXIT_DONE;
}

interface Target {
  destination: Destination;
  /** What stands there already, looked for with `--skip-existing` alone. */
  standing?: { file: string; bytes: number };
}

async function findTarget(options: DownloadCommandOptions, context: CommandContext): Promise<Target> {
  const { system } = context;
  const output = options.output ?? '.';
  if (output === '-') return { destination: await standardOutput(options, context) };
  if (output === '') throw usageError('--output is empty.', 'Name a file, a folder, or - for standard output.');
  const single = {
    replace: options.force,
    elapsed: () => system.elapsed(),
    lock: (file: string) => acquireLock(file, system),
  };
  const found = await stat(output).catch(() => undefined);
  const isFolder = found?.isDirectory() || output.endsWith('/') || output.endsWith(path.sep);
  if (isFolder) {
    // A leading "./" says nothing that the name alone does not.
    const folder = output === '.' ? '' : output;
    const standing = options.skipExisting ? await standingRecording(folder, options.id) : undefined;
    return { destination: folderDestination(folder, single), ...(standing !== undefined && (await standingFile(standing))) };
  }
  return { destination: fileDestination(output, single), ...(options.skipExisting && (await standingFile(output))) };
}

/** A file that stands there; what else does is not taken for a recording, and the destination refuses it. */
async function standingFile(file: string): Promise<Pick<Target, 'standing'>> {
  const found = await stat(file).catch(() => undefined);
  return found?.isFile() ? { standing: { file, bytes: found.size } } : {};
}

async function standardOutput(options: DownloadCommandOptions, { system }: CommandContext): Promise<Destination> {
  if (options.json) {
    throw usageError(
      '--output - and --json cannot be used together: both write to standard output.',
      'Give --output a file, or leave --json out.',
    );
  }
  if (system.stdout.isTTY) {
    throw usageError(
      'A recording cannot be shown on a terminal.',
      'Pipe it to another program, redirect it with > file, or give --output a file.',
    );
  }
  const { streamDestination } = await import('../download/stream-draft.ts');
  return streamDestination(system.stdout);
}
