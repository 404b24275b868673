import type { Destination, Draft, Fetched } from '../archive/draft.ts';
import { RecordingError } from '../errors.ts';
import type { SavedRecording } from '../events.ts';
import { startTries, type Tries } from '../retry/retry.ts';
import { askFor, type DownloadOptions, type DownloadTools, Transfer } from './transfer.ts';

/** A link that was asked for ahead and has waited longer is asked for anew, in milliseconds: the shortest ones are valid for a minute. */
const LINK_KEEPS_MS = 10_000;

/**
 * The fetching of one recording, in two steps: its link, which can be asked for ahead, and its bytes, proven in a draft.
 *
 * A broken transfer goes on from the last byte where the object can be named by its ETag, and from nothing where it cannot; an expired
 * link is asked for anew; what does not prove right is fetched once more from nothing. Tells `progress` and `retrying` through `onEvent`.
 * It neither waits for a turn nor gives a name: that is for the caller and the draft.
 */
export class Download {
  readonly #id: string;
  readonly #tools: DownloadTools;
  readonly #options: DownloadOptions;
  readonly #tries: Tries;
  readonly #startedAt: number;
  #ahead: { link: URL; askedAt: number } | undefined;

  constructor(id: string, tools: DownloadTools, options: DownloadOptions) {
    this.#id = id;
    this.#tools = tools;
    this.#options = options;
    this.#startedAt = tools.clock.elapsed();
    this.#tries = startTries({
      ...tools,
      signal: options.signal,
      onRetry: (attempt, delayMs, error) => tools.onEvent({ type: 'retrying', id, attempt, delayMs, error }),
    });
  }

  /** How many attempts were begun, the one under way included. */
  get attempts(): number {
    return this.#tries.attempts;
  }

  /** Asks the service for the link, ahead of {@link into}, which does it otherwise. Throws a RecordingError where all tries are in vain. */
  async ask(): Promise<void> {
    while (this.#ahead === undefined) {
      const askedAt = this.#tools.clock.elapsed();
      try {
        this.#ahead = { link: await askFor(this.#id, this.#tries, this.#tools, this.#options), askedAt };
      } catch (error) {
        await this.#tries.again(error);
      }
    }
  }

  /**
   * Fetches the bytes into the draft. Resolves when they are all there and proven, with what {@link Draft.commit} wants. Throws a
   * RecordingError; what the draft held is then kept for a later run, or thrown away where it was wrong or the disk has failed.
   */
  async into(draft: Draft): Promise<Fetched> {
    const { clock } = this.#tools;
    const ahead = this.#ahead;
    this.#ahead = undefined;
    try {
      this.#options.signal.throwIfAborted();
      const link = ahead !== undefined && clock.elapsed() - ahead.askedAt <= LINK_KEEPS_MS ? ahead.link : undefined;
      const { proven, claims, etag } = await new Transfer(this.#id, draft, this.#tries, this.#tools, this.#options, link).run();
      return {
        extension: proven.extension,
        bytes: draft.length,
        sha256: proven.sha256,
        contentType: claims.contentType,
        etag,
        attempts: this.#tries.attempts,
        durationMs: Math.round(clock.elapsed() - this.#startedAt),
        ...(proven.incomplete !== undefined && { incomplete: proven.incomplete }),
        ...(proven.unconfirmed !== undefined && { unconfirmed: proven.unconfirmed }),
      };
    } catch (error) {
      await letGo(draft, error, this.#options.signal);
      throw error;
    }
  }
}

/** Fetches one recording to its end: link, bytes, proof, final name. Throws a RecordingError; the draft is let go of then. */
export async function downloadRecording(
  id: string,
  destination: Destination,
  tools: DownloadTools,
  options: DownloadOptions,
): Promise<SavedRecording> {
  const download = new Download(id, tools, options);
  const draft = await destination.open(id);
  const fetched = await download.into(draft);
  try {
    return await draft.commit(fetched);
  } catch (error) {
    await letGo(draft, error, options.signal);
    throw error;
  }
}

/** Keeps a draft for a later run after an error, or throws it away where it is wrong or the disk has failed. Never throws. */
export async function letGo(draft: Draft, error: unknown, signal: AbortSignal): Promise<void> {
  const wrong = error instanceof RecordingError && (error.code === 'CONTENT_MISMATCH' || error.code === 'FILE_SYSTEM');
  // The reason to stop can be another recording's trouble with the disk, which says nothing against these bytes.
  await (wrong && error !== signal.reason ? draft.discard() : draft.keep());
}
