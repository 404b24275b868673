import { setMaxListeners } from 'node:events';
import { DigestSet } from '../archive/digest-map.ts';
import type { FailedRows } from '../archive/failed-rows.ts';
import type { Archive, Known, Outcome } from '../archive/folder/archive-folder.ts';
import { hasCode } from '../disk/file-error.ts';
import type { Turn } from '../download/download.ts';
import { asRecordingError, isGone, RecordingError } from '../errors.ts';
import type { BatchSummary, OnEvent, RecordingEvent, ReportEvent, SavedRecording } from '../events.ts';
import type { ListRow } from '../list/list-row.ts';
import type { Clock } from '../system.ts';
import type { BatchOptions } from './batch-options.ts';
import { endedBefore } from './plan-batch.ts';
import { type Place, Turns } from './turns.ts';
import { orAborted, until } from './until.ts';

/** Fetches the recording of a row into the archive, its bytes in their turn. Tells what happens on the way, and throws a RecordingError where it is not had. */
export type FetchRecording = (
  row: ListRow,
  how: { signal: AbortSignal; turn: Turn; onEvent: OnEvent<RecordingEvent> },
) => Promise<SavedRecording>;

/** What a batch works with. */
export interface BatchTools {
  fetch: FetchRecording;
  archive: Archive;
  /** Takes the rows that are worth another run. */
  failedRows: FailedRows;
  onEvent: OnEvent<ReportEvent>;
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
  /** Whether there are, or may be, rows that it has not come to: behind a limit, of another shard, or behind a stop. */
  hasRowsLeft: boolean;
}

/**
 * How long the rest of a list is read on after a stop, so that each of its rows is accounted for, in milliseconds: shorter where somebody
 * waits for the end, and a slow disk is still to be written to.
 */
const ACCOUNT_MS = { INTERRUPTED: 500, else: 1000 };
/** How many lines of rows that were not reached may wait to be written. Without bounds a second's worth of them takes 100 MB and more. */
const MOST_ASIDE = 5000;
/** How long the reading may go on without letting anything else happen, in milliseconds. */
const BREATH_MS = 10;

/**
 * Brings every row of a list to exactly one end: saved, skipped, gone or failed. It knows neither HTTP nor the terminal, and keeps nothing
 * of a row that has ended but its digest.
 *
 * An error that every further row would meet (credentials refused, the disk, a wrong setting, the signal) stops it: what is under way is
 * cut, and the rows that were not reached, as far as they can be read within a second, end as failed with the same error, unless they
 * were saved or gone before. Never throws for what a row, the list or the network can cause.
 */
export async function runBatch(rows: AsyncIterable<ListRow[]>, tools: BatchTools, options: BatchOptions): Promise<BatchResult> {
  return new Batch(tools, options).run(rows);
}

class Batch {
  readonly #tools: BatchTools;
  readonly #options: BatchOptions;
  readonly #turns: Turns;
  /** Cuts what is under way. */
  readonly #halt = new AbortController();
  /** Aborted when the time to account for the rest of the list is over. */
  readonly #enough = new AbortController();
  readonly #over = new AbortController();
  readonly #seen = new DigestSet();
  readonly #summary: BatchSummary;
  readonly #startedAt: number;
  /** What is being recorded of rows that nobody was asked for. */
  readonly #asides: Promise<unknown>[] = [];
  /** Such outcomes that are to be recorded last; see {@link #recordDeferred}. */
  readonly #deferred: Outcome[] = [];
  /** What was fetched, or not, and could not be recorded; see {@link #settle}. */
  readonly #unrecorded: Outcome[] = [];
  #settled: Promise<void> | undefined;
  /** Whether the last that was to be recorded could not be. */
  #recordsFail = false;
  #wanted = 0;
  #incomplete = false;
  #hasRowsLeft = false;
  #stopped: RecordingError | undefined;

  constructor(tools: BatchTools, options: BatchOptions) {
    this.#tools = tools;
    this.#options = options;
    this.#turns = new Turns(options.concurrency, tools.clock);
    this.#startedAt = tools.clock.elapsed();
    this.#summary = { total: 0, saved: 0, skipped: 0, gone: 0, failed: 0, duplicates: 0, blank: 0, bytes: 0, durationMs: 0 };
  }

