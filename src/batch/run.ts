import { setMaxListeners } from 'node:events';
import type { Archive, Known } from '../archive/archive.ts';
import type { Draft, Fetched } from '../archive/draft.ts';
import { asRecordingError, isGone, RecordingError, settled } from '../errors.ts';
import type { BatchSummary, OnEvent, RecordingEvent, ReportEvent, SavedRecording } from '../events.ts';
import type { ListRow } from '../list/list-row.ts';
import type { Clock } from '../system.ts';
import { endsAll } from './ends-all.ts';
import { HeldBack, type Refusal } from './held-back.ts';
import { judgeInvalidId } from './invalid-id.ts';
import { type PassedRow, type SelectedRow, type SelectOptions, select } from './select.ts';
import { type Outcome, Slots } from './slots.ts';
import { orAborted, until } from './until.ts';

/** What is asked of a batch. */
export interface BatchOptions extends Omit<SelectOptions, 'signal'> {
  /** How many recordings are fetched at once. */
  concurrency: number;
  /** For how many days an id that the service calls invalid is asked for again. */
  recheckDays: number;
  /** Ends the batch before its time, with its reason. */
  signal: AbortSignal;
}

/** One recording's link and bytes; `Download` is one. */
export interface Fetching {
  /** How many attempts were begun. */
  readonly attempts: number;
  /** Asks for the link. Throws a RecordingError. */
  ask(): Promise<void>;
  /** Fetches the bytes into the draft, which it lets go of where it throws a RecordingError. */
  into(draft: Draft): Promise<Fetched>;
}

/** What a batch works with. */
export interface BatchTools {
  /** Begins to fetch a recording. Nothing is sent before it is asked to. */
  fetching: (id: string, how: { signal: AbortSignal; onEvent: OnEvent<RecordingEvent> }) => Fetching;
  archive: Archive;
  onEvent: OnEvent<ReportEvent>;
  /** When a row's call was, in milliseconds since 1970 UTC; undefined where it does not say. */
  timeOf?: (row: ListRow) => number | undefined;
  /** How many rows of the list name a recording, repeated ones included; left out where nobody knows. */
  total?: number | undefined;
  /** A promise where nobody should be told more until it resolves: a reader of standard output that is slower than a list. */
  outputTaken?: () => Promise<void> | undefined;
  clock: Clock;
}

/** How a batch ended. */
export interface BatchResult {
  summary: BatchSummary;
  /** Whether a row failed or turned out gone in this run; those known to be gone from earlier runs do not count. */
  incomplete: boolean;
  /** Why it ended before its time; undefined where it came to the end of the list. */
  stopped: RecordingError | undefined;
  /** Whether there may be rows that were neither read nor counted as not reached: the list is one whose rows nobody had counted. */
  restUnread: boolean;
}

/** How long the reading may go on without letting anything else happen, in milliseconds. */
const BREATH_MS = 10;

/**
 * Brings the rows of a list to exactly one end each: saved, skipped, gone or failed. A row flows from {@link select} to the service, the
 * archive and `onEvent`, and never turns back. It knows neither HTTP, the disk nor the terminal, and keeps nothing of a row that has ended.
 *
 * An error that every further row would meet (credentials refused, a full disk, a wrong setting, the signal) stops it. What is under way is
 * cut then, and what was fetched and could not be recorded is committed once more, since what was cut may have made room. A row that has no
 * end by then is counted as not reached: nothing is recorded or told of it. Never throws for what a row, the list or the network can cause.
 */
export async function runBatch(rows: AsyncIterable<ListRow[]>, tools: BatchTools, options: BatchOptions): Promise<BatchResult> {
  return new Batch(tools, options).run(rows);
}

/** A recording that is there and has no line in the archive yet. */
interface Unrecorded {
  row: ListRow;
  draft: Draft;
  fetched: Fetched;
}

