import { createHash } from 'node:crypto';
import { RecordingError } from '../../errors.ts';
import type { SavedRecording } from '../../events.ts';
import type { Draft, Fetched, ObjectIdentity } from '../draft.ts';
import { uploadGone } from './bucket-error.ts';
import type { ObjectStore } from './object-store.ts';
import type { Over, StoredObject, Upload, UploadedPart } from './objects.ts';
import { PART_BYTES, type PartBuffers } from './part-buffers.ts';
import { base64Of, checksumOfParts, detailsOf, type Facts, factsOf, idOf, objectOf, sha256Of } from './standing.ts';

/** What a draft needs to know of where its recording goes. */
export interface DraftPlace {
  /** The key for a recording of this kind, and what may stand there. */
  find(extension: string): { key: string; over: Over };
  /** Another object stands under the key; the next {@link find} gives another. Throws where there is none. */
  taken(key: string): void;
  /** Records what is there now. Throws `BUCKET`. */
  record?(recording: SavedRecording, key: string, object: Facts['object']): void;
}

/** What drafts of a bucket work with. */
export interface DraftTools {
  store: ObjectStore;
  buffers: PartBuffers;
  /** The account that is asked. */
  account: string | undefined;
  /** Cuts the parts of a recording that is not all there: whoever stops a run does not wait until they have gone up, and they cannot be thrown away before. */
  signal?: AbortSignal | undefined;
}

interface UploadUnderWay {
  upload: Upload;
  over: Over;
  parts: Promise<UploadedPart>[];
  /** Cuts the parts that are under way. */
  cut: AbortController;
}

/**
 * A recording on its way into a bucket. Up to 8 MiB are held in memory and stored whole when they are proven; what has more goes up in parts
 * meanwhile, which become an object when they are proven, and are thrown away otherwise. Nothing is left of it for a later run.
 */
export class BucketDraft implements Draft {
  readonly #id: string;
  readonly #tools: DraftTools;
  readonly #place: DraftPlace;
  #buffer: Buffer | undefined;
  #filled = 0;
  #length = 0;
  #identity: ObjectIdentity | undefined;
  #extension = 'bin';
  /** Whether all bytes are there and proven: a run that is stopped then has it stored all the same. */
  #isWhole = false;
  #upload: UploadUnderWay | undefined;
  /** What was stored already, by a `commit` that could not record it. */
  #stored: { recording: SavedRecording; key: string; object: Facts['object'] } | undefined;

  constructor(id: string, tools: DraftTools, place: DraftPlace) {
    this.#id = id;
    this.#tools = tools;
    this.#place = place;
  }

  get length(): number {
    return this.#length;
  }

  get identity(): ObjectIdentity | undefined {
    return this.#identity;
  }

  async *earlier(): AsyncGenerator<Uint8Array> {}

  async restart(identity: ObjectIdentity | undefined): Promise<void> {
    await this.#abort();
    this.#identity = identity;
    this.#length = 0;
    this.#filled = 0;
  }

  expect(extension: string): void {
    this.#extension = extension;
  }

  write(bytes: Uint8Array): Promise<void> | undefined {
    this.#length += bytes.length;
    if (this.#filled + bytes.length > PART_BYTES) return this.#overflow(bytes);
    this.#fill(bytes);
    return undefined;
  }

  async commit(fetched: Fetched): Promise<SavedRecording> {
    this.#isWhole = true;
    this.#stored ??= this.#upload === undefined ? await this.#putWhole(fetched) : await this.#complete(fetched, this.#upload);
    const { recording, key, object } = this.#stored;
    this.#place.record?.(recording, key, object);
    this.#release();
    return recording;
  }

  async keep(): Promise<void> {
    await this.discard();
  }

  async discard(): Promise<void> {
    await this.#abort();
    this.#release();
  }

  #fill(bytes: Uint8Array): void {
    this.#buffer ??= this.#tools.buffers.take();
    this.#buffer.set(bytes, this.#filled);
    this.#filled += bytes.length;
  }

