import { randomBytes } from 'node:crypto';
import { coalesce } from '../../disk/coalesce.ts';
import { toJsonLine } from '../../printable.ts';
import type { Clock } from '../../system.ts';
import { type ManifestLine, parseLine } from '../manifest-line.ts';
import { ManifestLines } from '../manifest-lines.ts';
import type { ObjectStore } from './object-store.ts';
import type { ListedObject } from './objects.ts';
import { LONGEST_LINE, PackedLines } from './packed-lines.ts';
import { isPiece, PIECES, pieceName, timeOfPiece } from './piece-names.ts';

/** So many pieces are fetched ahead. */
const AHEAD = 8;

/** What was recorded is in the store after so long, in milliseconds. */
const WRITTEN_WITHIN_MS = 30_000;

/** A piece that has grown to so many bytes is followed by another: a million lines come to a few hundred. */
const PIECE_BYTES = 1024 * 1024;

const NEWLINE = 0x0a;

/** A piece as it is read. */
interface ReadPiece {
  name: string;
  bytes: Buffer;
  /** Whether it is gone, or shorter than the listing has it: pieces only grow. */
  isShort: boolean;
}

/** A piece that this run writes. */
interface GrowingPiece {
  name: string;
  texts: Buffer[];
  bytes: number;
  isStored: boolean;
}

/** The pieces of an archive's manifest, in the order in which they are one. Throws `BUCKET`, and the signal's reason. */
export async function piecesOf(store: ObjectStore, prefix: string, signal?: AbortSignal): Promise<ListedObject[]> {
  const pieces: ListedObject[] = [];
  for await (const page of store.list(prefix + PIECES, signal)) {
    pieces.push(...page.filter(({ key }) => isPiece(key.slice(prefix.length))));
  }
  return pieces.sort((one, other) => (one.key < other.key ? -1 : 1));
}

/**
 * The manifest of an archive in a bucket, which lies in pieces: S3 adds to no object, and runs must not wait for each other. Each run writes pieces
 * of its own, `manifest/<time>-<run>-<n>.jsonl`, and stores the one that grows anew as it goes on. Read one after the other by their names they are
 * one manifest. All lines are held in memory, packed: nothing is written to the local disk.
 */
export class BucketManifest extends ManifestLines {
  readonly #store: ObjectStore;
  readonly #prefix: string;
  readonly #clock: Pick<Clock, 'now' | 'sleep'>;
  readonly #lines = new PackedLines();
  readonly #run = randomBytes(4).toString('hex');
  readonly #closed = new AbortController();
  #exists = false;
  /** When the last piece that was read, or begun, was begun: a clock that is behind must not put a later line before it. */
  #newest = 0;
  /** Pieces that are full, and not stored whole yet. */
  readonly #full: GrowingPiece[] = [];
  #piece: GrowingPiece | undefined;
  #pieces = 0;
  #isWaiting = false;
  #isDirty = false;
  #fault: unknown;
  readonly #flush = coalesce(() => this.#writePiece());

  private constructor(store: ObjectStore, prefix: string, clock: Pick<Clock, 'now' | 'sleep'>) {
    super();
    this.#store = store;
    this.#prefix = prefix;
    this.#clock = clock;
  }

  /**
   * Reads all pieces. `onLine` sees each line that can be read, in order, once. A line that cannot be read is damage: pieces are stored whole, so
   * that no crash leaves one torn. Throws `BUCKET`, and the signal's reason.
   */
  static async open(
    store: ObjectStore,
    prefix: string,
    clock: Pick<Clock, 'now' | 'sleep'>,
    onLine: (line: ManifestLine) => void = () => {},
    signal?: AbortSignal,
  ): Promise<BucketManifest> {
    const manifest = new BucketManifest(store, prefix, clock);
    for await (const piece of manifest.#read(signal)) {
      manifest.#newest = Math.max(manifest.#newest, timeOfPiece(piece.name) ?? 0);
      manifest.#exists = true;
      manifest.#take(piece, onLine);
    }
    return manifest;
  }

  /** Whether there is a piece at all. */
  get exists(): boolean {
    return this.#exists;
  }

