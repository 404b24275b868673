import { stat } from 'node:fs/promises';
import path from 'node:path';
import type { HomeTools } from '../archive/archive.ts';
import { BUCKET_STOP_MS, isBucketAddress, parseObjectAddress, refuseMistypedAddress } from '../archive/bucket/address.ts';
import type { Destination } from '../archive/draft.ts';
import { acquireLock } from '../archive/folder/lock.ts';
import { fileDestination, folderDestination, standingRecording } from '../download/destinations.ts';
import { usageError } from '../errors.ts';
import type { CommandContext } from './context.ts';
import type { OutputOptions, ServiceOptions } from './service-options.ts';

/** What `download` was asked for. */
export interface DownloadCommandOptions extends ServiceOptions, OutputOptions {
  /** Several want a folder. */
  ids: readonly string[];
  /** A file, a folder (it exists, or the path ends in a separator), the same in a bucket (`s3://…`), or `-`; the current folder where left out. */
  output?: string;
  force: boolean;
  skipExisting: boolean;
  /** In minutes; the service's own default where left out. */
  validityMinutes?: number;
}

/** Refuses what no recording can be saved by. Throws `USAGE`. */
export function checkDownload(ids: readonly string[], { force, skipExisting }: DownloadCommandOptions): void {
  if (ids.includes('')) throw usageError('A recording id is empty.', 'Check the variable or the list that it comes from.');
  if (force && skipExisting) throw usageError('--force and --skip-existing cannot be used together.', 'Leave one of them out.');
}

/** Where a recording goes. */
export interface Target {
  destination: Destination;
  /** What stands there already, looked for with `--skip-existing` alone. */
  standing?: { file: string; bytes: number };
}

/** Gives what finds where `--output` leads for each recording. Throws `USAGE`, and `BUCKET` where a bucket cannot be looked at. */
export async function targetFinder(
  options: DownloadCommandOptions,
  context: CommandContext & Pick<HomeTools, 'entry'>,
): Promise<(id: string) => Promise<Target>> {
  const { output = '.' } = options;
  refuseMistypedAddress(output);
  if (!isBucketAddress(output)) return (id) => findTarget(id, options, context);
  const { bucketDestination } = await import('../archive/bucket/bucket-destination.ts');
  const destination = await bucketDestination(output, { replace: options.force, signal: context.signal }, context, options);
  context.stopsWithin(BUCKET_STOP_MS);
  return async (id) => {
    const standing = options.skipExisting ? await destination.standing(id) : undefined;
    return { destination, ...(standing && { standing }) };
  };
}

/** The same for what is no bucket. */
async function findTarget(id: string, options: DownloadCommandOptions, context: CommandContext): Promise<Target> {
  const { system } = context;
  const output = options.output ?? '.';
  if (output === '-') return { destination: await standardOutput(options, context) };
  if (output === '') throw usageError('--output is empty.', 'Name a file, a folder, or - for standard output.');
  const single = {
    replace: options.force,
    elapsed: () => system.elapsed(),
    lock: (file: string) => acquireLock(file, system),
  };
  if (await isFolder(output)) {
    // A leading "./" says nothing that the name alone does not.
    const folder = output === '.' ? '' : output;
    const standing = options.skipExisting ? await standingRecording(folder, id) : undefined;
    return { destination: folderDestination(folder, single), ...(standing !== undefined && (await standingFile(standing))) };
  }
  return { destination: fileDestination(output, single), ...(options.skipExisting && (await standingFile(output))) };
}

/** Whether several recordings can be saved there: a folder stands there, or the path ends as one does. */
export async function isFolder(output: string): Promise<boolean> {
  if (isBucketAddress(output)) return 'prefix' in parseObjectAddress(output);
  if (output.endsWith('/') || output.endsWith(path.sep)) return true;
  return (await stat(output).catch(() => undefined))?.isDirectory() === true;
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
