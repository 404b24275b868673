import type { Readable } from 'node:stream';
import type { ManifestLine } from './manifest.ts';

/** A line of a manifest, and where the next one begins. */
export interface PlacedLine {
  /** Undefined for a complete line that cannot be read. */
  line: ManifestLine | undefined;
  /** To be handed to {@link ArchiveReader.lines} for what comes after this line. */
  next: string;
}

/** A part of a file: the bytes from `from` up to and including `to`, counted from 0. */
export interface ByteRange {
  from: number;
  to: number;
}

/** An archive as whoever looks through it needs it: nothing is written, nothing is locked. */
export interface ArchiveReader {
  /** How the user called it. */
  readonly name: string;
  /**
   * The complete lines of its manifest in their order, from a place on (from the first where left out). It ends at the last one that is there;
   * asked again from its `next`, it gives what has come since. Throws `USAGE` where there is no manifest, `FILE_SYSTEM`, or the signal's reason.
   */
  lines(from: string | undefined, signal: AbortSignal): AsyncIterable<PlacedLine>;
  /** The bytes of a recording, by its `file` in the manifest; undefined where it is missing, no file, or not inside the archive. */
  size(file: string): Promise<number | undefined>;
  /** A recording's bytes as a stream, which fails with errors of the system. To be asked only for what {@link size} knows. */
  read(file: string, range?: ByteRange): Readable;
  /** Where a person finds the file: its path, or its address in a bucket. */
  locate(file: string): string;
}
