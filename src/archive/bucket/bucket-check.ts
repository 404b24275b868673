import type { ManifestLine } from '../manifest-line.ts';
import { isToolsFile } from '../own-names.ts';
import type { Checked, CheckedArchive, OtherFile } from '../verify.ts';
import { isFolderMarker } from './address.ts';
import { whyUnreadable } from './bucket-error.ts';
import type { BucketManifest } from './bucket-manifest.ts';
import type { ObjectStore } from './object-store.ts';
import { isPiece, isRecordingName, PIECES } from './piece-names.ts';
import { hold, sha256Of } from './standing.ts';

/** An archive in a bucket, as its check sees it. */
export class BucketCheck implements CheckedArchive {
  readonly manifestName = PIECES;
  /** An answer takes longer than it costs. */
  readonly atOnce = 16;
  readonly #store: ObjectStore;
  readonly #prefix: string;
  readonly manifest: BucketManifest;
  readonly #reads: boolean;

  /** `reads`: every object is read, also where the store's own checksums could do. */
  constructor(store: ObjectStore, prefix: string, manifest: BucketManifest, reads: boolean) {
    this.#store = store;
    this.#prefix = prefix;
    this.manifest = manifest;
    this.#reads = reads;
  }

  /** {@link CheckedArchive.check}; throws `BUCKET` too: what ails the bucket says nothing of one recording. */
  async check(line: ManifestLine, signal: AbortSignal): Promise<Checked> {
    try {
      return await this.#compare(line, signal);
    } catch (error) {
      const why = whyUnreadable(error);
      if (why === undefined) throw error;
      return { status: 'unreadable', id: line.id, file: line.file ?? '', why };
    }
  }

  async #compare(line: ManifestLine, signal: AbortSignal): Promise<Checked> {
    const named = { id: line.id, file: line.file ?? '' };
    const key = this.#prefix + named.file;
    const head = isRecordingName(named.file) ? await this.#store.head(key, signal) : undefined;
    if (head === undefined) return { status: 'missing', ...named };
    const held = await hold(this.#store, key, head, line, this.#reads, signal);
    if (held === 'whole') return { status: 'whole', ...named, bytes: head.bytes };
    if (held === 'short') return { status: 'short', ...named, bytes: head.bytes, expectedBytes: line.bytes ?? 0 };
    return { status: 'changed', ...named, sha256: held.sha256, expectedSha256: line.sha256 ?? '' };
  }

  async *others(isRecorded: (file: string) => boolean, signal: AbortSignal): AsyncGenerator<OtherFile> {
    for await (const page of this.#store.list(this.#prefix, signal)) {
      for (const { key, bytes } of page) {
        const file = key.slice(this.#prefix.length);
        if (!isFolderMarker(file, bytes) && !isRecorded(file) && !isPiece(file) && !isToolsFile(file)) yield { file, bytes };
      }
    }
  }

  hashOf(file: string, signal: AbortSignal): Promise<string | undefined> {
    return sha256Of(this.#store, this.#prefix + file, signal).catch((error: unknown) => {
      if (whyUnreadable(error) !== undefined) return undefined;
      throw error;
    });
  }

  async close(): Promise<void> {
    await this.manifest.close();
    this.#store.close();
  }
}
