import { readdirSync, statSync } from 'node:fs';
import path from 'node:path';
import { fileError, hasCode } from '../disk/file-error.ts';
import { sha256OfFile } from '../disk/hash-file.ts';
import { usageError } from '../errors.ts';
import type { Finding } from '../events.ts';
import { FAILED_NAME } from './failed-rows.ts';
import { fileInFolder } from './folder/file-in-folder.ts';
import { LOCK_NAME, MANIFEST_NAME, Manifest, type ManifestLine } from './manifest.ts';
import { Slots } from './slots.ts';

/** How many files are hashed at once: enough to keep a disk busy. */
const AT_ONCE = 4;

/**
 * Holds a folder against its manifest. Each file that the manifest calls saved is hashed, as a stream; then what lies there beside them is
 * named. `onFinding` is told of each, as it is found out, and `onTotal` beforehand of how many are recorded.
 *
 * Files are named relative to the folder, with forward slashes. Throws `USAGE` where the folder has no manifest, `FILE_SYSTEM` where it
 * cannot be read, or the signal's reason.
 */
export async function verifyFolder(
  folder: string,
  tell: { onTotal: (files: number) => void; onFinding: (finding: Finding) => void },
  signal: AbortSignal,
): Promise<void> {
  const manifest = await Manifest.open(folder);
  try {
    if (!manifest.exists) {
      throw usageError(`${folder} has no ${MANIFEST_NAME}.`, 'Name a folder that `kaleyra-rec batch` has filled (--dir).');
    }
    const recorded = new Set<string>();
    let total = 0;
    for (const _ of manifest.savedLines()) total += 1;
    tell.onTotal(total);
    const slots = new Slots(AT_ONCE);
    let fault: unknown;
    for (const line of manifest.savedLines()) {
      if (line.status !== 'saved' || line.file === null) continue;
      await slots.take();
      if (signal.aborted || fault !== undefined) {
        slots.free();
        break;
      }
      recorded.add(path.normalize(line.file));
      void check(folder, line)
        .then(tell.onFinding)
        .catch((error: unknown) => {
          fault = error;
        })
        .finally(() => slots.free());
    }
    await slots.allFree();
    signal.throwIfAborted();
    if (fault !== undefined) throw fault;
    for (const file of filesBelow(folder)) {
      if (!recorded.has(file) && !isOurs(file)) tell.onFinding({ status: 'unrecorded', file: file.replaceAll(path.sep, '/') });
    }
  } finally {
    await manifest.close();
  }
}

async function check(folder: string, line: ManifestLine): Promise<Finding> {
  const { id } = line;
  const file = line.file ?? '';
  const place = fileInFolder(folder, file);
  const found = place === undefined ? undefined : look(place);
  if (place === undefined || found === undefined) return { status: 'missing', id, file };
  if (found.size < (line.bytes ?? 0)) return { status: 'short', id, file, bytes: found.size, expectedBytes: line.bytes ?? 0 };
  const expectedSha256 = line.sha256 ?? '';
  const sha256 = await sha256OfFile(place).catch(() => null);
  if (sha256 !== expectedSha256) return { status: 'changed', id, file, sha256, expectedSha256 };
  return { status: 'whole', id, file, bytes: found.size };
}

/** The file of this path; undefined where none can stand there. */
function look(file: string): { size: number } | undefined {
  try {
    const found = statSync(file, { throwIfNoEntry: false });
    return found?.isFile() ? found : undefined;
  } catch (error) {
    if (hasCode(error, 'ENOTDIR', 'ELOOP', 'ENAMETOOLONG')) return undefined;
    throw fileError(error, `look at ${file}`);
  }
}

function* filesBelow(folder: string, below = ''): Generator<string> {
  let entries: import('node:fs').Dirent[];
  try {
    entries = readdirSync(path.join(folder, below), { withFileTypes: true });
  } catch (error) {
    throw fileError(error, `read the folder ${path.join(folder, below)}`);
  }
  for (const entry of entries) {
    const file = path.join(below, entry.name);
    if (entry.isDirectory()) yield* filesBelow(folder, file);
    else yield file;
  }
}

/** The files that the tool itself keeps beside the recordings. */
function isOurs(file: string): boolean {
  return (
    file === MANIFEST_NAME ||
    file === FAILED_NAME ||
    file.startsWith(LOCK_NAME) ||
    file.endsWith('.part') ||
    file.endsWith('.part.json') ||
    file.endsWith('.part.json.new') ||
    file.endsWith('.part.lock')
  );
}
