import { PassThrough, type Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { usageError } from '../../errors.ts';
import { parseLine } from '../manifest-line.ts';
import type { ArchiveReader, ByteRange, PlacedLine } from '../reader.ts';
import { piecesOf } from './bucket-manifest.ts';
import type { ObjectStore } from './object-store.ts';
import { LONGEST_LINE } from './packed-lines.ts';
import { isRecordingName } from './piece-names.ts';

const NEWLINE = 0x0a;

/** An archive in a bucket, to be looked through; see {@link ArchiveReader}. */
export class BucketReader implements ArchiveReader {
  readonly name: string;
  readonly #store: ObjectStore;
  readonly #prefix: string;
  /** How many bytes of each piece were given: runs at work add to pieces that stand between others. */
  #given = new Map<string, number>();
  readonly #sizes = new Map<string, number>();

  constructor(name: string, store: ObjectStore, prefix: string) {
    this.name = name;
    this.#store = store;
    this.#prefix = prefix;
  }

  /** {@link ArchiveReader.lines}; `from` says that what was given before is not to come again, wherever it stands. */
  async *lines(from: string | undefined, signal: AbortSignal): AsyncGenerator<PlacedLine> {
    if (from === undefined) this.#given = new Map();
    const pieces = await piecesOf(this.#store, this.#prefix, signal);
    if (pieces.length === 0 && from === undefined) {
      throw usageError(`${this.name} has no manifest.`, 'Name an archive that `kaleyra-rec batch` has filled.');
    }
    for (const { key, bytes } of pieces) {
      const given = this.#given.get(key) ?? 0;
      if (bytes <= given) continue;
      const piece = await this.#store.bytes(key, signal);
      if (piece === undefined) continue;
      let start = given;
      for (let end = piece.indexOf(NEWLINE, start); end >= 0; end = piece.indexOf(NEWLINE, start)) {
        const line = end - start > LONGEST_LINE ? undefined : parseLine(piece.toString('utf8', start, end));
        start = end + 1;
        this.#given.set(key, start);
        yield { line, next: 'what was given' };
      }
    }
  }

  /** {@link ArchiveReader.size}; asked of the store once, as recordings in a bucket are not replaced. */
  async size(file: string): Promise<number | undefined> {
    const known = this.#sizes.get(file);
    if (known !== undefined || !isRecordingName(file)) return known;
    const size = (await this.#store.head(this.#prefix + file))?.bytes;
    if (size !== undefined) this.#sizes.set(file, size);
    return size;
  }

  read(file: string, range?: ByteRange): Readable {
    const key = this.#prefix + file;
    const output = new PassThrough();
    const read = async () => {
      const body = await this.#store.get(key, range);
      if (body === undefined) {
        this.#sizes.delete(file);
        throw Object.assign(new Error(`${this.#store.address(key)} is not there any more`), { code: 'ENOENT', syscall: 'read' });
      }
      await pipeline(body, output);
    };
    read().catch((error: Error) => output.destroy(error));
    return output;
  }

  locate(file: string): string {
    return this.#store.address(this.#prefix + file);
  }
}
