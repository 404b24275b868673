import { closeSync, constants, readSync } from 'node:fs';
import path from 'node:path';
import { openPlainSync } from '../../disk/open-plain.ts';
import { usageError } from '../../errors.ts';
import { LENGTH_HEAD_BYTES, secondsOf } from '../audio-length.ts';
import type { ListedArchive, ListingSurvey } from '../listing.ts';
import { MANIFEST_NAME, Manifest } from '../manifest.ts';
import type { ManifestLine } from '../manifest-line.ts';
import { findInFolder } from './file-in-folder.ts';

/** A folder of recordings, as it is listed: nothing is written, nothing is locked. */
export class FolderListing implements ListedArchive {
  readonly name: string;
  readonly manifestName: string;
  readonly manifest: Manifest;
  readonly #head = Buffer.alloc(LENGTH_HEAD_BYTES);

  private constructor(folder: string, manifest: Manifest) {
    this.name = folder;
    this.manifestName = path.join(folder, MANIFEST_NAME);
    this.manifest = manifest;
  }

  /** Reads the manifest of a folder, and shows each line to the survey. Throws `USAGE` where there is none, `FILE_SYSTEM`, and the signal's reason. */
  static async open(folder: string, survey: ListingSurvey, signal: AbortSignal): Promise<FolderListing> {
    const manifest = await Manifest.open(folder, (line) => survey.add(line), signal);
    if (!manifest.exists) throw usageError(`${folder} has no ${MANIFEST_NAME}.`, 'Name a folder that `kaleyra-rec batch` has filled.');
    return new FolderListing(folder, manifest);
  }

  /** Synchronously, as a million files are looked into one after the other: the way through the thread pool would take ten times as long. */
  secondsOf({ status, file }: ManifestLine): number | undefined {
    if (status !== 'saved') return undefined;
    let descriptor: number | undefined;
    try {
      const found = findInFolder(this.name, file);
      if (!found?.stats.isFile()) return undefined;
      descriptor = openPlainSync(found.path, constants.O_RDONLY, { links: 'any' });
      const bytes = readSync(descriptor, this.#head, 0, this.#head.length, 0);
      return secondsOf(this.#head.subarray(0, bytes), found.stats.size);
    } catch {
      // What cannot be read has no length to tell; `verify` says why.
      return undefined;
    } finally {
      if (descriptor !== undefined) closeSync(descriptor);
    }
  }

  /** Never throws. */
  close(): Promise<void> {
    return this.manifest.close();
  }
}
