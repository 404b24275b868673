import type { ErrorReport, RecordingError } from '../errors.ts';
import type { SavedRecording } from '../events.ts';
import type { ListRow } from '../list/list-row.ts';
import type { Draft } from './draft.ts';
import type { Naming } from './name-template.ts';

/** What is known of a recording from earlier runs. */
export type Known =
  /** `denied`: a later line of the manifest says otherwise, and the file was hashed and found whole all the same; see {@link Archive.confirm}. */
  | { status: 'saved'; recording: SavedRecording; denied?: true }
  /** The service has said, of this account, that asking again is pointless. */
  | ({ status: 'gone'; error: ErrorReport } & InvalidBefore)
  /** Asked for in vain (`failed`), or never, or saved once and not whole any more (`wanted`). */
  | ({ status: 'failed' | 'wanted' } & InvalidBefore);

/** What the service has said of an id before. */
interface InvalidBefore {
  /** When it first called the id invalid, in milliseconds since 1970 UTC; left out where it never did. */
  invalidSince?: number;
}

/** What an archive is told of the run that opens it. */
export interface ArchiveOptions {
  /** How recordings are called, and what the columns of their rows are; `<id>.<extension>` where left out. */
  naming?: Naming;
  /** The header row of the report that the rows come from, as it came; left out for a list of ids. */
  header?: string | undefined;
  /** The account that is asked: its name in the manifest. Where left out, what was said to any account holds. */
  account?: string | undefined;
  /** Told what a person should know, and what ends nothing: damage in the manifest, for instance, or a file that was moved aside. */
  onNotice?: ((message: string) => void) | undefined;
  /** Cuts the reading of the manifest short. */
  signal?: AbortSignal | undefined;
}

/** How closely an archive looks; see {@link Archive.know}. */
export interface KnowOptions {
  /** Take a file for whole only after hashing it again. */
  checksum: boolean;
  /** Cuts a hash short: a file of many GB takes minutes. What is known then is what the manifest says. */
  signal?: AbortSignal;
}

/**
 * Where the recordings of many rows end up, and what is remembered of them: a folder, or a bucket. Every kind passes the same tests
 * (`test/archive/contract.ts`).
 */
export interface Archive {
  /** Whether no run has recorded anything in it yet. */
  readonly isEmpty: boolean;
  /** What earlier runs left of this recording. Throws `FILE_SYSTEM` or `BUCKET` where that cannot be read. */
  know(id: string, options: KnowOptions): Known | Promise<Known>;
  /** Records again as saved what {@link know} found whole, though a later line says otherwise, so that the last line tells the truth. */
  confirm(id: string): Promise<void>;
  /**
   * Begins the draft of a row's recording, or takes up what an earlier run left of it. Its `commit` names the recording and records it, and
   * resolves when both are safe.
   */
  open(row: ListRow): Promise<Draft>;
  /**
   * Records that a row's recording was not had: as gone where its error is final, else as failed, to be listed in `failed.txt`. Resolves when
   * that is safe.
   */
  refuse(row: ListRow, error: RecordingError, attempts: number): Promise<void>;
  /**
   * Lists the rows that are worth another run, of all lists that were ever run into this archive, in `failed.txt`; takes the last list away
   * where there are none. Returns its path, undefined where there is none. Throws where it cannot be written, or another's file stands there.
   */
  listFailed(): Promise<string | undefined>;
  /** Lets go of the archive. Never throws. */
  close(): Promise<void>;
}