  async #overflow(bytes: Uint8Array): Promise<void> {
    for (let rest = bytes; rest.length > 0; ) {
      if (this.#filled === PART_BYTES) await this.#sendPart();
      const fits = rest.subarray(0, PART_BYTES - this.#filled);
      this.#fill(fits);
      rest = rest.subarray(fits.length);
    }
  }

  /** Hands what is held to the store, and goes on meanwhile. */
  async #sendPart(): Promise<void> {
    const { store, buffers, account, signal } = this.#tools;
    const buffer = this.#buffer;
    if (buffer === undefined) return;
    if (this.#upload === undefined) {
      const { key, over } = this.#place.find(this.#extension);
      const details = detailsOf(this.#id, account, undefined);
      const upload = await store.begin(key, { ...details, contentType: contentTypeOf(this.#extension) });
      const cut = new AbortController();
      this.#upload = { upload, over, parts: [], cut };
      const stop = () => {
        if (!this.#isWhole) cut.abort(signal?.reason);
      };
      signal?.addEventListener('abort', stop, { once: true, signal: cut.signal });
      if (signal?.aborted) stop();
    }
    await buffers.mayBeSent();
    const { upload, parts, cut } = this.#upload;
    const body = buffer.subarray(0, this.#filled);
    this.#buffer = undefined;
    this.#filled = 0;
    const sent = store.part(upload, parts.length + 1, body, createHash('sha256').update(body).digest('base64'), cut.signal).finally(() => {
      buffers.give(buffer);
      buffers.sent();
    });
    // Told by who waits for all of them; a part that failed stops the next one.
    sent.catch(() => {});
    const before = parts.at(-1);
    parts.push(sent);
    await before;
  }

  async #putWhole(fetched: Fetched) {
    const { store, account } = this.#tools;
    const body = (this.#buffer ?? Buffer.alloc(0)).subarray(0, this.#filled);
    for (;;) {
      const { key, over } = this.#place.find(fetched.extension);
      const stored = await store.put(key, body, base64Of(fetched.sha256), over, detailsOf(this.#id, account, fetched));
      const ended = stored === 'taken' ? await this.#savedBefore(key, fetched) : this.#saved(key, fetched, stored);
      if (ended !== undefined) return ended;
      this.#place.taken(key);
    }
  }

  async #complete(fetched: Fetched, { upload, over, parts, cut }: UploadUnderWay) {
    const { store } = this.#tools;
    const { key } = upload;
    if (this.#filled > 0) await this.#sendPart();
    const uploaded = await Promise.all(parts);
    const stored = await store.complete(upload, uploaded, over);
    if (typeof stored !== 'string') {
      // Nobody listens for a stop any more.
      cut.abort();
      this.#upload = undefined;
      const checksum = checksumOfParts(uploaded);
      if ((stored.checksum ?? checksum) === checksum) return this.#saved(key, fetched, { ...stored, checksum });
      // It is of another make than Amazon's, or the parts were put together wrongly.
      if ((await sha256Of(store, key)) === fetched.sha256) return this.#saved(key, fetched, stored);
      await store.remove(key).catch(() => {});
      throw new RecordingError('CONTENT_MISMATCH', `The store put the parts of ${store.address(key)} together wrongly.`, {
        hint: 'It was thrown away. Run the same command again.',
      });
    }
    const before = await this.#savedBefore(key, fetched);
    await this.#abort();
    // An upload that is gone may have become the object, and have left another one alone that it was to replace.
    if (before !== undefined && (stored === 'taken' || before.recording.sha256 === fetched.sha256)) return before;
    if (stored === 'gone') throw uploadGone(`save ${store.address(key)}`);
    this.#place.taken(key);
    throw new RecordingError('FILE_EXISTS', `Another object was stored as ${store.address(key)} while the recording was uploaded.`, {
      hint: 'Run the same command again: the recording gets another name.',
      retryable: true,
    });
  }

  #saved(key: string, { extension: _, ...fetched }: Fetched, stored: StoredObject) {
    return { recording: { id: this.#id, file: this.#tools.store.address(key), ...fetched }, key, object: objectOf(stored) };
  }

  /** The recording that stands under the key, where it is this one with the same bytes: another run has stored it, or one that was killed. */
  async #savedBefore(key: string, { sha256, durationMs }: Fetched) {
    const { store } = this.#tools;
    const head = await store.head(key);
    if (head === undefined || idOf(head) !== this.#id) return undefined;
    const facts = await factsOf(store, key, head);
    if (facts?.sha256 !== sha256) return undefined;
    const { object, ...known } = facts;
    return { recording: { id: this.#id, file: store.address(key), ...known, durationMs }, key, object };
  }

  async #abort(): Promise<void> {
    const upload = this.#upload;
    this.#upload = undefined;
    if (upload === undefined) return;
    upload.cut.abort();
    await Promise.allSettled(upload.parts);
    // What cannot be thrown away the bucket's lifecycle rule does: it has no name, and is in no listing.
    await this.#tools.store.abort(upload.upload).catch(() => {});
  }

  #release(): void {
    if (this.#buffer !== undefined) this.#tools.buffers.give(this.#buffer);
    this.#buffer = undefined;
    this.#filled = 0;
  }
}

/** What is uploaded in parts says what it is before it has ended: by the extension that it will most likely bear. */
function contentTypeOf(extension: string): string {
  const known: Readonly<Record<string, string>> = {
    mp3: 'audio/mpeg',
    wav: 'audio/wav',
    ogg: 'audio/ogg',
    flac: 'audio/flac',
    m4a: 'audio/mp4',
  };
  return known[extension] ?? 'application/octet-stream';
}
