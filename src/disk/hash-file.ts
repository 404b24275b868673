import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { fileError } from './file-error.ts';

/**
 * The SHA-256 of a file's bytes, 64 lower-case hexadecimal digits, read as a stream. Throws `FILE_SYSTEM`, and an AbortError once the signal is
 * aborted.
 */
export async function sha256OfFile(file: string, signal?: AbortSignal): Promise<string> {
  const hash = createHash('sha256');
  try {
    for await (const chunk of createReadStream(file, { highWaterMark: 256 * 1024, ...(signal && { signal }) }))
      hash.update(chunk as Uint8Array);
  } catch (error) {
    throw fileError(error, `read ${file}`);
  }
  return hash.digest('hex');
}