  /** Adds a line, which is in the store within half a minute. Throws `BUCKET` where an earlier one could not be stored. */
  append(line: ManifestLine): void {
    if (this.#fault !== undefined) throw this.#fault;
    const text = Buffer.from(`${toJsonLine(line)}\n`);
    this.index(line, this.#lines.add(text.subarray(0, -1)));
    this.#exists = true;
    if (this.#piece === undefined || this.#piece.bytes >= PIECE_BYTES) this.#piece = this.#begin();
    this.#piece.texts.push(text);
    this.#piece.bytes += text.length;
    this.#isDirty = true;
    void this.#flushInTime();
  }

  /** Stores what is not stored yet. Throws `BUCKET`. */
  async flush(): Promise<void> {
    if (this.#fault !== undefined) throw this.#fault;
    if (this.#isDirty || this.#full.length > 0) await this.#flush();
  }

  /** Ends it; what is not stored yet is stored where that can be had. Never throws. */
  async close(): Promise<void> {
    this.#closed.abort();
    // What was in the way may have passed: what is lost here is only asked for once more, and is told already.
    this.#fault = undefined;
    await this.flush().catch(() => {});
  }

  protected textAt(place: number): string | undefined {
    return this.#lines.at(place);
  }

  async *#read(signal: AbortSignal | undefined): AsyncGenerator<ReadPiece> {
    const pieces = await piecesOf(this.#store, this.#prefix, signal);
    const under = pieces.slice(0, AHEAD).map((piece) => this.#get(piece, signal));
    for (const index of pieces.keys()) {
      const piece = await (under[index] as Promise<ReadPiece>);
      delete under[index];
      const next = pieces[index + AHEAD];
      if (next !== undefined) under[index + AHEAD] = this.#get(next, signal);
      yield piece;
    }
  }

  #get({ key, bytes: listed }: ListedObject, signal: AbortSignal | undefined): Promise<ReadPiece> {
    const name = key.slice(this.#prefix.length);
    const got = this.#store.bytes(key, signal).then((read) => {
      const bytes = read ?? Buffer.alloc(0);
      return { name, bytes, isShort: read === undefined || bytes.length < listed };
    });
    // It may fail before it is its turn.
    got.catch(() => {});
    return got;
  }

  #take({ name, bytes, isShort }: ReadPiece, onLine: (line: ManifestLine) => void): void {
    let number = 0;
    for (let from = 0; from < bytes.length; ) {
      const newline = bytes.indexOf(NEWLINE, from);
      const end = newline < 0 ? bytes.length : newline;
      const text = bytes.subarray(from, end);
      number += 1;
      from = end + 1;
      const isLong = text.length > LONGEST_LINE;
      const line = newline < 0 || isLong ? undefined : parseLine(text.toString('utf8'));
      if (line !== undefined) {
        this.index(line, this.#lines.add(text));
        onLine(line);
      } else if (isLong || text.toString('utf8').trim() !== '') {
        this.damage.add(number, name);
      }
    }
    if (isShort) this.damage.add(number + 1, name);
  }

  /** The next piece; the full one is stored as soon as can be. */
  #begin(): GrowingPiece {
    if (this.#piece !== undefined && this.#isDirty) {
      this.#full.push(this.#piece);
      this.#isDirty = false;
      void this.#flush().catch(() => {});
    }
    this.#newest = Math.max(this.#clock.now(), this.#newest + 1);
    this.#pieces += 1;
    return { name: pieceName(this.#newest, this.#run, this.#pieces), texts: [], bytes: 0, isStored: false };
  }

  async #flushInTime(): Promise<void> {
    if (this.#isWaiting) return;
    this.#isWaiting = true;
    try {
      await this.#clock.sleep(WRITTEN_WITHIN_MS, this.#closed.signal);
      this.#isWaiting = false;
      await this.flush();
    } catch {
      // It was closed, or the fault is told to whoever adds the next line, or closes.
      this.#isWaiting = false;
    }
  }

  async #writePiece(): Promise<void> {
    try {
      for (let full = this.#full[0]; full !== undefined; full = this.#full[0]) {
        await this.#put(full);
        this.#full.shift();
      }
      if (this.#piece === undefined || !this.#isDirty) return;
      this.#isDirty = false;
      await this.#put(this.#piece);
    } catch (error) {
      this.#isDirty = true;
      this.#fault = error;
      throw error;
    }
  }

  async #put(piece: GrowingPiece): Promise<void> {
    const body = Buffer.concat(piece.texts);
    piece.texts = [body];
    const key = this.#prefix + piece.name;
    const stored = await this.#store.putOwn(key, body, 'application/x-ndjson', piece.isStored ? 'anything' : 'absent');
    // A request that was taken for lost has stored the piece as it was then: nobody else's has this run's name.
    if (stored === 'taken') await this.#store.putOwn(key, body, 'application/x-ndjson');
    piece.isStored = true;
  }
}
