import { stat } from 'node:fs/promises';
import path from 'node:path';
import type { Destination } from '../archive/draft.ts';
import { partFileName, partNameBeside, recordingFileName } from '../archive/file-name.ts';
import type { Lock } from '../archive/folder/lock.ts';
import { type FinalPlace, PartFile } from '../archive/folder/part-file.ts';
import { fileError, hasCode } from '../disk/file-error.ts';
import { takenError } from '../disk/final-name.ts';
import { makeFolders } from '../disk/make-folder.ts';
import { syncFolder } from '../disk/sync-folder.ts';
import { RecordingError } from '../errors.ts';
import { RECORDING_EXTENSIONS } from './audio-type.ts';

/** What the destinations of a single download need. */
export interface SingleOptions {
  /** Whether a file that stands in the way is replaced (`--force`). */
  replace: boolean;
  /** A clock in milliseconds that never goes back. */
  elapsed: () => number;
  /** Takes the lock file at a path, so that two downloads never write one part. Throws `LOCKED`. */
  lock: (path: string) => Promise<Lock>;
}

/** One file, named by the user. Its part is `<file>~<hash>.download.part`, whichever recording it is of. */
export function fileDestination(file: string, options: SingleOptions): Destination {
  return single(options, {
    part: () => path.join(path.dirname(file), partNameBeside(path.basename(file), 'download.part')),
    place: async () => ({ path: file, replace: options.replace }),
    check: async () => {
      const found = await look(file);
      if (found === undefined) return;
      if (found.isDirectory() || !options.replace) throw await takenError(file);
      if (!found.isFile()) throw notAFile(file);
    },
  });
}

/** A folder; the file is named after the id and what it turns out to be. Its part is `<id>~<hash>.download.part`. */
export function folderDestination(folder: string, options: SingleOptions): Destination {
  return single(options, {
    part: (id) => path.join(folder, partFileName(id, 'download.part')),
    place: async (id, { extension }) => ({ path: path.join(folder, recordingFileName(id, extension)), replace: options.replace }),
    check: async (id) => {
      const standing = options.replace ? undefined : await standingRecording(folder, id);
      if (standing !== undefined) throw await takenError(standing);
    },
  });
}

/** What lies in the folder under a name that this id's recording could be given, whatever it turns out to be; undefined where nothing does. */
export async function standingRecording(folder: string, id: string): Promise<string | undefined> {
  for (const extension of RECORDING_EXTENSIONS) {
    const file = path.join(folder, recordingFileName(id, extension));
    if (await exists(file)) return file;
  }
  return undefined;
}

function single(
  options: SingleOptions,
  how: {
    part: (id: string) => string;
    place: (id: string, proven: { extension: string; sha256: string }) => Promise<FinalPlace>;
    check: (id: string) => Promise<void>;
  },
): Destination {
  return {
    async open(id) {
      await how.check(id);
      const part = how.part(id);
      await makeFolderOf(part);
      const lock = await options.lock(`${part}.lock`);
      try {
        return await PartFile.open({
          path: part,
          id,
          place: (proven) => how.place(id, proven),
          syncFolder,
          elapsed: options.elapsed,
          onClose: () => lock.release(),
        });
      } catch (error) {
        await lock.release();
        throw error;
      }
    },
  };
}

/** The lock comes before the part, and neither can lie in a folder that is not there. */
async function makeFolderOf(file: string): Promise<void> {
  const folder = path.dirname(file);
  try {
    await makeFolders(folder);
  } catch (error) {
    throw fileError(error, `make the folder ${folder}`);
  }
}

/** A device or a pipe would not be written to but replaced, and be missing from then on. */
function notAFile(file: string): RecordingError {
  return new RecordingError('FILE_SYSTEM', `Cannot replace ${file}: it is not a file.`, {
    hint: 'Choose another name with --output, or use --output - and send standard output there.',
  });
}

async function exists(file: string): Promise<boolean> {
  return (await look(file)) !== undefined;
}

async function look(file: string) {
  try {
    return await stat(file);
  } catch (error) {
    if (hasCode(error, 'ENOENT')) return undefined;
    throw fileError(error, `look at ${file}`);
  }
}
