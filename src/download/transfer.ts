import type { Draft, ObjectIdentity } from '../archive/draft.ts';
import { RecordingError } from '../errors.ts';
import type { OnEvent } from '../events.ts';
import { isStrongEtag, md5OfEtag } from '../http/etag.ts';
import type { Rest, StoreAnswer, StoreTransport } from '../http/store.ts';
import type { AskLink } from '../recordings/client.ts';
import type { Pace } from '../retry/pace.ts';
import type { RetryPolicy } from '../retry/policy.ts';
import type { Tries } from '../retry/retry.ts';
import type { Clock } from '../system.ts';
import { LeastRate } from './least-rate.ts';
import { type Claims, type Copy, mismatch, noticesOf, Proof, type Proven, UnconfirmedError } from './proof.ts';
import { refuseWhatDoesNotFit } from './room.ts';
import { headerToKeep, isStoreFailure, judgeStoreAnswer, readFailure } from './store-verdict.ts';
import { takeBody } from './take-body.ts';

/** What a download works with. */
export interface DownloadTools {
  askLink: AskLink;
  getObject: StoreTransport;
  policy: RetryPolicy;
  pace: Pace;
  clock: Clock;
  onEvent: OnEvent;
  /** For how long no byte may come, in milliseconds; 30 seconds where left out. See {@link LeastRate}. */
  stallTimeoutMs?: number;
}

/** What is asked of a download. */
export interface DownloadOptions {
  /** How long the link is to stay valid, in minutes; the service's own default where left out. */
  validityMinutes?: number | undefined;
  signal: AbortSignal;
  /** The most bytes that are taken where the store does not announce a length; {@link UNANNOUNCED_LIMIT} unless said. */
  unannouncedLimit?: number;
}

/** 4 GiB: a WAV file cannot be longer (its RIFF header counts in 32 bits), so that what goes on is no recording. */
export const UNANNOUNCED_LIMIT = 2 ** 32;

/**
 * New bytes that count as getting further, so that failures are counted from nothing: 16 KiB, or a hundredth of the recording. With less, a store
 * that breaks off after a thousand bytes would be followed through all of a gigabyte.
 */
const PROGRESS = { bytes: 16 * 1024, share: 0.01 };

/** What is not worth going on from. */
const LEAST_PART_BYTES = 512;

/** A recording whose bytes are all in the draft, and what proves them. */
export interface Whole {
  proven: Proven;
  claims: Claims;
  etag: string | null;
}

/** Asks the service for a recording's link. Throws a RecordingError. */
export async function askFor(
  id: string,
  tries: Tries,
  { askLink }: DownloadTools,
  { validityMinutes, signal }: DownloadOptions,
): Promise<URL> {
  return (await askLink({ id, wants: 'redirect', validityMinutes, attempt: tries.attempts, signal })).url;
}

/** The way from an id to proven bytes in a draft, over as many attempts as it takes. */
export class Transfer {
  readonly #id: string;
  readonly #draft: Draft;
  readonly #tries: Tries;
  readonly #tools: DownloadTools;
  readonly #options: DownloadOptions;
  #proof: Proof | undefined;
  #link: URL | undefined;
  /** Whether the link has once led to bytes: such a link expires in the course of things, another was never good. */
  #linkWorked = false;
  #furthest = 0;
  #mismatched = false;
  /** A whole copy that differed from what its ETag says. */
  #copy: Copy | undefined;
  /** Whether another object has once taken the place of the one that was begun. */
  #changed = false;

  /** `link` is one that is at hand, and was not used yet. */
  constructor(id: string, draft: Draft, tries: Tries, tools: DownloadTools, options: DownloadOptions, link: URL | undefined) {
    this.#id = id;
    this.#draft = draft;
    this.#tries = tries;
    this.#tools = tools;
    this.#options = options;
    this.#link = link;
  }

  /** Fetches until all is there and proven. Throws a RecordingError where no attempt is left. */
  async run(): Promise<Whole> {
    await this.#takeUpEarlierBytes();
    for (;;) {
      try {
        const fetched = await this.#attempt();
        if (fetched !== undefined) return fetched;
      } catch (error) {
        await this.#recover(error);
      }
    }
  }

