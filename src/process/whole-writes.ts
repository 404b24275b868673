import { fstatSync, writeSync } from 'node:fs';
import type { OutputStream } from '../system.ts';

/**
 * Standard output that writes all of each piece, or fails. Where it is a file, Node's stream takes a piece for written of which the disk had
 * room for a part: what is cut off there would be lost without a word.
 */
export function wholeWrites(stream: OutputStream & { fd: number }): OutputStream {
  const { fd } = stream;
  if (stream.isTTY || !isFile(fd)) return stream;
  stream._write = (piece: Uint8Array, _encoding, done) => {
    try {
      for (let from = 0; from < piece.length; ) {
        const bytes = writeSync(fd, piece, from);
        if (bytes === 0) throw new Error('it takes nothing more');
        from += bytes;
      }
    } catch (error) {
      return done(error as Error);
    }
    done();
  };
  return stream;
}

function isFile(fd: number): boolean {
  try {
    return fstatSync(fd).isFile();
  } catch {
    return false;
  }
}