  async run(rows: AsyncIterable<ListRow[]>): Promise<BatchResult> {
    const { signal } = this.#options;
    // Each recording under way listens for it; Node takes more than ten for a leak.
    setMaxListeners(0, this.#halt.signal);
    const stop = () => this.#stop(asRecordingError(signal.reason));
    signal.addEventListener('abort', stop, { once: true });
    if (signal.aborted) stop();
    try {
      await this.#takeAll(rows);
    } catch (error) {
      // The list cannot be read on. What is under way is right all the same, and is brought to its end.
      this.#stopped ??= asRecordingError(error);
      this.#hasRowsLeft = true;
    }
    await this.#settle();
    await Promise.all(this.#asides);
    await this.#recordDeferred();
    this.#over.abort();
    signal.removeEventListener('abort', stop);
    this.#summary.durationMs = Math.round(this.#tools.clock.elapsed() - this.#startedAt);
    return { summary: this.#summary, incomplete: this.#incomplete, stopped: this.#stopped, hasRowsLeft: this.#hasRowsLeft };
  }

  async #takeAll(rows: AsyncIterable<ListRow[]>): Promise<void> {
    const { clock } = this.#tools;
    let breathedAt = clock.elapsed();
    for await (const chunk of until(rows, this.#enough.signal)) {
      for (const row of chunk) {
        if (clock.elapsed() - breathedAt > BREATH_MS) {
          await new Promise((resolve) => setImmediate(resolve));
          const taken = this.#halt.signal.aborted ? undefined : this.#tools.outputTaken?.();
          if (taken !== undefined) await orAborted(taken, this.#halt.signal);
          breathedAt = clock.elapsed();
        }
        if (this.#enough.signal.aborted) break;
        if (this.#passesOver(row)) continue;
        if ((await this.#take(row)) === 'enough') {
          this.#hasRowsLeft = true;
          return;
        }
      }
    }
    if (this.#enough.signal.aborted) this.#hasRowsLeft = true;
  }

  #passesOver({ id, leftOut }: ListRow): boolean {
    if (leftOut === 'filtered') return true;
    if (id === '') {
      this.#summary.blank += 1;
      this.#tools.onEvent({ type: 'passed-over', why: 'blank' });
      return true;
    }
    if (this.#options.isOurs?.(id) === false) {
      this.#hasRowsLeft = true;
      return true;
    }
    if (!this.#seen.add(id)) {
      this.#summary.duplicates += 1;
      this.#tools.onEvent({ type: 'passed-over', why: 'duplicate' });
      return true;
    }
    return false;
  }

  async #take(row: ListRow): Promise<'enough' | undefined> {
    const answer = this.#know(row);
    // A million rows that were saved before are passed over in seconds, because nothing is awaited for them.
    const known = answer instanceof Promise ? await answer : answer;
    const before = endedBefore(known, this.#options);
    if (before?.status === 'saved') {
      // The manifest's last line is to tell the same story as this run.
      if (before.denied) await this.#recordAside({ row, saved: before.recording });
      return this.#end({ type: 'skipped', recording: before.recording });
    }
    if (before?.status === 'gone') {
      const { code, ...error } = before.error;
      return this.#end({ type: 'gone', id: row.id, error: new RecordingError(code, error.message, error), asked: false });
    }
    this.#wanted += 1;
    const stopped = await this.#begin(row);
    if (stopped !== undefined) await this.#leave(row, known, stopped);
    return this.#wanted === this.#options.limit ? 'enough' : undefined;
  }

  /** Begins to fetch a row as soon as there is a place for it; gives the error of a batch that was stopped before that. */
  async #begin(row: ListRow): Promise<RecordingError | undefined> {
    if (this.#stopped !== undefined) return this.#stopped;
    const place = await this.#turns.begin();
    if (this.#stopped === undefined) {
      void this.#fetch(row, place).finally(() => place.leave());
      return undefined;
    }
    place.leave();
    return this.#stopped;
  }

  /** Ends a row that was not reached before the batch was stopped. */
  async #leave(row: ListRow, known: Known, error: RecordingError): Promise<void> {
    // On a disk that is full what was fetched comes first.
    if (error.code === 'FILE_SYSTEM') await orAborted(this.#settle(), this.#enough.signal);
    // Failed before is failed still; why, an earlier run has found out.
    if (known.status !== 'failed') await this.#recordAside({ row, error, attempts: 0 });
    await this.#fail(row, error, false);
  }

  /** What the archive knows of a row; where it cannot be asked any more, the batch is over. */
  #know(row: ListRow): Known | Promise<Known> {
    const lost = (failure: unknown): Known => {
      this.#stop(asRecordingError(failure));
      return { status: 'wanted' };
    };
    try {
      const known = this.#tools.archive.know(row.id, {
        checksum: this.#options.checksum,
        hurry: this.#stopped !== undefined,
        signal: this.#halt.signal,
      });
      return known instanceof Promise ? known.catch(lost) : known;
    } catch (failure) {
      return lost(failure);
    }
  }

  async #fetch(row: ListRow, turn: Place): Promise<void> {
    const outcome = await this.#outcomeOf(row, turn);
    const failure = await this.#record(outcome);
    if (failure === undefined) await this.#endFetched(outcome);
    else this.#unrecorded.push(outcome);
  }

  /**
   * Resolves when nothing is under way any more, and what could not be recorded was tried again: on a full disk, what was cut and fell away
   * has made room. To be called when nothing more begins.
   */
  #settle(): Promise<void> {
    this.#settled ??= this.#turns.empty().then(async () => {
      this.#recordsFail = false;
      await Promise.all(this.#unrecorded.splice(0).map((outcome) => this.#recordAgain(outcome)));
    });
    return this.#settled;
  }

  async #recordAgain(outcome: Outcome): Promise<void> {
    const failure = await this.#record(outcome);
    // What has no line in the manifest is never called saved.
    const unsaved = failure !== undefined && 'saved' in outcome;
    await this.#endFetched(unsaved ? { row: outcome.row, error: failure, attempts: outcome.saved.attempts } : outcome);
  }