class Batch {
  readonly #tools: BatchTools;
  readonly #options: BatchOptions;
  readonly #slots: Slots;
  readonly #held: HeldBack;
  /** Cuts what is under way. */
  readonly #cut = new AbortController();
  readonly #unrecorded: Unrecorded[] = [];
  readonly #summary: BatchSummary = {
    ...{ total: 0, saved: 0, skipped: 0, gone: 0, failed: 0, notReached: 0 },
    ...{ duplicates: 0, blank: 0, passedOver: 0, filtered: 0, bytes: 0, durationMs: 0 },
  };
  /** Rows of this run that were read so far, and whether there may be more. */
  #read = 0;
  #isReadToEnd = false;
  #incomplete = false;
  #stopped: RecordingError | undefined;
  #breathedAt: number;

  constructor(tools: BatchTools, options: BatchOptions) {
    this.#tools = tools;
    this.#options = options;
    this.#slots = new Slots(options.concurrency, tools.clock);
    this.#held = new HeldBack(tools.archive.isEmpty);
    this.#breathedAt = tools.clock.elapsed();
  }

  async run(rows: AsyncIterable<ListRow[]>): Promise<BatchResult> {
    const { signal } = this.#options;
    const { clock } = this.#tools;
    const startedAt = clock.elapsed();
    // Each recording under way listens for it; Node takes more than ten for a leak.
    setMaxListeners(0, this.#cut.signal);
    const stop = () => this.#stop(signal.reason);
    signal.addEventListener('abort', stop, { once: true });
    if (signal.aborted) stop();
    try {
      await this.#takeAll(rows);
    } catch (error) {
      // The list cannot be read on. What is under way is right all the same, and is brought to its end.
      this.#stopped ??= asRecordingError(error);
    }
    await this.#slots.empty();
    await this.#refuse(this.#held.rest());
    for (const each of this.#unrecorded.splice(0)) await this.#commitAgain(each);
    signal.removeEventListener('abort', stop);
    this.#summary.durationMs = Math.round(clock.elapsed() - startedAt);
    return this.#result();
  }

  #result(): BatchResult {
    const { total } = this.#tools;
    const { duplicates, saved, skipped, gone, failed } = this.#summary;
    const isUnread = !this.#isReadToEnd && this.#stopped !== undefined;
    this.#summary.total = isUnread && total !== undefined ? Math.max(this.#read, total - duplicates) : this.#read;
    this.#summary.notReached = this.#summary.total - saved - skipped - gone - failed;
    return {
      summary: this.#summary,
      incomplete: this.#incomplete,
      stopped: this.#stopped,
      restUnread: isUnread && total === undefined,
    };
  }

  async #takeAll(rows: AsyncIterable<ListRow[]>): Promise<void> {
    const { signal } = this.#cut;
    if (signal.aborted) return;
    for await (const selected of select(until(rows, signal), this.#tools.archive, { ...this.#options, signal })) {
      if (this.#tools.clock.elapsed() - this.#breathedAt > BREATH_MS) await this.#breathe();
      if (signal.aborted) return;
      await this.#take(selected);
    }
    this.#isReadToEnd = !signal.aborted;
  }

  /** Lets all else happen: a signal is heard, and what was told is taken. */
  async #breathe(): Promise<void> {
    await new Promise((resolve) => setImmediate(resolve));
    const taken = this.#tools.outputTaken?.();
    if (taken !== undefined) await orAborted(taken, this.#cut.signal);
    this.#breathedAt = this.#tools.clock.elapsed();
  }

  async #take(selected: PassedRow | SelectedRow): Promise<void> {
    const { archive, onEvent } = this.#tools;
    switch (selected.as) {
      case 'others':
        return;
      case 'duplicate':
        this.#summary.duplicates += 1;
        return onEvent({ type: 'passed-over', why: selected.as });
      case 'blank':
      case 'passedOver':
      case 'filtered':
        this.#summary[selected.as] += 1;
        return onEvent({ type: 'passed-over', why: selected.as });
    }
    this.#read += 1;
    const { row, known } = selected;
    if (selected.as === 'saved') {
      if (selected.known.denied) await archive.confirm(row);
      return this.#end({ type: 'skipped', recording: selected.known.recording });
    }
    if (selected.as === 'gone') {
      const { code, message, ...details } = selected.known.error;
      return this.#end({ type: 'gone', id: row.id, error: new RecordingError(code, message, details), asked: false });
    }
    await this.#slots.room();
    // A fault of the tool, in a reporter perhaps: every further row would meet it.
    if (!this.#cut.signal.aborted) void this.#fetch(row, known).catch((fault) => this.#stop(fault));
  }

  async #fetch(row: ListRow, known: Known): Promise<void> {
    const { fetching, archive, onEvent } = this.#tools;
    onEvent({ type: 'started', id: row.id });
    const work = fetching(row.id, { signal: this.#cut.signal, onEvent });
    let isKnown = false;
    await this.#slots.through({
      ask: async () => {
        await work.ask();
        isKnown = true;
        await this.#refuse(this.#held.known());
      },
      fetch: async () => {
        const draft = await archive.open(row);
        return { row, draft, fetched: await work.into(draft) };
      },
      end: async (outcome: Outcome<Unrecorded>) => {
        if ('got' in outcome) return this.#commit(outcome.got);
        const error = asRecordingError(outcome.error);
        if (endsAll(error)) return this.#stop(error);
        await this.#settle({ row, error: this.#judge(row, known, error), attempts: work.attempts }, isKnown);
      },
    });
  }

  #judge(row: ListRow, known: Known, error: RecordingError): RecordingError {
    if (error.code !== 'RECORDING_NOT_FOUND') return error;
    const { clock, timeOf } = this.#tools;
    const since = 'invalidSince' in known ? known.invalidSince : undefined;
    return judgeInvalidId(error, { now: clock.now(), since, callAt: timeOf?.(row), recheckDays: this.#options.recheckDays });
  }

  /** Ends a row whose recording was not had, or holds it back. */
  async #settle(refusal: Refusal, isKnown: boolean): Promise<void> {
    const released = isKnown ? [refusal] : this.#held.refused(refusal);
    if (released instanceof RecordingError) this.#stop(released);
    else await this.#refuse(released);
  }

  async #refuse(refusals: readonly Refusal[]): Promise<void> {
    if (this.#cut.signal.aborted) return;
    await Promise.all(
      refusals.map(async ({ row, error, attempts }) => {
        const recorded = await settled(this.#tools.archive.refuse(row, error, attempts));
        if (recorded instanceof RecordingError) return this.#stop(recorded);
        this.#incomplete = true;
        const isFinal = isGone(error.code) && !error.retryable;
        this.#end({ type: isFinal ? 'gone' : 'failed', id: row.id, error, asked: true });
      }),
    );
  }

  async #commit(recording: Unrecorded): Promise<void> {
    const { row, draft, fetched } = recording;
    const saved = await settled(draft.commit(fetched));
    if (!(saved instanceof RecordingError)) return this.#saved(saved);
    if (endsAll(saved)) {
      this.#unrecorded.push(recording);
      return this.#stop(saved);
    }
    await draft.discard();
    await this.#refuse([{ row, error: saved, attempts: fetched.attempts }]);
  }

  /** On a full disk, what was cut and fell away may have made room. */
  async #commitAgain({ draft, fetched }: Unrecorded): Promise<void> {
    const saved = await settled(draft.commit(fetched));
    if (!(saved instanceof RecordingError)) return this.#saved(saved);
    // Why, the error that stopped the batch tells. What has no line in the manifest is never called saved.
    await draft.discard();
  }

  #saved(recording: SavedRecording): void {
    this.#summary.bytes += recording.bytes;
    this.#end({ type: 'saved', recording });
  }

  #end(event: Extract<RecordingEvent, { type: 'saved' | 'skipped' | 'gone' | 'failed' }>): void {
    this.#summary[event.type] += 1;
    this.#tools.onEvent(event);
  }

  #stop(reason: unknown): void {
    const error = asRecordingError(reason);
    this.#stopped ??= error;
    // Also where the list could not be read on before: what is under way is no longer wanted.
    this.#cut.abort(error);
  }
}
