import { statSync } from 'node:fs';
import path from 'node:path';
import { coalesce } from '../../disk/coalesce.ts';
import { sha256OfFile } from '../../disk/hash-file.ts';
import { syncFolder } from '../../disk/sync-folder.ts';
import { isGone, type RecordingError } from '../../errors.ts';
import type { SavedRecording } from '../../events.ts';
import { distinctHeaders } from '../../list/columns.ts';
import type { ListRow } from '../../list/list-row.ts';
import type { Clock } from '../../system.ts';
import type { Archive, ArchiveOptions, Known, KnowOptions } from '../archive.ts';
import { DigestMap, shortDigest } from '../digest-map.ts';
import type { Draft } from '../draft.ts';
import { foldName, partFileName } from '../file-name.ts';
import { LINES_A_BREATH, Manifest, type ManifestLine } from '../manifest.ts';
import { Verdicts } from '../verdicts.ts';
import { writeFailedList } from './failed-list.ts';
import { fileInFolder } from './file-in-folder.ts';
import { PartFile } from './part-file.ts';
import { Places } from './places.ts';

/** A folder of recordings with its `manifest.jsonl`. */
export class ArchiveFolder implements Archive {
  readonly #folder: string;
  readonly #clock: Clock;
  readonly #manifest: Manifest;
  readonly #verdicts: Verdicts;
  readonly #options: ArchiveOptions;
  /** What a row's columns are called in the manifest. */
  readonly #keys: readonly string[] | undefined;
  readonly #places: Places;
  readonly #syncs = new Map<string, () => Promise<void>>();