  /** Fetches a row. Stops the batch where its error is everybody's. Never throws. */
  async #outcomeOf(row: ListRow, turn: Place): Promise<Outcome> {
    const { fetch, onEvent } = this.#tools;
    let attempts = 1;
    try {
      onEvent({ type: 'started', id: row.id });
      const saved = await fetch(row, {
        signal: this.#halt.signal,
        turn,
        onEvent: (event) => {
          if (event.type === 'retrying') attempts = event.attempt;
          onEvent(event);
        },
      });
      return { row, saved };
    } catch (thrown) {
      const error = asRecordingError(thrown);
      if (endsAll(error)) this.#stop(error);
      return { row, error, attempts };
    }
  }

  async #endFetched(outcome: Outcome): Promise<void> {
    if ('saved' in outcome) {
      this.#summary.bytes += outcome.saved.bytes;
      return this.#end({ type: 'saved', recording: outcome.saved });
    }
    const { row, error } = outcome;
    this.#incomplete = true;
    if (isGone(error.code)) return this.#end({ type: 'gone', id: row.id, error, asked: true });
    await this.#fail(row, error, true);
  }

  /** Records an outcome. Where that fails, the batch is stopped, and the error is what this resolves to. */
  async #record(outcome: Outcome): Promise<RecordingError | undefined> {
    // With the lock, the folder has become another run's, which knows better what becomes of this row.
    if (this.#stopped?.code === 'LOCKED' && !('saved' in outcome)) return undefined;
    try {
      await this.#tools.archive.record(outcome);
      return undefined;
    } catch (failure) {
      const error = asRecordingError(failure);
      this.#recordsFail = true;
      this.#stop(error);
      return error;
    }
  }

  /**
   * Records the outcome of a row that nobody was asked for, if it can be. It is not waited for: a flush for each row would leave time for some
   * hundred only. Resolves when the next may come.
   */
  async #recordAside(outcome: Outcome): Promise<void> {
    if (this.#stopped?.code === 'FILE_SYSTEM') {
      if (this.#deferred.length < MOST_ASIDE) this.#deferred.push(outcome);
      return;
    }
    if (this.#recordsFail) return;
    this.#asides.push(this.#record(outcome));
    if (this.#asides.length >= MOST_ASIDE) await orAborted(Promise.all(this.#asides.splice(0)), this.#enough.signal);
  }

  /** On a disk that is full the rows that were not reached come first in `failed.txt`, which is read again, and then in the manifest. */
  async #recordDeferred(): Promise<void> {
    if (this.#deferred.length === 0) return;
    try {
      await this.#tools.failedRows.flush();
    } catch {
      // Told when the list is closed, which tries again: there must not be less room by then.
      return;
    }
    await Promise.all(this.#deferred.map((outcome) => this.#record(outcome)));
  }

  async #fail(row: ListRow, error: RecordingError, asked: boolean): Promise<void> {
    this.#incomplete = true;
    try {
      await this.#tools.failedRows.add(row);
    } catch (failure) {
      this.#stop(asRecordingError(failure));
    }
    this.#end({ type: 'failed', id: row.id, error, asked });
  }

  #end(event: Extract<RecordingEvent, { type: 'saved' | 'skipped' | 'gone' | 'failed' }>): undefined {
    this.#summary.total += 1;
    this.#summary[event.type] += 1;
    this.#tools.onEvent(event);
  }

  #stop(error: RecordingError): void {
    // Also where the list could not be read on before: what is under way is no longer wanted.
    this.#halt.abort(error);
    if (this.#stopped !== undefined) return;
    this.#stopped = error;
    this.#tools.clock.sleep(ACCOUNT_MS[error.code === 'INTERRUPTED' ? error.code : 'else'], this.#over.signal).then(
      () => this.#enough.abort(),
      () => undefined,
    );
  }
}

/** Whether every further row would end the same way, or the run is not wanted any more. */
function endsAll({ code, cause }: RecordingError): boolean {
  // A file or folder that stands in one recording's way stands in no other's.
  if (code === 'FILE_SYSTEM') return !hasCode(cause, 'EISDIR', 'ENOTDIR', 'EEXIST', 'ENOTEMPTY', 'ENAMETOOLONG', 'ELOOP');
  return code === 'CREDENTIALS_REJECTED' || code === 'CREDENTIALS_MISSING' || code === 'USAGE' || code === 'INTERRUPTED';
}
