import { lstatSync, type Stats, statSync } from 'node:fs';
import path from 'node:path';
import { coalesce } from '../../disk/coalesce.ts';
import { fileError } from '../../disk/file-error.ts';
import { sha256OfFile } from '../../disk/hash-file.ts';
import { syncFolder } from '../../disk/sync-folder.ts';
import { type ErrorReport, isGone, type RecordingError } from '../../errors.ts';
import type { SavedRecording } from '../../events.ts';
import { distinctHeaders } from '../../list/columns.ts';
import type { ListRow } from '../../list/list-row.ts';
import type { Clock } from '../../system.ts';
import { DigestMap, shortDigest } from '../digest-map.ts';
import type { Destination } from '../draft.ts';
import { foldName, partFileName } from '../file-name.ts';
import { LINES_A_BREATH, Manifest, type ManifestLine } from '../manifest.ts';
import { type Naming, pathOfRecording } from '../name-template.ts';
import { fileInFolder } from './file-in-folder.ts';
import { PartFile, type Place } from './part-file.ts';

/** What is known of a recording from earlier runs. */
export type Known =
  /** `denied`: a later line of the manifest says otherwise, and the file was hashed and found whole all the same. */
  | { status: 'saved'; recording: SavedRecording; denied?: true }
  | { status: 'gone'; error: ErrorReport }
  | { status: 'failed' }
  /** Never asked for, or saved once and not whole any more. */
  | { status: 'wanted' };

/** Where a batch's recordings end up, and what it remembers of them: a folder today, a bucket one day. */
export interface Archive {
  /**
   * What earlier runs left of this recording. With `checksum` a file counts as whole only after it was hashed again; in a `hurry` nothing is
   * hashed.
   */
  know(id: string, options: KnowOptions): Known | Promise<Known>;
  /** Where the bytes of a row's recording go. */
  destinationFor(row: ListRow): Destination;
  /** Records an outcome. Resolves when that is safe on the disk. Throws `FILE_SYSTEM`. */
  record(outcome: Outcome): Promise<void>;
  close(): Promise<void>;
}

/** How closely an archive looks; see {@link Archive.know}. */
export interface KnowOptions {
  checksum: boolean;
  hurry?: boolean;
  /** Cuts a hash short, as in a hurry: a file of many GB takes minutes. */
  signal?: AbortSignal;
}

/** How a row ended, as the archive records it. */
export type Outcome = { row: ListRow } & ({ saved: SavedRecording } | { error: RecordingError; attempts: number });

/** A folder of recordings with its `manifest.jsonl`. */
export class ArchiveFolder implements Archive {
  readonly #folder: string;
  readonly #clock: Clock;
  readonly #manifest: Manifest;
  /** Which id a file name belongs to, both as digests; read from the manifest when the first name is given. */
  #owners: Promise<DigestMap> | undefined;
  readonly #naming: Naming;
  /** What a row's columns are called in the manifest. */
  readonly #keys: readonly string[] | undefined;
  readonly #syncs = new Map<string, () => Promise<void>>();

  private constructor(folder: string, clock: Clock, manifest: Manifest, naming: Naming) {
    this.#folder = folder;
    this.#clock = clock;
    this.#manifest = manifest;
    this.#naming = naming;
    this.#keys = naming.headers && distinctHeaders(naming.headers);
  }

  /**
   * Opens a folder, as it is: it is made when the first recording comes. `naming` says how recordings are called, and what their rows'
   * columns are. Throws `FILE_SYSTEM`.
   */
  static async open(folder: string, clock: Clock, naming: Naming = {}): Promise<ArchiveFolder> {
    const manifest = await Manifest.open(folder);
    return new ArchiveFolder(folder, clock, manifest, naming);
  }

