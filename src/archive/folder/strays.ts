import path from 'node:path';
import { sha256OfFile } from '../../disk/hash-file.ts';
import type { ManifestLine } from '../manifest-line.ts';
import { isLeftByDesktop, isToolsFile } from '../own-names.ts';
import { filesBelow } from './files-below.ts';

/**
 * Recordings whose files have been given another name since they were recorded. A recording is not to be fetched again, or called gone, while
 * a file that nobody recorded has its bytes: its name may have been changed by a person, or by a disk that does not know its characters.
 */
export class Strays {
  readonly #folder: string;
  readonly #isRecorded: (file: string) => Promise<boolean>;
  /** The files that nobody recorded, by size; looked for once, when the first recording is missed. */
  #bySize: Promise<Map<number, string[]>> | undefined;

  /** `isRecorded`: whether a file, named relative to the folder with forward slashes, is that of a recording. */
  constructor(folder: string, isRecorded: (file: string) => Promise<boolean>) {
    this.#folder = folder;
    this.#isRecorded = isRecorded;
  }

  /**
   * The path of a file that has the bytes of a recording and is no other's; it is this recording's from then on. Undefined where there is none,
   * or the folder cannot be read.
   */
  async find({ bytes, sha256 }: ManifestLine, signal?: AbortSignal): Promise<string | undefined> {
    this.#bySize ??= this.#look(signal).catch(() => new Map());
    const files = (await this.#bySize).get(bytes ?? -1) ?? [];
    for (const file of [...files]) {
      if (signal?.aborted) return undefined;
      if ((await sha256OfFile(file, signal).catch(() => undefined)) !== sha256) continue;
      // Another recording may have found it meanwhile.
      const at = files.indexOf(file);
      if (at < 0) continue;
      files.splice(at, 1);
      return file;
    }
    return undefined;
  }

  async #look(signal?: AbortSignal): Promise<Map<number, string[]>> {
    const bySize = new Map<number, string[]>();
    const passes = (file: string) => !isToolsFile(named(file)) && !isLeftByDesktop(path.basename(file));
    for await (const entry of filesBelow(this.#folder, passes, () => false, signal)) {
      if ('unreadable' in entry || entry.bytes <= 0 || (await this.#isRecorded(named(entry.file)))) continue;
      const files = bySize.get(entry.bytes) ?? [];
      files.push(path.join(this.#folder, entry.file));
      bySize.set(entry.bytes, files);
    }
    return bySize;
  }
}

function named(file: string): string {
  return file.replaceAll(path.sep, '/');
}
