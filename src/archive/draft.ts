import type { SavedRecording } from '../events.ts';

/** The object that a draft's bytes belong to, so that a resume goes on with the same one. */
export interface ObjectIdentity {
  /** The object's ETag as the store sent it. */
  etag: string;
  /** The whole object's bytes, where the store told. */
  totalBytes: number | undefined;
}

/** What is known of a recording whose bytes are all there and proven: all but its name. */
export type Fetched = Omit<SavedRecording, 'id' | 'file'> & {
  /** The extension that it is to bear, without a dot. */
  extension: string;
};

/**
 * One recording while it is fetched: bytes that do not bear their final name yet. {@link https://rclone.org rclone}'s order holds:
 * partial, proven, moved.
 */
export interface Draft {
  /** How many bytes it holds now. */
  readonly length: number;
  /** What its bytes belong to; undefined where that is not known, so that nothing can be added to them. */
  readonly identity: ObjectIdentity | undefined;
  /** How many more bytes there is room for where it lies; undefined where that cannot be told. Never throws. */
  room?(): Promise<number | undefined>;
  /** The bytes it holds from an earlier run, in order, so that they can be hashed. */
  earlier(): AsyncIterable<Uint8Array>;
  /** Throws away what it holds. What is written next is the named object's, or an unnameable one's. */
  restart(identity: ObjectIdentity | undefined): Promise<void>;
  /**
   * What the recording will most likely turn out to be by its first bytes, as the extension that it will bear; told before the first of them is
   * written. An archive whose recordings need a name before they have ended goes by it.
   */
  expect?(extension: string): void;
  /** Adds bytes, which must not be changed any more. Where more are to wait, gives a promise for when they can come. Throws `FILE_SYSTEM` or `BUCKET`, at once or with what is called next. */
  write(bytes: Uint8Array): Promise<void> | undefined;
  /**
   * Makes the bytes safe, gives them their final name in one step that cannot be half done, and, in an archive, records them there. Throws
   * `FILE_EXISTS`, `FILE_SYSTEM` or `CONTENT_MISMATCH`. It can be called once more then: what bears its name already is only recorded.
   */
  commit(fetched: Fetched): Promise<SavedRecording>;
  /** Leaves it for a later run to go on with, where that can be; else throws it away. Never throws. */
  keep(): Promise<void>;
  /** Throws it away, unless it bears its final name already. Never throws. */
  discard(): Promise<void>;
}

/** Where a single recording ends up: a folder, a file or standard output. */
export interface Destination {
  /** Begins the draft of a recording, or takes up the one that an earlier run left. Throws `FILE_EXISTS`, `FILE_SYSTEM` or `LOCKED`. */
  open(id: string): Promise<Draft>;
}
