import { constants } from 'node:fs';
import path from 'node:path';
import { fileError, hasCode } from '../../disk/file-error.ts';
import { sha256OfHandle } from '../../disk/hash-file.ts';
import { openPlain } from '../../disk/open-plain.ts';
import { writableByOthers } from '../../disk/rights.ts';
import { MANIFEST_NAME, Manifest } from '../manifest.ts';
import type { ManifestLine } from '../manifest-line.ts';
import { isLeftByDesktop, isToolsFile } from '../own-names.ts';
import type { Checked, CheckedArchive, OtherFile } from '../verify.ts';
import { type FoundFile, findInFolder } from './file-in-folder.ts';
import { filesBelow } from './files-below.ts';

/** A folder of recordings, as its check sees it. */
export class FolderCheck implements CheckedArchive {
  readonly manifestName = MANIFEST_NAME;
  readonly notice: string | undefined;
  /** Enough to keep a disk busy. */
  readonly atOnce = 4;
  readonly #folder: string;
  readonly manifest: Manifest;

  private constructor(folder: string, manifest: Manifest) {
    this.#folder = folder;
    this.manifest = manifest;
    this.notice = writableByOthers(folder);
  }

  /** Reads the manifest of a folder. Throws `FILE_SYSTEM`, and the signal's reason. */
  static async open(folder: string, signal: AbortSignal): Promise<FolderCheck> {
    return new FolderCheck(folder, await Manifest.open(folder, undefined, signal));
  }

  async check(line: ManifestLine, signal: AbortSignal): Promise<Checked> {
    const named = { id: line.id, file: line.file ?? '' };
    try {
      const found = findInFolder(this.#folder, line.file);
      if (found?.stats.isSymbolicLink()) return { status: 'link', ...named };
      if (!found?.stats.isFile()) return { status: 'missing', ...named };
      return await compare(found, line, named, signal);
    } catch (error) {
      signal.throwIfAborted();
      return { status: 'unreadable', ...named, why: whyUnreadable(error) };
    }
  }

  async *others(isRecorded: (file: string) => boolean, signal: AbortSignal): AsyncGenerator<OtherFile> {
    const asRecorded = (file: string) => file.replaceAll(path.sep, '/');
    const passes = (file: string) => !isToolsFile(asRecorded(file)) && !isLeftByDesktop(path.basename(file));
    try {
      for await (const entry of filesBelow(this.#folder, passes, (file) => isRecorded(asRecorded(file)), signal)) {
        const file = asRecorded(entry.file);
        // Recordings in a folder that may not be read have been told already.
        if (!isRecorded(file)) yield { ...entry, file };
      }
    } catch (error) {
      throw fileError(error, `read the folder ${this.#folder}`);
    }
  }

  async hashOf(file: string, signal: AbortSignal): Promise<string | undefined> {
    try {
      return await hashPlain(path.join(this.#folder, file), signal);
    } catch {
      signal.throwIfAborted();
      return undefined;
    }
  }

  async close(): Promise<void> {
    await this.manifest.close();
  }
}

async function compare(found: FoundFile, line: ManifestLine, named: { id: string; file: string }, signal: AbortSignal): Promise<Checked> {
  const { size } = found.stats;
  const expectedBytes = line.bytes ?? 0;
  if (size < expectedBytes) return { status: 'short', ...named, bytes: size, expectedBytes };
  const sha256 = await hashPlain(found.path, signal);
  const expectedSha256 = line.sha256 ?? '';
  return sha256 === expectedSha256 ? { status: 'whole', ...named, bytes: size } : { status: 'changed', ...named, sha256, expectedSha256 };
}

async function hashPlain(file: string, signal: AbortSignal): Promise<string> {
  const handle = await openPlain(file, constants.O_RDONLY, { links: 'any' });
  try {
    return await sha256OfHandle(handle, signal);
  } finally {
    await handle.close();
  }
}

function whyUnreadable(error: unknown): string {
  if (hasCode(error, 'EACCES', 'EPERM')) return 'permission is denied';
  return error instanceof Error ? error.message : String(error);
}
