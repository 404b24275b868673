import type { RecordingError } from './errors.ts';

/** What is known of a recording that lies whole under its final name. */
export interface SavedRecording {
  id: string;
  /** The path of the file as a user would type it (relative paths stay relative); `-` for standard output. */
  file: string;
  bytes: number;
  /** SHA-256 of the bytes, 64 lower-case hexadecimal digits. */
  sha256: string;
  /** The Content-Type as the store sent it; null where it sent none. */
  contentType: string | null;
  /** The ETag as the store sent it, quotes and all; null where it sent none. */
  etag: string | null;
  /** How many times the service or the store was turned to until the recording was whole: 1 when all went well. */
  attempts: number;
  durationMs: number;
  /** Where the file's own header announces more than there is of it: it is kept as the store has it. */
  incomplete?: Unfinished;
  /** `etag`: the store's ETag looks like an MD5 of the bytes and is none, while two whole copies of them were equal. */
  unconfirmed?: string;
}

/** How many bytes a recording is to have by its own header, and how many it has. */
export interface Unfinished {
  announced: number;
  bytes: number;
}

/** What happens to one recording, in the order in which it happens. `saved`, `skipped`, `gone` and `failed` are ends: each recording has exactly one. */
export type RecordingEvent =
  | { type: 'started'; id: string }
  | {
      type: 'progress';
      id: string;
      /** Bytes of the recording that are there by now, those of an earlier run included. */
      bytes: number;
      /** The whole recording's bytes, where the store told. */
      totalBytes: number | undefined;
    }
  | {
      type: 'retrying';
      id: string;
      attempt: number;
      delayMs: number;
      error: RecordingError;
    }
  /** Something that a person should know, and that ends nothing; `always`: with `--quiet` too. */
  | { type: 'notice'; message: string; always?: boolean }
  | { type: 'saved'; recording: SavedRecording }
  | { type: 'skipped'; recording: SavedRecording }
  /** `asked` is false for what an earlier run found out. */
  | { type: 'gone'; id: string; error: RecordingError; asked: boolean }
  | { type: 'failed'; id: string; error: RecordingError; asked: boolean };

/** Takes what happens as it happens. It must not throw, and what it does must be quick: the work waits for it. */
export type OnEvent<Event = RecordingEvent> = (event: Event) => void;

/**
 * How a batch went: `saved`, `skipped`, `gone`, `failed` and `notReached` add up to `total`. Rows that count for none of them (repeated ids, and
 * what is no recording to fetch) are counted apart.
 */
export interface BatchSummary {
  total: number;
  saved: number;
  skipped: number;
  gone: number;
  failed: number;
  /** Rows that had no end when the run was stopped: not asked for, or under way. */
  notReached: number;
  duplicates: number;
  /** Rows without an id: calls that were not recorded. */
  blank: number;
  /** Rows that are none, such as remarks and totals. */
  passedOver: number;
  /** Rows that were not wanted, by their date or another column. */
  filtered: number;
  /** The bytes of the recordings saved in this run. */
  bytes: number;
  durationMs: number;
}

/** What happens to a batch beside what happens to its recordings. */
export type BatchEvent =
  /** The work begins. `total` is the number of rows, where it could be counted beforehand; `archive` as the user typed it. */
  | { type: 'begun'; total: number | undefined; archive: string }
  /** A row that counts for nothing, and why. */
  | { type: 'passed-over'; why: 'duplicate' | 'blank' | 'passedOver' | 'filtered' }
  | BatchEnd;

/** A batch is over. */
export interface BatchEnd {
  type: 'ended';
  summary: BatchSummary;
  /** Where the recordings are, as the user typed it. */
  archive: string;
  /** What stopped it before it came to the end of its list; undefined where nothing did. */
  stopped: RecordingError | undefined;
  /** Whether the rest of the list was neither read nor counted: it came through a pipe, for instance. */
  restUnread?: boolean;
  /** Where the rows that are worth another run are listed; left out where they are not. */
  failedList?: string | undefined;
  /** How many rows of the list are past the service's 6 months by the date that they bear. */
  pastRetention?: number;
}

/** All that a reporter is told. */
export type ReportEvent = RecordingEvent | BatchEvent;

/** The findings that each recording has exactly one of. */
export function isOfRecording({ status }: Finding): boolean {
  return status !== 'damaged' && status !== 'torn' && status !== 'incomplete' && status !== 'unrecorded' && status !== 'moved';
}

/** What the check of an archive finds out about one file, which is named relative to the archive, with forward slashes. */
export type Finding =
  /** As it was saved. */
  | { status: 'whole'; id: string; file: string; bytes: number }
  /** Not there any more. */
  | { status: 'missing'; id: string; file: string }
  /** Of another size than it was saved with. */
  | { status: 'short'; id: string; file: string; bytes: number; expectedBytes: number }
  /** Of the right size, with other bytes. */
  | { status: 'changed'; id: string; file: string; sha256: string | null; expectedSha256: string }
  /** There, but it cannot be read. */
  | { status: 'unreadable'; id: string; file: string; why: string }
  /** A symbolic link stands in its place. */
  | { status: 'link'; id: string; file: string }
  /** Recorded as the file of another id already. */
  | { status: 'shared'; id: string; file: string }
  /** So many lines of the manifest, from this one on, cannot be read. */
  | { status: 'damaged'; file: string; line: number; lines: number }
  /** The manifest's last line was begun and not ended. No damage: nothing was recorded by it. */
  | { status: 'torn'; file: string; line: number }
  /** Whole, but its own header announces more bytes than the service has of it. No damage. */
  | { status: 'incomplete'; id: string; file: string; bytes: number; announced: number }
  /** There, and in no line of the manifest; `why` it cannot be looked into, where it is a folder that may not be read. */
  | { status: 'unrecorded'; file: string; why?: string }
  /** Missing under its name; a file that nobody recorded has its bytes. */
  | { status: 'moved'; id: string; file: string; to: string };
