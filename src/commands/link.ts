import { asRecordingError, EXIT_DONE, EXIT_INCOMPLETE, isGone, type RecordingError, usageError } from '../errors.ts';
import { asWritten } from '../http/secure-link.ts';
import { errorFields } from '../log.ts';
import { toJsonLine } from '../printable.ts';
import { type Asking, asking } from '../report/asking.ts';
import { wantsColor } from '../report/color.ts';
import { errorLines } from '../report/error-lines.ts';
import { failureLine } from '../report/json.ts';
import { startTries } from '../retry/retry.ts';
import { type Connection, connect } from './connection.ts';
import type { CommandContext } from './context.ts';
import type { OutputOptions, ServiceOptions } from './service-options.ts';

/** What `link` was asked for. */
export interface LinkOptions extends ServiceOptions, OutputOptions {
  ids: readonly string[];
  /** In minutes; the service's own default where left out. */
  validityMinutes?: number;
}

/**
 * Prints a signed link for each id, in their order; one that fails does not stop the others, but refused credentials do. Returns the exit
 * code. Throws a RecordingError where the run ends with one: nothing could be asked, the run was stopped, or the only id failed. With `json`
 * what ends the run is an object of the id that was asked for then, or of none; those that were not asked for have no object.
 */
export async function runLink(options: LinkOptions, context: CommandContext): Promise<number> {
  const ids = options.ids.map(trimmed);
  const progress = asking(ids.length, options, context);
  let failed = 0;
  let asked: string | null = null;
  let connection: Connection | undefined;
  try {
    if (ids.includes('')) throw usageError('A recording id is empty.', 'Check the variable or the list that it comes from.');
    connection = await connect(options, context);
    for (const [index, id] of ids.entries()) {
      asked = id;
      progress.ask(index + 1);
      try {
        context.stdout(await linkLine(id, connection, progress, options, context));
      } catch (thrown) {
        context.signal.throwIfAborted();
        const error = asRecordingError(thrown);
        connection.log?.entry('failed', { id, ...errorFields(error) });
        if (ids.length === 1 || error.code === 'CREDENTIALS_REJECTED') throw error;
        failed += 1;
        tell(id, error, options, context);
      }
    }
  } catch (error) {
    if (options.json) context.stdout(failure(asked, asRecordingError(error)));
    throw error;
  } finally {
    progress.stop();
    connection?.log?.close();
  }
  return failed === 0 ? EXIT_DONE : EXIT_INCOMPLETE;
}

/** An id without what was copied along with it, as a list's ids are read: blanks and invisible marks around it. */
function trimmed(id: string): string {
  return id.replace(/^[\s\p{Cf}]+|[\s\p{Cf}]+$/gu, '');
}

async function linkLine(
  id: string,
  connection: Connection,
  progress: Asking,
  options: LinkOptions,
  context: CommandContext,
): Promise<string> {
  const { signal, system } = context;
  const { log } = connection;
  const tries = startTries({
    ...connection,
    clock: system,
    signal,
    onRetry(attempt, delayMs, error) {
      progress.retry(attempt, delayMs, error);
      log?.entry('retry', { id, attempt, delayMs: Math.round(delayMs), code: error.code, message: error.message });
    },
  });
  for (;;) {
    try {
      const link = await connection.askLink({
        id,
        wants: 'link',
        validityMinutes: options.validityMinutes,
        attempt: tries.attempts,
        signal,
      });
      if (!options.json) return asWritten(link.url);
      const expiresAt = new Date(link.expiresAt).toISOString();
      return toJsonLine({ id, link: asWritten(link.url), validityMinutes: link.validityMinutes, expiresAt });
    } catch (error) {
      await tries.again(error);
    }
  }
}

function tell(id: string, error: RecordingError, { json, color }: OutputOptions, context: CommandContext): void {
  const { stderr, env } = context.system;
  if (json) context.stdout(failure(id, error));
  for (const line of errorLines(error, wantsColor(stderr, env, color), id)) context.stderr(line);
}

function failure(id: string | null, error: RecordingError): string {
  return toJsonLine(failureLine(id, isGone(error.code) ? 'gone' : 'failed', error));
}
