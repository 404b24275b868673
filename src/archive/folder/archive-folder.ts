import { existsSync, lstatSync, statSync } from 'node:fs';
import path from 'node:path';
import { coalesce } from '../../disk/coalesce.ts';
import { sha256OfFile } from '../../disk/hash-file.ts';
import { thisMachine } from '../../disk/machine.ts';
import { writableByOthers } from '../../disk/rights.ts';
import { syncFolder } from '../../disk/sync-folder.ts';
import type { RecordingError } from '../../errors.ts';
import type { SavedRecording } from '../../events.ts';
import type { ListRow } from '../../list/list-row.ts';
import type { Clock } from '../../system.ts';
import type { Archive, ArchiveOptions, Known, KnowOptions } from '../archive.ts';
import { DigestMap, shortDigest } from '../digest-map.ts';
import type { Draft } from '../draft.ts';
import { foldName, partFileName } from '../file-name.ts';
import { knownWithoutFile, LineMaker, recordingOf } from '../line-maker.ts';
import { MANIFEST_NAME, Manifest, type ManifestLine } from '../manifest.ts';
import { damageNotice } from '../manifest-damage.ts';
import { LINES_A_BREATH } from '../manifest-lines.ts';
import { Verdicts } from '../verdicts.ts';
import { writeBadList } from './bad-list.ts';
import { writeFailedList } from './failed-list.ts';
import { fileInFolder, findInFolder } from './file-in-folder.ts';
import { isMeant } from './make-way.ts';
import { PartFile } from './part-file.ts';
import { Places } from './places.ts';
import { Strays } from './strays.ts';

/** A folder of recordings with its `manifest.jsonl`. */
export class ArchiveFolder implements Archive {
  readonly #folder: string;
  readonly #clock: Clock;
  readonly #manifest: Manifest;
  readonly #verdicts: Verdicts;
  readonly #lines: LineMaker;
  readonly #places: Places;
  /** Tells once that others can write to the folder, as soon as it is there. */
  readonly #tellRights: () => void;
  readonly #syncs = new Map<string, () => Promise<void>>();
  #owners: Promise<DigestMap> | undefined;
  #strays: Strays | undefined;
  /** The new names of recordings that were found under another one. */
  readonly #renamed = new Map<string, string>();