  private constructor(folder: string, clock: Clock, manifest: Manifest, verdicts: Verdicts, options: ArchiveOptions) {
    this.#folder = folder;
    this.#clock = clock;
    this.#manifest = manifest;
    this.#verdicts = verdicts;
    this.#options = options;
    this.#keys = options.naming?.headers && distinctHeaders(options.naming.headers);
    this.#places = new Places({
      folder,
      naming: options.naming ?? {},
      owners: () => this.#readOwners(),
      fileOf: (id) => this.#manifest.findSaved(id)?.file ?? undefined,
      pathOf: (file) => fileInFolder(folder, file),
      holds,
    });
  }

  /** Opens a folder, as it is: it is made when the first recording comes. Throws `FILE_SYSTEM`. */
  static async open(folder: string, clock: Clock, options: ArchiveOptions = {}): Promise<ArchiveFolder> {
    const verdicts = new Verdicts(options.account);
    const manifest = await Manifest.open(folder, (line) => verdicts.add(line));
    return new ArchiveFolder(folder, clock, manifest, verdicts, options);
  }

  get isEmpty(): boolean {
    return this.#manifest.size === 0;
  }

  /** {@link Archive.know}; throws `FILE_SYSTEM` where the manifest cannot be read. A file that cannot be read is none. */
  know(id: string, { checksum, signal }: KnowOptions): Known | Promise<Known> {
    const last = this.#manifest.find(id);
    if (last === undefined) return { status: 'wanted' };
    // A file that was to be mended in vain may be whole again, or have been so all the time. Its size does not tell: it must be hashed.
    const denied = last.status !== 'saved';
    const saved = denied ? this.#manifest.findSaved(id) : last;
    const file = saved && fileInFolder(this.#folder, saved.file);
    const otherwise = this.#withoutFile(last);
    if (saved === undefined || file === undefined || !hasSize(file, saved.bytes)) return otherwise;
    const known: Known = { status: 'saved', recording: recordingOf(saved, file), ...(denied && { denied }) };
    if (!checksum && !denied) return known;
    // With `checksum` too: called failed, a million that are right would have to be hashed in the next run.
    const unhashed = denied ? otherwise : known;
    return holds(file, saved.sha256, signal).then((whole) => (whole === undefined ? unhashed : whole ? known : otherwise));
  }

  async confirm(id: string): Promise<void> {
    const saved = this.#manifest.findSaved(id);
    if (saved !== undefined) await this.#record({ ...saved, at: this.#now() });
  }

  open(row: ListRow): Promise<Draft> {
    const { id } = row;
    return PartFile.open({
      // The hash keeps the parts of two ids apart on every disk; the folder's lock keeps other runs away from them.
      path: path.join(this.#folder, partFileName(id, 'part')),
      id,
      place: (proven) => this.#places.find(row, proven),
      record: (recording) => this.#recordSaved(row, recording),
      syncFolder: (folder) => this.#sync(folder),
      elapsed: () => this.#clock.elapsed(),
    });
  }

  async refuse(row: ListRow, error: RecordingError, attempts: number): Promise<void> {
    const gone = isGone(error.code) && !error.retryable;
    await this.#record({
      id: row.id,
      status: gone ? 'gone' : 'failed',
      ...{ file: null, bytes: null, sha256: null, contentType: null, etag: null },
      attempts,
      at: this.#now(),
      ...this.#account(),
      error: error.toJSON(),
      ...this.#columnsOf(row),
      ...(!gone && { raw: row.raw, ...(this.#options.header !== undefined && { header: this.#options.header }) }),
    });
  }

  /** {@link Archive.listFailed}; throws `FILE_SYSTEM`, and `FILE_EXISTS` where another's file stands there. */
  listFailed(): Promise<string | undefined> {
    return writeFailedList(this.#folder, this.#verdicts.failed);
  }

  async close(): Promise<void> {
    await this.#manifest.close();
  }

  async #recordSaved(row: ListRow, { durationMs, ...recording }: SavedRecording): Promise<void> {
    const { id, file, bytes, sha256, contentType, etag, attempts, incomplete, unconfirmed } = recording;
    await this.#record({
      id,
      status: 'saved',
      file: path.relative(this.#folder, file).replaceAll(path.sep, '/'),
      ...{ bytes, sha256, contentType, etag, attempts },
      at: this.#now(),
      ...this.#account(),
      error: null,
      ...(incomplete && { incomplete }),
      ...(unconfirmed !== undefined && { unconfirmed }),
      ...this.#columnsOf(row),
    });
  }

  async #record(line: ManifestLine): Promise<void> {
    await this.#manifest.append(line);
    this.#verdicts.add(line);
  }

  #now(): string {
    return new Date(this.#clock.now()).toISOString();
  }

  #account(): Pick<ManifestLine, 'account'> {
    const { account } = this.#options;
    return account === undefined ? {} : { account };
  }

  #withoutFile(last: ManifestLine): Known {
    const { id, status, error } = last;
    const since = this.#verdicts.invalidSince(id);
    const before = since === undefined ? {} : { invalidSince: since };
    if (status === 'gone' && error && this.#verdicts.holds(last)) return { status, error, ...before };
    return { status: status === 'failed' ? status : 'wanted', ...before };
  }

  async #readOwners(): Promise<DigestMap> {
    const owners = new DigestMap();
    let lines = 0;
    for (const { id, file } of this.#manifest.savedLines()) {
      if (file !== null) owners.set(foldName(file), shortDigest(id));
      lines += 1;
      // A million lines take seconds, in which what is under way must go on.
      if (lines % LINES_A_BREATH === 0) await new Promise((resolve) => setImmediate(resolve));
    }
    return owners;
  }

  /** A report's row as the manifest keeps it. */
  #columnsOf({ columns }: ListRow): Pick<ManifestLine, 'row'> {
    if (this.#keys === undefined || columns === undefined) return {};
    return { row: Object.fromEntries(this.#keys.map((key, index) => [key, columns[index] ?? ''])) };
  }

  /** One fsync of a folder serves all the renames in it that came meanwhile. */
  #sync(folder: string): Promise<void> {
    let sync = this.#syncs.get(folder);
    if (sync === undefined) {
      sync = coalesce(() => syncFolder(folder));
      this.#syncs.set(folder, sync);
    }
    return sync();
  }
}

function recordingOf(line: ManifestLine, file: string): SavedRecording {
  const { id, bytes, sha256, contentType, etag, attempts, incomplete, unconfirmed } = line;
  return {
    id,
    file,
    bytes: bytes ?? 0,
    sha256: sha256 ?? '',
    // Another hand may have left out what the manifest can do without.
    contentType: contentType ?? null,
    etag: etag ?? null,
    attempts: attempts ?? 1,
    durationMs: 0,
    ...(incomplete && { incomplete }),
    ...(unconfirmed !== undefined && { unconfirmed }),
  };
}

/** Whether a file has this SHA-256; one that cannot be read has none. Undefined where the signal has cut it short. */
async function holds(file: string, sha256: string | null, signal?: AbortSignal): Promise<boolean | undefined> {
  try {
    return (await sha256OfFile(file, signal)) === sha256;
  } catch {
    return signal?.aborted ? undefined : false;
  }
}

/**
 * Synchronous on purpose: a million files are looked at in seconds (3 µs each), where the asynchronous call's way through the thread pool
 * takes ten times as long.
 */
function hasSize(file: string, bytes: number | null): boolean {
  try {
    const found = statSync(file, { throwIfNoEntry: false });
    return found?.isFile() === true && found.size === bytes;
  } catch {
    return false;
  }
}
