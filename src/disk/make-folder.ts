import { mkdir } from 'node:fs/promises';
import { RecordingError } from '../errors.ts';
import { fileError, hasCode } from './file-error.ts';

/** Makes the folder where it is missing. Throws `FILE_SYSTEM`. */
export async function makeFolder(folder: string): Promise<void> {
  try {
    await mkdir(folder, { recursive: true });
  } catch (error) {
    if (hasCode(error, 'EEXIST', 'ENOTDIR')) {
      throw new RecordingError('FILE_SYSTEM', `Cannot make the folder ${folder}: a file stands there.`, {
        hint: 'Move the file away, or name another folder with --dir.',
        cause: error,
      });
    }
    throw fileError(error, `make the folder ${folder}`);
  }
}
