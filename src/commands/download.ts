import { asRecordingError, EXIT_DONE, isGone } from '../errors.ts';
import { errorFields, type Log, loggedEvents } from '../log.ts';
import { toJsonLine } from '../printable.ts';
import { createReporter } from '../report/create-reporter.ts';
import { failureLine } from '../report/json.ts';
import { connect } from './connection.ts';
import type { CommandContext } from './context.ts';
import { checkDownload, type DownloadCommandOptions, targetFinder } from './download-target.ts';

/**
 * Saves one recording, or several into a folder, and prints their paths. Returns the exit code; throws a RecordingError where the only one is
 * not saved, or the run was stopped.
 */
export async function runDownload(options: DownloadCommandOptions, context: CommandContext): Promise<number> {
  const ids = [...new Set(options.ids)];
  const [id = ''] = ids;
  if (ids.length > 1) return (await import('./download-many.ts')).downloadMany(ids, options, context);
  try {
    return await download(id, options, context);
  } catch (thrown) {
    const error = asRecordingError(thrown);
    if (options.json) context.stdout(toJsonLine(failureLine(id, isGone(error.code) ? 'gone' : 'failed', error)));
    throw thrown;
  }
}

async function download(id: string, options: DownloadCommandOptions, context: CommandContext): Promise<number> {
  checkDownload([id], options);
  let log: Log | undefined;
  const target = await (await targetFinder(options, { ...context, entry: (...entry) => log?.entry(...entry) }))(id);
  if (options.skipExisting && target.standing !== undefined) {
    const result = { id, status: 'skipped', file: target.standing.file, bytes: target.standing.bytes };
    context.stdout(options.json ? toJsonLine(result) : target.standing.file);
    return EXIT_DONE;
  }
  const connection = await connect(options, context);
  log = connection.log;
  const { downloadRecording } = await import('../download/download.ts');
  const reporter = await createReporter({ ...options, paths: options.output !== '-' }, context);
  const onEvent = loggedEvents(reporter.onEvent, connection.log);
  try {
    onEvent({ type: 'started', id });
    const recording = await downloadRecording(
      id,
      target.destination,
      { ...connection, clock: context.system, onEvent },
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
