import { setMaxListeners } from 'node:events';
import { FileSystemError } from '../../disk/file-error.ts';
import type { RecordingError } from '../../errors.ts';
import type { SavedRecording } from '../../events.ts';
import type { ListRow } from '../../list/list-row.ts';
import type { Clock } from '../../system.ts';
import type { Archive, ArchiveOptions, Known, KnowOptions } from '../archive.ts';
import { DigestMap, DigestSet } from '../digest-map.ts';
import type { Draft } from '../draft.ts';
import { OwnList } from '../failed-rows.ts';
import { foldName } from '../file-name.ts';
import { knownWithoutFile, LineMaker, recordingOf } from '../line-maker.ts';
import { damageNotice } from '../manifest-damage.ts';
import type { ManifestLine } from '../manifest-line.ts';
import { pathOfRecording } from '../name-template.ts';
import { Verdicts } from '../verdicts.ts';
import { isFolderMarker, LONGEST_KEY } from './address.ts';
import { BucketDraft } from './bucket-draft.ts';
import { whyUnreadable } from './bucket-error.ts';
import { type FailedRows, writeBadList, writeFailedList } from './bucket-lists.ts';
import { BucketManifest } from './bucket-manifest.ts';
import type { ObjectStore } from './object-store.ts';
import type { Over } from './objects.ts';
import { PartBuffers } from './part-buffers.ts';
import { isRecordingName, PIECES } from './piece-names.ts';
import { type Facts, hold } from './standing.ts';
import { type Stray, Strays } from './strays.ts';

/** A bucket's part below a prefix, with the manifest in pieces. Any number of runs may work on it at once. */
export class BucketArchive implements Archive {
  readonly #store: ObjectStore;
  readonly #prefix: string;
  readonly #manifest: BucketManifest;
  readonly #verdicts: Verdicts;
  readonly #clock: Clock;
  readonly #options: ArchiveOptions;
  readonly #lines: LineMaker;
  readonly #buffers = new PartBuffers();
  /** The bytes of each object, by its name as `foldName` folds it; -1 where two names are folded alike. */
  readonly #objects: DigestMap;
  /** The failed rows of all runs, by which a list of them is known for one of ours. */
  readonly #own: OwnList;
  readonly #strays: Strays;
  /** The ETags of objects that were found to be damaged, by the id of their recording: they alone are replaced. */
  readonly #damaged = new Map<string, string>();

  private constructor(
    store: ObjectStore,
    prefix: string,
    clock: Clock,
    options: ArchiveOptions,
    read: { manifest: BucketManifest; verdicts: Verdicts; objects: DigestMap; own: OwnList; strays: Strays },
  ) {
    this.#store = store;
    this.#prefix = prefix;
    this.#clock = clock;
    this.#options = options;
    this.#manifest = read.manifest;
    this.#verdicts = read.verdicts;
    this.#objects = read.objects;
    this.#own = read.own;
    this.#strays = read.strays;
    this.#lines = new LineMaker(clock, options, (id) => read.manifest.find(id));
  }

  /** Reads the manifest, and what lies there. Throws `BUCKET`, and the signal's reason. */
  static async open(store: ObjectStore, prefix: string, clock: Clock, options: ArchiveOptions = {}): Promise<BucketArchive> {
    const { account, signal, onNotice } = options;
    // Each recording under way listens to it.
    if (signal !== undefined) setMaxListeners(0, signal);
    const verdicts = new Verdicts(account);
    // As they are, and not folded: runs at once can store two that differ in letter case alone.
    const recorded = new DigestSet();
    const own = new OwnList();
    const manifest = await BucketManifest.open(
      store,
      prefix,
      clock,
      (line) => {
        verdicts.add(line);
        own.add(line);
        if (line.status === 'saved' && line.file !== null) recorded.add(line.file);
      },
      signal,
    );
    const notice = damageNotice(manifest.damage, store.address(prefix + PIECES));
    if (notice !== undefined) onNotice?.(notice);
    const objects = new DigestMap();
    const strays = new Strays(store, prefix);
    for await (const page of store.list(prefix, signal)) {
      for (const { key, bytes } of page) {
        const file = key.slice(prefix.length);
        if (isFolderMarker(file, bytes)) continue;
        const folded = foldName(file);
        objects.set(folded, objects.has(folded) ? -1 : bytes);
        if (!recorded.has(file)) strays.add(file);
      }
    }
    await strays.read(signal);
    return new BucketArchive(store, prefix, clock, options, { manifest, verdicts, objects, own, strays });
  }

  get isEmpty(): boolean {
    return this.#manifest.size === 0 && this.#strays.size === 0;
  }

