import type { ErrorReport, RecordingError } from '../errors.ts';
import type { SavedRecording } from '../events.ts';
import type { ListRow } from '../list/list-row.ts';
import type { LogEntry } from '../log.ts';
import type { Redactor } from '../redact.ts';
import type { System } from '../system.ts';
import type { Draft } from './draft.ts';
import type { ListedArchive, ListingSurvey } from './listing.ts';
import type { Naming } from './name-template.ts';
import type { ArchiveReader } from './reader.ts';
import type { CheckedArchive } from './verify.ts';

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

/** A run's part of a list that several work through. */
export interface Share {
  /** Counted from 1. */
  index: number;
  count: number;
  holds: (id: string) => boolean;
}

/** What an archive is told of the run that opens it. */
export interface ArchiveOptions {
  /** How recordings are called, and what the columns of their rows are; `<id>.<extension>` where left out. */
  naming?: Naming;
  /** The header row of the report that the rows come from, as it came; left out for a list of ids. */
  header?: string | undefined;
  /** This run's share of the list, where it has one: its `failed.txt` is its own then, and holds its rows alone. */
  share?: Share | undefined;
  /** The account that is asked: its name in the manifest. Where left out, what was said to any account holds. */
  account?: string | undefined;
  /** Told what a person should know, and what ends nothing: damage in the manifest, for instance, or a file that was moved aside. */
  onNotice?: ((message: string) => void) | undefined;
  /** Cuts the reading of the manifest short, and what a run that is stopped must not wait for. */
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
  /** The file, relative to the archive, and the hash that a recording was last saved with; undefined where it never was. */
  saved(id: string): { file: string; sha256: string } | undefined;
  /** Records again as saved what {@link know} found whole, though a later line says otherwise, so that the last line tells the truth. */
  confirm(row: ListRow): Promise<void>;
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
  /**
   * Puts the rows that could not be read (`badRowsText`) into `bad-rows.txt`, in the place of those of an earlier run; takes that away where the
   * text is undefined. Returns its path, undefined where there is none. Throws where it cannot be written, or another's file stands there.
   */
  listBadRows(text: string | undefined): Promise<string | undefined>;
  /** Resolves when all that was recorded is safe. {@link listFailed} sees to it as well. Throws `BUCKET`. */
  flush(): Promise<void>;
  /** Lets go of the archive. Never throws. */
  close(): Promise<void>;
}

/** The right to write into an archive. */
export interface Hold {
  /** Aborted, with an error as its reason, where the right is lost. */
  readonly lost: AbortSignal;
  /** Never throws. */
  release(): Promise<void>;
}

/** An archive that is only looked at, and is let go of at the end. */
export type Looked<Kind> = Kind & { close(): Promise<void> };

/** What an archive's home works with. */
export interface HomeTools {
  system: System;
  /** Is told the store's secrets. */
  redactor: Redactor;
  /** Where requests to a bucket are logged, where a log is kept. */
  entry?: LogEntry;
}

/** Where an archive lies or is to lie: the one thing that commands know of its kind. Nothing is asked or made before a method is called. */
export interface ArchiveHome {
  /** How the user called it. */
  readonly name: string;
  /** How long a run may take to end in good order once it was told to stop, in milliseconds; left out where a moment will do. */
  readonly stopMs?: number;
  /** Whether several runs may be at work in it at once, so that their names must not meet; see {@link Naming.isShared}. */
  readonly isShared: boolean;
  /** Whether there is a manifest. Throws what reading it throws. */
  hasManifest(): Promise<boolean>;
  /**
   * Makes sure that it can be written to, and keeps other runs away where two could spoil each other's work; to be called before anything is asked
   * of the service. Throws `FILE_SYSTEM`, `BUCKET`, or `LOCKED`.
   */
  hold(): Promise<Hold>;
  /** Makes sure that it can be written to, where that shows without writing. Throws `BUCKET`. */
  tryOut(): Promise<void>;
  /** Opens it for a run that holds it, or one that only asks what is known. Throws `FILE_SYSTEM` or `BUCKET`. */
  open(options: ArchiveOptions): Promise<Archive>;
  /** For `verify`; `checksum`: every byte is read, also where the store's own checksums could do. Throws as {@link open} does, and the signal's reason. */
  check(signal: AbortSignal, how: { checksum: boolean }): Promise<Looked<CheckedArchive>>;
  /** For `list`; the survey is shown every line. Throws `USAGE` where there is no manifest, and as {@link check} does. */
  listing(survey: ListingSurvey, signal: AbortSignal): Promise<Looked<ListedArchive>>;
  /** For `browse`. */
  reader(): ArchiveReader;
}