  /** {@link Archive.know}; throws `FILE_SYSTEM` where the manifest cannot be read. A file that cannot be read is none. */
  know(id: string, { checksum, hurry = false, signal }: KnowOptions): Known | Promise<Known> {
    const last = this.#manifest.find(id);
    if (last === undefined) return { status: 'wanted' };
    // A file that was to be mended in vain may be whole again, or have been so all the time. Its size does not tell: it must be hashed.
    const denied = last.status !== 'saved';
    const saved = denied ? this.#manifest.findSaved(id) : last;
    const file = saved && this.#pathOf(saved);
    const otherwise = statusWithoutFile(last);
    if (saved === undefined || file === undefined || !hasSize(file, saved.bytes)) return otherwise;
    const known: Known = { status: 'saved', recording: this.#recordingOf(saved, file), ...(denied && { denied }) };
    // With `checksum` too: called failed, a million that are right would have to be hashed in the next run.
    const unhashed = denied ? otherwise : known;
    if (hurry) return unhashed;
    if (!checksum && !denied) return known;
    return holds(file, saved.sha256, signal).then((whole) => (whole === undefined ? unhashed : whole ? known : otherwise));
  }

  async record(outcome: Outcome): Promise<void> {
    const { id } = outcome.row;
    const at = new Date(this.#clock.now()).toISOString();
    const columns = this.#columnsOf(outcome.row);
    if ('saved' in outcome) {
      const { file, bytes, sha256, contentType, etag, attempts } = outcome.saved;
      const relative = path.relative(this.#folder, file).replaceAll(path.sep, '/');
      await this.#manifest.append({
        id,
        status: 'saved',
        file: relative,
        bytes,
        sha256,
        contentType,
        etag,
        attempts,
        at,
        error: null,
        ...columns,
      });
      return;
    }
    const { error, attempts } = outcome;
    const nothing = { file: null, bytes: null, sha256: null, contentType: null, etag: null };
    const status = isGone(error.code) ? 'gone' : 'failed';
    await this.#manifest.append({ id, status, ...nothing, attempts, at, error: error.toJSON(), ...columns });
  }

  async close(): Promise<void> {
    await this.#manifest.close();
  }

  destinationFor(row: ListRow): Destination {
    return { open: () => this.#openPart(row) };
  }

  #openPart(row: ListRow): Promise<PartFile> {
    const { id } = row;
    return PartFile.open({
      // The hash keeps the parts of two ids apart on every disk; the folder's lock keeps other runs away from them.
      path: path.join(this.#folder, partFileName(id, 'part')),
      id,
      place: (proven) => this.#place(row, proven),
      syncFolder: (folder) => this.#sync(folder),
      elapsed: () => this.#clock.elapsed(),
    });
  }

  /**
   * Where a proven recording goes. A file of its own from an earlier run is replaced. A file that nobody recorded is left alone, unless
   * it holds the same bytes (a run was killed between the rename and the manifest's line), and so is a folder: the recording then gets a
   * name with a hash.
   */
  async #place(row: ListRow, proven: { extension: string; sha256: string }): Promise<Place> {
    const { id } = row;
    this.#owners ??= this.#readOwners();
    const owners = await this.#owners;
    const own = shortDigest(id);
    const isOthers = (folded: string) => (owners.get(folded) ?? own) !== own;
    const before = this.#manifest.findSaved(id);
    const beforePath = before !== undefined && !isOthers(foldName(before.file ?? '')) ? this.#pathOf(before) : undefined;
    if (beforePath?.endsWith(`.${proven.extension}`) && !standing(beforePath)?.isDirectory()) return { path: beforePath, replace: true };

    const passed = new Set<string>();
    for (;;) {
      const name = pathOfRecording(row, proven.extension, this.#naming, (folded) => passed.has(folded) || isOthers(folded));
      const folded = foldName(name);
      const isRecorded = owners.get(folded) === own;
      // Before anything is waited for: two recordings must not find the same name free.
      owners.set(folded, own);
      const file = path.join(this.#folder, name);
      const found = standing(file);
      const isOwn = isRecorded && !found?.isDirectory();
      if (found === undefined || isOwn || (found.isFile() && (await holds(file, proven.sha256)))) return { path: file, replace: true };
      passed.add(folded);
    }
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

  #recordingOf(line: ManifestLine, file: string): SavedRecording {
    const { id, bytes, sha256, contentType, etag, attempts } = line;
    // Another hand may have left out what the manifest can do without.
    const told = { contentType: contentType ?? null, etag: etag ?? null, attempts: attempts ?? 1 };
    return { id, file, bytes: bytes ?? 0, sha256: sha256 ?? '', ...told, durationMs: 0 };
  }

  #pathOf(line: ManifestLine): string | undefined {
    return fileInFolder(this.#folder, line.file);
  }
}

function statusWithoutFile({ status, error }: ManifestLine): Known {
  if (status === 'gone' && error) return { status, error };
  return { status: status === 'failed' ? 'failed' : 'wanted' };
}

/** What stands under a name; undefined where it is free. Throws `FILE_SYSTEM`. */
function standing(file: string): Stats | undefined {
  try {
    // Synchronously, as a rule nothing is there: 3 µs, where the error of `lstat` takes 30.
    return lstatSync(file, { throwIfNoEntry: false });
  } catch (error) {
    throw fileError(error, `save ${file}`);
  }
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
