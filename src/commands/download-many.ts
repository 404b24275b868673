import type { Draft } from '../archive/draft.ts';
import { endsAll } from '../batch/ends-all.ts';
import { Slots } from '../batch/slots.ts';
import { Download, letGo } from '../download/download.ts';
import type { DownloadTools } from '../download/transfer.ts';
import { asRecordingError, EXIT_DONE, EXIT_INCOMPLETE, isGone, type RecordingError, usageError } from '../errors.ts';
import { errorFields, loggedEvents } from '../log.ts';
import { toJsonLine } from '../printable.ts';
import { wantsColor } from '../report/color.ts';
import { createReporter } from '../report/create-reporter.ts';
import { errorLines } from '../report/error-lines.ts';
import { failureLine } from '../report/json.ts';
import { type Connection, connect } from './connection.ts';
import type { CommandContext } from './context.ts';
import { checkDownload, type DownloadCommandOptions, isFolder, type Target, targetFinder } from './download-target.ts';

/** How many recordings are fetched at once. */
const AT_ONCE = 8;

/**
 * Saves several recordings into a folder, each as `download` saves one; one that fails does not stop the others. Returns the exit code; throws a
 * RecordingError where nothing could be begun, or the run was stopped (credentials refused, a full disk, the signal).
 */
export async function downloadMany(ids: readonly string[], options: DownloadCommandOptions, context: CommandContext): Promise<number> {
  const left = new Set(ids);
  const end = (id: string, error: RecordingError | undefined) => {
    left.delete(id);
    if (options.json && error !== undefined) context.stdout(toJsonLine(failureLine(id, isGone(error.code) ? 'gone' : 'failed', error)));
  };
  try {
    checkDownload(ids, options);
    const wanted = await passOver(left, options, context);
    if (wanted.size === 0) return EXIT_DONE;
    const many = new Many(await connect(options, context), options, context, end);
    return (await many.run(wanted)) === 0 ? EXIT_DONE : EXIT_INCOMPLETE;
  } catch (thrown) {
    const error = asRecordingError(thrown);
    for (const id of [...left]) end(id, error);
    throw error;
  }
}

/** The target of each recording but those that stand there already and are to be left (`--skip-existing`), which are told. */
async function passOver(left: Set<string>, options: DownloadCommandOptions, context: CommandContext): Promise<Map<string, Target>> {
  const { output = '.', json } = options;
  if (output !== '' && !(await isFolder(output))) {
    throw usageError('Several recordings need a folder.', 'Name a folder with --output that exists or ends in /, or leave --output out.');
  }
  const wanted = new Map<string, Target>();
  const targetOf = await targetFinder(options, context);
  for (const id of [...left]) {
    const target = await targetOf(id);
    if (target.standing === undefined) wanted.set(id, target);
    else {
      left.delete(id);
      context.stdout(json ? toJsonLine({ id, status: 'skipped', ...target.standing }) : target.standing.file);
    }
  }
  return wanted;
}

/** The downloads of a run. */
class Many {
  readonly #connection: Connection;
  readonly #options: DownloadCommandOptions;
  readonly #context: CommandContext;
  /** To be told of each that ended, with its error where it failed. */
  readonly #onEnd: (id: string, error: RecordingError | undefined) => void;
  readonly #cut = new AbortController();
  #failed = 0;

  constructor(
    connection: Connection,
    options: DownloadCommandOptions,
    context: CommandContext,
    onEnd: (id: string, error: RecordingError | undefined) => void,
  ) {
    this.#connection = connection;
    this.#options = options;
    this.#context = context;
    this.#onEnd = onEnd;
  }

  /** Resolves with how many failed. Throws what stopped the run. */
  async run(wanted: ReadonlyMap<string, Target>): Promise<number> {
    const { system, signal } = this.#context;
    const stop = () => this.#cut.abort(signal.reason);
    signal.addEventListener('abort', stop, { once: true });
    if (signal.aborted) stop();
    const reporter = await createReporter({ ...this.#options, paths: true }, this.#context);
    const onEvent = loggedEvents(reporter.onEvent, this.#connection.log);
    const tools = { ...this.#connection, clock: system, onEvent };
    const slots = new Slots(AT_ONCE, system);
    try {
      for (const [id, target] of wanted) {
        await slots.room();
        if (this.#cut.signal.aborted) break;
        void this.#fetch(id, target, tools, slots).catch((fault) => this.#cut.abort(asRecordingError(fault)));
      }
      await slots.empty();
    } finally {
      signal.removeEventListener('abort', stop);
      reporter.close();
      this.#connection.log?.close();
    }
    this.#cut.signal.throwIfAborted();
    return this.#failed;
  }

  async #fetch(id: string, { destination }: Target, tools: DownloadTools, slots: Slots): Promise<void> {
    const { signal } = this.#cut;
    const { validityMinutes } = this.#options;
    const download = new Download(id, tools, { validityMinutes, signal });
    let draft: Draft | undefined;
    await slots.through({
      ask: async () => {
        tools.onEvent({ type: 'started', id });
        // Before anything is asked: what stands in the way is told then.
        draft = await destination.open(id);
        await download.ask().catch((error) => release(draft, error, signal));
      },
      fetch: async () => {
        const fetched = await download.into(draft as Draft);
        return (draft as Draft).commit(fetched).catch((error) => release(draft, error, signal));
      },
      end: async (outcome) => {
        if ('error' in outcome) return this.#fail(id, asRecordingError(outcome.error));
        tools.onEvent({ type: 'saved', recording: outcome.got });
        this.#onEnd(id, undefined);
      },
    });
  }

  #fail(id: string, error: RecordingError): void {
    if (this.#cut.signal.aborted) return;
    // A file or folder in one recording's way says nothing of the others.
    if (endsAll(error) && !(error.code === 'FILE_SYSTEM' && error.cause === undefined)) {
      this.#cut.abort(error);
      return;
    }
    this.#failed += 1;
    this.#connection.log?.entry('failed', { id, ...errorFields(error) });
    this.#onEnd(id, error);
    const { stderr, env } = this.#context.system;
    for (const line of errorLines(error, wantsColor(stderr, env, this.#options.color), id)) this.#context.stderr(line);
  }
}

/** Lets go of a draft, and throws on. */
async function release(draft: Draft | undefined, error: unknown, signal: AbortSignal): Promise<never> {
  if (draft !== undefined) await letGo(draft, error, signal);
  throw error;
}
