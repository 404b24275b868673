import { lstatSync, type Stats } from 'node:fs';
import path from 'node:path';
import { fileError } from '../../disk/file-error.ts';
import type { ListRow } from '../../list/list-row.ts';
import { type DigestMap, shortDigest } from '../digest-map.ts';
import { foldName } from '../file-name.ts';
import type { ManifestLine } from '../manifest-line.ts';
import { type Naming, pathOfRecording } from '../name-template.ts';
import { type HeldFolder, holdFolder } from './held-folder.ts';
import { makeWay, refuseStrangersLink } from './make-way.ts';
import type { FinalPlace } from './part-file.ts';

/** What {@link Places} needs to know of a folder. */
export interface PlacesOptions {
  folder: string;
  naming: Naming;
  /** Which id each recorded file name (as `foldName` folds it) belongs to, both as digests. Asked once, for the first place. */
  owners: () => Promise<DigestMap>;
  /** The line that last called an id saved; undefined where none did. */
  savedLine: (id: string) => Pick<ManifestLine, 'file' | 'sha256'> | undefined;
  /** The path of a file that the manifest names; undefined where it leads out of the folder. */
  pathOf: (file: string) => string | undefined;
  /** Told where a file that stood under a recording's name was not that recording's, and what it is called now. */
  onMovedAside: (file: string, aside: string) => void;
  /** Whether a file has this SHA-256. */
  holds: (file: string, sha256: string) => Promise<boolean | undefined>;
}

/** Finds the places of a folder's recordings, so that none is lost to another, nor a file that nobody recorded to a recording. */
export class Places {
  readonly #options: PlacesOptions;
  #owners: Promise<DigestMap> | undefined;

  constructor(options: PlacesOptions) {
    this.#options = options;
  }

  /**
   * Where a proven recording goes. A file of its own from an earlier run is replaced, and moved aside where it is not as it was recorded. A
   * file that nobody recorded is left alone, unless it holds the same bytes (a run was killed between the rename and the manifest's line),
   * and so is a folder: the recording then gets a name with a hash. Throws `FILE_SYSTEM`.
   */
  async find(row: ListRow, proven: { extension: string; sha256: string }): Promise<FinalPlace> {
    const file = await this.#pathFor(row, proven);
    const { folder, savedLine, onMovedAside } = this.#options;
    const held = hold(folder, file);
    try {
      const aside = await makeWay(file, [proven.sha256, savedLine(row.id)?.sha256], held?.at(path.basename(file)));
      if (aside !== undefined) onMovedAside(file, aside);
      return { path: file, replace: true, held };
    } catch (error) {
      held?.close();
      throw error;
    }
  }

  async #pathFor(row: ListRow, proven: { extension: string; sha256: string }): Promise<string> {
    const { id } = row;
    const { folder, naming, savedLine, pathOf, holds } = this.#options;
    this.#owners ??= this.#options.owners();
    const owners = await this.#owners;
    const own = shortDigest(id);
    const isOthers = (folded: string) => (owners.get(folded) ?? own) !== own;
    const before = savedLine(id)?.file ?? undefined;
    const beforePath = before !== undefined && !isOthers(foldName(before)) ? pathOf(before) : undefined;
    if (beforePath?.endsWith(`.${proven.extension}`) && !standing(beforePath)?.isDirectory()) return beforePath;

    const passed = new Set<string>();
    for (;;) {
      const name = pathOfRecording(row, proven.extension, naming, (folded) => passed.has(folded) || isOthers(folded));
      const folded = foldName(name);
      const isRecorded = owners.get(folded) === own;
      // Before anything is waited for: two recordings must not find the same name free.
      owners.set(folded, own);
      const file = path.join(folder, name);
      const found = standing(file);
      const isOwn = isRecorded && !found?.isDirectory();
      if (found === undefined || isOwn || (found.isFile() && (await holds(file, proven.sha256)))) return file;
      passed.add(folded);
    }
  }
}

/** The folder of a file, held open where that can be done, and looked at where it cannot. Throws `FILE_SYSTEM`. */
function hold(folder: string, file: string): HeldFolder | undefined {
  try {
    const held = holdFolder(folder, file);
    if (held === undefined) refuseStrangersLink(folder, file);
    return held;
  } catch (error) {
    throw fileError(error, `save ${file}`);
  }
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