  private constructor(folder: string, clock: Clock, manifest: Manifest, verdicts: Verdicts, options: ArchiveOptions) {
    this.#folder = folder;
    this.#clock = clock;
    this.#manifest = manifest;
    this.#verdicts = verdicts;
    this.#tellRights = once(() => {
      const notice = writableByOthers(folder);
      if (notice !== undefined) options.onNotice?.(notice);
    });
    this.#lines = new LineMaker(clock, options, (id) => manifest.find(id));
    this.#places = new Places({
      folder,
      naming: options.naming ?? {},
      owners: () => this.#knowOwners(),
      savedLine: (id) => this.#manifest.findSaved(id),
      pathOf: (file) => this.#pathOf(file),
      onMovedAside: (file, aside) =>
        options.onNotice?.(
          `${file} had changed since it was saved. It was renamed to ${path.basename(aside)}, and the recording saved anew.`,
        ),
      holds,
    });
  }

  /** Opens a folder, as it is: it is made when the first recording comes. Throws `FILE_SYSTEM`. */
  static async open(folder: string, clock: Clock, options: ArchiveOptions = {}): Promise<ArchiveFolder> {
    const verdicts = new Verdicts(options.account);
    const manifest = await Manifest.open(folder, (line) => verdicts.add(line), options.signal);
    const damage = damageNotice(manifest.damage, path.join(folder, MANIFEST_NAME));
    if (damage !== undefined) options.onNotice?.(damage);
    const archive = new ArchiveFolder(folder, clock, manifest, verdicts, options);
    if (existsSync(folder)) archive.#tellRights();
    return archive;
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
    const otherwise = knownWithoutFile(last, this.#verdicts);
    if (saved === undefined) return otherwise;
    const file = this.#pathOf(saved.file);
    if (file === undefined || !this.#hasSize(file, saved.bytes)) return this.#amongStrays(saved, otherwise, signal);
    const known: Known = { status: 'saved', recording: recordingOf(saved, file), ...(denied && { denied }) };
    if (!checksum && !denied) return known;
    // With `checksum` too: called failed, a million that are right would have to be hashed in the next run.
    const unhashed = denied ? otherwise : known;
    return holds(file, saved.sha256, signal).then((whole) => (whole === undefined ? unhashed : whole ? known : otherwise));
  }

  async confirm(row: ListRow): Promise<void> {
    const saved = this.#manifest.findSaved(row.id);
    if (saved !== undefined) await this.#record(this.#lines.again(row, saved, this.#renamed.get(row.id) ?? saved.file));
  }

  /** The file and the hash that a recording was last saved with; undefined where it never was. Throws `FILE_SYSTEM`. */
  saved(id: string): { file: string; sha256: string } | undefined {
    const { file, sha256 } = this.#manifest.findSaved(id) ?? {};
    return file && sha256 ? { file, sha256 } : undefined;
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
      sleep: (ms, signal) => this.#clock.sleep(ms, signal),
    });
  }

  async refuse(row: ListRow, error: RecordingError, attempts: number): Promise<void> {
    await this.#record(this.#lines.refused(row, error, attempts));
  }

  /** {@link Archive.listFailed}; throws `FILE_SYSTEM`, and `FILE_EXISTS` where another's file stands there. */
  listFailed(): Promise<string | undefined> {
    return writeFailedList(this.#folder, this.#verdicts.failed);
  }

  /** {@link Archive.listBadRows}; throws `FILE_SYSTEM`, and `FILE_EXISTS` where another's file stands there. */
  listBadRows(text: string | undefined): Promise<string | undefined> {
    return writeBadList(this.#folder, text);
  }

  /** Every line is flushed when it is added. */
  async flush(): Promise<void> {}

  async close(): Promise<void> {
    await this.#manifest.close();
  }

  async #recordSaved(row: ListRow, recording: SavedRecording): Promise<void> {
    await this.#record(this.#lines.saved(row, recording, path.relative(this.#folder, recording.file).replaceAll(path.sep, '/')));
  }

  async #record(line: ManifestLine): Promise<void> {
    await this.#manifest.append(line);
    this.#tellRights();
    this.#verdicts.add(line);
  }

  /** The path of a manifest's file, however its characters have come to be composed since. */
  #pathOf(file: string | null): string | undefined {
    const place = fileInFolder(this.#folder, file);
    if (place === undefined || /^[\0-\x7f]*$/.test(place)) return place;
    try {
      return findInFolder(this.#folder, file)?.path ?? place;
    } catch {
      return place;
    }
  }

  /** What is known of a recording whose file is not there: it may bear another name by now. */
  async #amongStrays(saved: ManifestLine, otherwise: Known, signal: AbortSignal | undefined): Promise<Known> {
    this.#strays ??= new Strays(this.#folder, async (file) => (await this.#knowOwners()).has(foldName(file)));
    const file = await this.#strays.find(saved, signal);
    if (file === undefined) return otherwise;
    this.#renamed.set(saved.id, path.relative(this.#folder, file).replaceAll(path.sep, '/'));
    // As it is to be recorded under its new name.
    return { status: 'saved', recording: recordingOf(saved, file), denied: true };
  }

  #knowOwners(): Promise<DigestMap> {
    this.#owners ??= this.#readOwners();
    return this.#owners;
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

  /**
   * Whether a file is there and has this size. A link counts as its file where it is meant to be there (see {@link isMeant}). Synchronous on
   * purpose: a million files are looked at in seconds (3 µs each), where the asynchronous call's way through the thread pool takes ten times
   * as long.
   */
  #hasSize(file: string, bytes: number | null): boolean {
    try {
      let found = lstatSync(file, { throwIfNoEntry: false });
      const { uid } = thisMachine;
      if (found?.isSymbolicLink() && (uid === undefined || isMeant(found, this.#folder, uid)))
        found = statSync(file, { throwIfNoEntry: false });
      return found?.isFile() === true && found.size === bytes;
    } catch {
      return false;
    }
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

/** Whether a file has this SHA-256; one that cannot be read has none. Undefined where the signal has cut it short. */
async function holds(file: string, sha256: string | null, signal?: AbortSignal): Promise<boolean | undefined> {
  try {
    return (await sha256OfFile(file, signal)) === sha256;
  } catch {
    return signal?.aborted ? undefined : false;
  }
}

function once(action: () => void): () => void {
  let isDone = false;
  return () => {
    if (!isDone) action();
    isDone = true;
  };
}