  /** One request for a link, unless one is at hand, and one for the bytes. Undefined where the next attempt can follow at once. */
  async #attempt(): Promise<Whole | undefined> {
    const { signal } = this.#options;
    this.#link ??= await askFor(this.#id, this.#tries, this.#tools, this.#options);
    const link = this.#link;
    const { length, identity } = this.#draft;
    // What the proof has seen and the draft has not, because it was held back, would be missing in between.
    const isSound = length >= LEAST_PART_BYTES && this.#proof?.bytes === length;
    const rest = identity !== undefined && isSound ? { from: length, ...identity } : undefined;
    await this.#tools.pace.enter(signal, 'store');
    const answer = await this.#tools.getObject(link, rest, signal, this.#tries.attempts);
    try {
      return await this.#take(answer, rest);
    } finally {
      answer.cancel();
    }
  }

  async #take(answer: StoreAnswer, rest: (Rest & ObjectIdentity) | undefined): Promise<Whole | undefined> {
    const text = isStoreFailure(answer.status) ? await readFailure(answer, this.#tools.clock) : '';
    const verdict = judgeStoreAnswer(answer, rest, text, this.#tools.clock.now(), this.#link);
    switch (verdict.kind) {
      case 'failed':
        throw verdict.error;
      case 'link-expired':
        return this.#dropExpiredLink();
      case 'start-again':
        // Without a range there is nothing to start again from: a 206 that nobody asked for is no answer.
        if (rest === undefined) throw mismatch('The store sent only a part of the recording, although it was asked for all of it.');
        // How far another object is had is counted from nothing, but once: there are stores that have another one each time.
        if (answer.status === 412 && !this.#changed) {
          this.#changed = true;
          this.#furthest = 0;
        }
        await this.#restart(undefined);
        return undefined;
      case 'whole':
      case 'rest':
        this.#linkWorked = true;
        this.#tools.pace.answered();
        return this.#stream(answer, verdict.totalBytes, verdict.kind === 'whole');
    }
  }

  async #stream(answer: StoreAnswer, totalBytes: number | undefined, fromNothing: boolean): Promise<Whole> {
    const { etag, contentEncoding } = answer;
    const toKeep = <Header extends string | null>(header: Header) => headerToKeep(header, this.#link);
    if (contentEncoding !== undefined)
      throw mismatch(`The store sent the recording encoded (${toKeep(contentEncoding)}), so it cannot be checked.`);
    const keptEtag = toKeep(etag);
    if (totalBytes !== undefined) await refuseWhatDoesNotFit(totalBytes, this.#draft);
    const md5 = md5OfEtag(etag, answer.encryption);
    if (fromNothing) await this.#restart(isStrongEtag(etag) && keptEtag === etag ? { etag, totalBytes } : undefined);
    this.#proof ??= new Proof(md5 !== undefined);
    const claims: Claims = { totalBytes, md5, endIsMarked: answer.endIsMarked, contentType: toKeep(answer.contentType), path: answer.path };
    const { stallTimeoutMs, clock, onEvent } = this.#tools;
    const held = await takeBody(answer, claims, {
      proof: this.#proof,
      draft: this.#draft,
      limit: totalBytes ?? this.#options.unannouncedLimit ?? UNANNOUNCED_LIMIT,
      rate: new LeastRate(clock, stallTimeoutMs),
      onProgress: (bytes) => onEvent({ type: 'progress', id: this.#id, bytes, totalBytes }),
    });
    if (totalBytes !== undefined && this.#proof.bytes < totalBytes) throw truncated(this.#proof.bytes, totalBytes);
    const proven = await this.#proof.finish(claims, this.#copy);
    if (held !== undefined) await this.#draft.write(held);
    for (const message of noticesOf(this.#id, proven)) this.#tools.onEvent({ type: 'notice', message });
    return { proven, claims, etag: keptEtag };
  }

  async #recover(error: unknown): Promise<void> {
    if (error instanceof RecordingError && error.code === 'CONTENT_MISMATCH') {
      if (this.#mismatched) throw error;
      this.#mismatched = true;
      if (error instanceof UnconfirmedError) this.#copy = error.copy;
      this.#furthest = 0;
      await this.#restart(undefined);
      this.#dropLink();
      this.#tries.atOnce(error);
      return;
    }
    const { length, identity } = this.#draft;
    if (length - this.#furthest >= Math.max(PROGRESS.bytes, PROGRESS.share * (identity?.totalBytes ?? 0))) {
      this.#tries.progressed();
      this.#furthest = length;
    }
    await this.#tries.again(error);
  }

  async #restart(identity: ObjectIdentity | undefined): Promise<void> {
    this.#proof = undefined;
    await this.#draft.restart(identity);
  }

  #dropExpiredLink(): undefined {
    const worked = this.#linkWorked;
    this.#dropLink();
    if (!worked) throw staleLink();
  }

  #dropLink(): void {
    this.#link = undefined;
    this.#linkWorked = false;
  }

  async #takeUpEarlierBytes(): Promise<void> {
    const { identity, length } = this.#draft;
    if (identity === undefined || length === 0) return;
    // Whether the object is KMS-encrypted is not known yet; a hash too many does no harm.
    const withMd5 = md5OfEtag(identity.etag, null) !== undefined;
    this.#proof = new Proof(withMd5);
    for await (const chunk of this.#draft.earlier()) {
      this.#options.signal.throwIfAborted();
      this.#proof.add(chunk);
    }
  }
}

function truncated(bytes: number, totalBytes: number): RecordingError {
  return new RecordingError('NETWORK', `The connection ended after ${bytes} of ${totalBytes} bytes.`, {
    hint: 'Check the network, and try again: the transfer resumes where it stopped.',
  });
}

function staleLink(): RecordingError {
  return new RecordingError('SERVICE_UNAVAILABLE', 'The signed link had expired, or was not valid yet, when it was used.', {
    hint: 'Try again. If that does not help, check the clock of this machine, and ask for a longer --validity.',
  });
}
