import { asRecordingError, EXIT_DONE, EXIT_INCOMPLETE, isGone, type RecordingError, usageError } from '../errors.ts';
import { asWritten } from '../http/secure-link.ts';
import { errorFields } from '../log.ts';
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
 * Prints a signed link for each id, in their order; one that fails does not stop the others. Returns the exit code. Throws a
 * RecordingError where the run ends with one: nothing could be asked, the run was stopped, or the only id failed.
 */
export async function runLink(options: LinkOptions, context: CommandContext): Promise<number> {
  const { ids, json } = options;
  let answered = 0;
  let failed = 0;
  let connection: Connection | undefined;
  try {
    if (ids.includes('')) throw usageError('A recording id is empty.', 'Check the variable or the list that it comes from.');
    connection = await connect(options, context);
    for (const id of ids) {
      try {
        context.stdout(await linkLine(id, connection, options, context));
      } catch (thrown) {
        context.signal.throwIfAborted();
        const error = asRecordingError(thrown);
        connection.log?.entry('failed', { id, ...errorFields(error) });
        if (ids.length === 1) throw error;
        failed += 1;
        tell(id, error, options, context);
      }
      answered += 1;
    }
  } catch (error) {
    if (json) for (const id of ids.slice(answered)) context.stdout(failure(id, asRecordingError(error)));
    throw error;
  } finally {
    connection?.log?.close();
  }
  return failed === 0 ? EXIT_DONE : EXIT_INCOMPLETE;
}

async function linkLine(id: string, connection: Connection, options: LinkOptions, context: CommandContext): Promise<string> {
  const { signal, system } = context;
  const { log } = connection;
  const tries = startTries({
    ...connection,
    clock: system,
    signal,
    ...(log && {
      onRetry: (attempt: number, delayMs: number, { code, message }: RecordingError) =>
        log.entry('retry', { id, attempt, delayMs: Math.round(delayMs), code, message }),
    }),
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
      return JSON.stringify({ id, link: asWritten(link.url), validityMinutes: link.validityMinutes, expiresAt });
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

function failure(id: string, error: RecordingError): string {
  return JSON.stringify(failureLine(id, isGone(error.code) ? 'gone' : 'failed', error));
}
