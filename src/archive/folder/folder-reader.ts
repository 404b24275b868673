import { constants, createReadStream } from 'node:fs';
import { type FileHandle, lstat, realpath } from 'node:fs/promises';
import path from 'node:path';
import { fileError, hasCode } from '../../disk/file-error.ts';
import { CAREFULLY, openPlain } from '../../disk/open-plain.ts';
import { usageError } from '../../errors.ts';
import { MANIFEST_NAME } from '../manifest.ts';
import { parseLine } from '../manifest-line.ts';
import type { ArchiveReader, PlacedLine } from '../reader.ts';
import { fileInFolder } from './file-in-folder.ts';

const READ_BYTES = 256 * 1024;
/** A longer line is none of ours: 16 MiB hold a report's row of the longest kind many times over. */
const LONGEST_LINE = 16 * 1024 * 1024;
const NEWLINE = 0x0a;

/** A folder of recordings, to be looked through; see {@link ArchiveReader}. Its name is its path as the user typed it. */
export function folderReader(folder: string): ArchiveReader {
  return {
    name: folder,
    lines: (from, signal) => linesOf(path.join(folder, MANIFEST_NAME), folder, Number(from ?? 0), signal),
    async size(file) {
      const inside = await placeOf(folder, file);
      const found = inside === undefined ? undefined : await lstat(inside).catch(() => undefined);
      return found?.isFile() ? found.size : undefined;
    },
    read(file, range) {
      const inside = fileInFolder(folder, file) ?? '';
      // By the system's flags, as what `size` has looked at may be a link or a pipe by now.
      const flags = CAREFULLY as unknown as string;
      return createReadStream(inside, { flags, ...(range && { start: range.from, end: range.to }) });
    },
    locate: (file) => fileInFolder(path.resolve(folder), file) ?? file,
  };
}

/** Where a recording lies, links to folders followed; undefined where that is nowhere, or outside the folder. */
async function placeOf(folder: string, file: string): Promise<string | undefined> {
  const named = fileInFolder(folder, file);
  if (named === undefined) return undefined;
  const [root, below] = await Promise.all([realpath(folder), realpath(path.dirname(named)).catch(() => undefined)]);
  if (below === undefined || !(below + path.sep).startsWith(root.endsWith(path.sep) ? root : root + path.sep)) return undefined;
  return path.join(below, path.basename(named));
}

async function* linesOf(file: string, folder: string, from: number, signal: AbortSignal): AsyncGenerator<PlacedLine> {
  let handle: FileHandle;
  try {
    handle = await openPlain(file, constants.O_RDONLY);
  } catch (error) {
    if (hasCode(error, 'ENOENT', 'ENOTDIR')) {
      throw usageError(`${folder} has no ${MANIFEST_NAME}.`, 'Name a folder that `kaleyra-rec batch` has filled.', error);
    }
    throw fileError(error, `read ${file}`);
  }
  const buffer = Buffer.allocUnsafe(READ_BYTES);
  let kept: Buffer[] = [];
  let keptBytes = 0;
  let place = from;
  try {
    for (let position = from; ; ) {
      signal.throwIfAborted();
      const { bytesRead } = await handle.read(buffer, 0, READ_BYTES, position);
      if (bytesRead === 0) return;
      position += bytesRead;
      let start = 0;
      for (let end = buffer.indexOf(NEWLINE); end >= 0 && end < bytesRead; end = buffer.indexOf(NEWLINE, start)) {
        const piece = buffer.subarray(start, end);
        const text = kept.length === 0 ? piece.toString('utf8') : Buffer.concat([...kept, piece]).toString('utf8');
        place += keptBytes + piece.length + 1;
        kept = [];
        keptBytes = 0;
        start = end + 1;
        yield { line: parseLine(text), next: String(place) };
      }
      // What is too long to be a line is counted, and not held.
      if (keptBytes < LONGEST_LINE) kept.push(Buffer.from(buffer.subarray(start, bytesRead)));
      keptBytes += bytesRead - start;
    }
  } catch (error) {
    throw fileError(error, `read ${file}`);
  } finally {
    await handle.close();
  }
}