  know(id: string, { checksum, signal }: KnowOptions): Known | Promise<Known> {
    const last = this.#manifest.find(id);
    const stray = this.#strays.get(id);
    const otherwise: Known = last === undefined ? { status: 'wanted' } : knownWithoutFile(last, this.#verdicts);
    const saved = last?.status === 'saved' ? last : last && this.#manifest.findSaved(id);
    if (saved?.file == null) return stray === undefined ? otherwise : this.#amongStrays(id, stray, undefined, otherwise, signal);
    const denied = last?.status !== 'saved';
    const bytes = isRecordingName(saved.file) ? this.#objects.get(foldName(saved.file)) : undefined;
    const known: Known = {
      status: 'saved',
      recording: recordingOf(saved, this.#store.address(this.#prefix + saved.file)),
      ...(denied && { denied }),
    };
    if (!checksum && !denied && bytes === saved.bytes) return known;
    if (bytes === undefined || (!checksum && bytes !== -1 && bytes !== saved.bytes)) {
      return stray === undefined ? otherwise : this.#amongStrays(id, stray, saved, otherwise, signal);
    }
    return this.#look(saved, saved.file, checksum, signal).then((whole) => (whole ? known : otherwise));
  }

  saved(id: string): { file: string; sha256: string } | undefined {
    const { file, sha256 } = this.#manifest.findSaved(id) ?? {};
    return file && sha256 ? { file, sha256 } : undefined;
  }

  async confirm(row: ListRow): Promise<void> {
    const facts = this.#strays.taken(row.id);
    if (facts !== undefined) {
      const { file, object, ...known } = facts;
      return this.#record({ ...this.#lines.saved(row, { id: row.id, ...known }, file), object });
    }
    const saved = this.#manifest.findSaved(row.id);
    if (saved !== undefined) this.#record(this.#lines.again(row, saved, saved.file));
  }

  async open(row: ListRow): Promise<Draft> {
    let found: { file: string; over: Over } | undefined;
    return new BucketDraft(
      row.id,
      { store: this.#store, buffers: this.#buffers, account: this.#options.account, signal: this.#options.signal },
      {
        find: (extension) => {
          found ??= this.#placeOf(row, extension);
          return { key: this.#prefix + found.file, over: found.over };
        },
        taken: () => {
          found = undefined;
          // What stands there now is no longer what was found to be damaged.
          this.#damaged.delete(row.id);
        },
        record: (recording, key, object) => this.#recordSaved(row, recording, key.slice(this.#prefix.length), object),
      },
    );
  }

  async refuse(row: ListRow, error: RecordingError, attempts: number): Promise<void> {
    this.#record(this.#lines.refused(row, error, attempts));
  }

  async listFailed(): Promise<string | undefined> {
    await this.#manifest.flush();
    const known: FailedRows = { own: this.#own, lines: () => this.#manifest.failedLines() };
    return writeFailedList(this.#store, this.#prefix, this.#options.share, known, () => this.#failedByAll());
  }

  listBadRows(text: string | undefined): Promise<string | undefined> {
    return writeBadList(this.#store, this.#prefix, text);
  }

  flush(): Promise<void> {
    return this.#manifest.flush();
  }

  async close(): Promise<void> {
    await this.#manifest.close();
    this.#store.close();
  }

  /** The failed rows as they are by now: runs that were at work meanwhile have recorded theirs before they listed them. */
  async #failedByAll(): Promise<FailedRows> {
    const own = new OwnList();
    const manifest = await BucketManifest.open(this.#store, this.#prefix, this.#clock, (line) => own.add(line));
    return { own, lines: () => manifest.failedLines() };
  }

  #recordSaved(row: ListRow, recording: SavedRecording, file: string, object: Facts['object']): void {
    this.#objects.set(foldName(file), recording.bytes);
    this.#record({ ...this.#lines.saved(row, recording, file), object });
  }

  #record(line: ManifestLine): void {
    this.#manifest.append(line);
    this.#verdicts.add(line);
    this.#own.add(line);
  }

  /** Whether a recording's object is as it was saved. One that stands there damaged may be replaced where it was looked at for that. */
  async #look(saved: ManifestLine, file: string, checksum: boolean, signal: AbortSignal | undefined): Promise<boolean> {
    const key = this.#prefix + file;
    const head = await this.#store.head(key, signal);
    if (head === undefined) return false;
    const held = await hold(this.#store, key, head, saved, checksum, signal).catch((error: unknown) => {
      if (whyUnreadable(error) === undefined || !checksum) throw error;
      // What lies in an archive class, for instance: the store's own checksum must do.
      return hold(this.#store, key, head, saved, false, signal);
    });
    if (held === 'whole') return true;
    if (checksum && head.etag !== undefined) this.#damaged.set(saved.id, head.etag);
    return false;
  }

  /** `saved` is the line of a recording that is not whole where it lay: what takes its place must have its bytes. */
  async #amongStrays(
    id: string,
    stray: Stray,
    saved: ManifestLine | undefined,
    otherwise: Known,
    signal: AbortSignal | undefined,
  ): Promise<Known> {
    const facts = await this.#strays.factsOf(id, stray, signal);
    if (facts === undefined || (saved !== undefined && saved.sha256 !== facts.sha256)) return otherwise;
    const { file, object: _, ...known } = facts;
    // As it is to be recorded.
    return { status: 'saved', recording: { id, file: this.#store.address(this.#prefix + file), ...known, durationMs: 0 }, denied: true };
  }

  /** Where a recording goes: where it was, unless something else stands there by now, else under a name that nobody has. */
  #placeOf(row: ListRow, extension: string): { file: string; over: Over } {
    const before = this.#manifest.findSaved(row.id)?.file;
    if (before?.endsWith(`.${extension}`) && isRecordingName(before)) {
      const etag = this.#damaged.get(row.id);
      if (etag !== undefined) return { file: before, over: { etag } };
      if (!this.#objects.has(foldName(before))) return this.#reserved(before);
    }
    const naming = { ...this.#options.naming, isShared: true };
    return this.#reserved(pathOfRecording(row, extension, naming, (folded) => this.#objects.has(folded)));
  }

  /** Before anything is waited for: two recordings must not find the same name free. */
  #reserved(file: string): { file: string; over: Over } {
    if (Buffer.byteLength(this.#prefix + file) > LONGEST_KEY) {
      throw new FileSystemError(`Cannot save ${this.#store.address(this.#prefix + file)}: the name is too long for S3.`, {
        hint: `Give --name a shorter template: prefix and name may have ${LONGEST_KEY} bytes.`,
        of: 'one',
      });
    }
    this.#objects.set(foldName(file), 0);
    return { file, over: 'absent' };
  }
}
