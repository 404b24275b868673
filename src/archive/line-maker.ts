import { isGone, type RecordingError } from '../errors.ts';
import type { SavedRecording } from '../events.ts';
import { distinctHeaders } from '../list/columns.ts';
import type { ListRow } from '../list/list-row.ts';
import type { Clock } from '../system.ts';
import type { ArchiveOptions, Known } from './archive.ts';
import type { ManifestLine } from './manifest-line.ts';
import type { Verdicts } from './verdicts.ts';

/** Makes the lines of a run: what every kind of archive records alike. */
export class LineMaker {
  readonly #clock: Pick<Clock, 'now'>;
  readonly #options: ArchiveOptions;
  readonly #before: (id: string) => ManifestLine | undefined;
  /** What a row's columns are called in the manifest. */
  readonly #keys: readonly string[] | undefined;

  /** `before` gives the last line of an id: a list of ids does not tell what a report has told. */
  constructor(clock: Pick<Clock, 'now'>, options: ArchiveOptions, before: (id: string) => ManifestLine | undefined) {
    this.#clock = clock;
    this.#options = options;
    this.#before = before;
    this.#keys = options.naming?.headers && distinctHeaders(options.naming.headers);
  }

  /** The line of a recording that lies under `file`, relative to the archive and with forward slashes. */
  saved(row: ListRow, recording: Omit<SavedRecording, 'file' | 'durationMs'>, file: string): ManifestLine {
    const { id, bytes, sha256, contentType, etag, attempts, incomplete, unconfirmed } = recording;
    return {
      ...{ id, status: 'saved', file, bytes, sha256, contentType, etag, attempts },
      at: this.#now(),
      ...this.#account(),
      error: null,
      ...(incomplete && { incomplete }),
      ...(unconfirmed !== undefined && { unconfirmed }),
      ...this.#columnsOf(row),
    };
  }

  /** The line of a row whose recording was not had: gone where its error is final, else failed. */
  refused(row: ListRow, error: RecordingError, attempts: number): ManifestLine {
    const gone = isGone(error.code) && !error.retryable;
    return {
      id: row.id,
      status: gone ? 'gone' : 'failed',
      ...{ file: null, bytes: null, sha256: null, contentType: null, etag: null },
      attempts,
      at: this.#now(),
      ...this.#account(),
      error: error.toJSON(),
      ...this.#columnsOf(row),
      ...(!gone && { raw: row.raw, ...(this.#options.header !== undefined && { header: this.#options.header }) }),
    };
  }

  /** A line that called a recording saved, for once more; under another file where it has one by now. */
  again(row: ListRow, line: ManifestLine, file: string | null): ManifestLine {
    return { ...line, file, at: this.#now(), ...this.#columnsOf(row) };
  }

  #now(): string {
    return new Date(this.#clock.now()).toISOString();
  }

  #account(): Pick<ManifestLine, 'account'> {
    const { account } = this.#options;
    return account === undefined ? {} : { account };
  }

  /** A report's row as the manifest keeps it; what a list of ids does not tell is kept as it was. */
  #columnsOf({ id, columns }: ListRow): Pick<ManifestLine, 'row'> {
    if (this.#keys === undefined || columns === undefined) {
      const row = this.#before(id)?.row;
      return row === undefined ? {} : { row };
    }
    return { row: Object.fromEntries(this.#keys.map((key, index) => [key, columns[index] ?? ''])) };
  }
}

/** What a line says of a recording, which lies under `file` as a user would type it. */
export function recordingOf(line: ManifestLine, file: string): SavedRecording {
  const { id, bytes, sha256, contentType, etag, attempts, incomplete, unconfirmed } = line;
  return {
    id,
    file,
    bytes: bytes ?? 0,
    sha256: sha256 ?? '',
    // Another hand may have left out what the manifest can do without.
    contentType: contentType ?? null,
    etag: etag ?? null,
    attempts: attempts ?? 1,
    durationMs: 0,
    ...(incomplete && { incomplete }),
    ...(unconfirmed !== undefined && { unconfirmed }),
  };
}

/** What is known of a recording that is not there whole, by the last line of its id. */
export function knownWithoutFile(last: ManifestLine, verdicts: Verdicts): Known {
  const { id, status, error } = last;
  const since = verdicts.invalidSince(id);
  const before = since === undefined ? {} : { invalidSince: since };
  if (status === 'gone' && error && verdicts.holds(last)) return { status, error, ...before };
  return { status: status === 'failed' ? status : 'wanted', ...before };
}
