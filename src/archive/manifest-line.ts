import { type ErrorReport, isGone } from '../errors.ts';
import { isObject } from '../is-object.ts';

/** What the manifest says of one recording. The last line for an id holds. */
export interface ManifestLine {
  id: string;
  status: 'saved' | 'gone' | 'failed';
  /** Where it lies, relative to the archive, with forward slashes; null where it is not saved. */
  file: string | null;
  bytes: number | null;
  sha256: string | null;
  contentType: string | null;
  etag: string | null;
  attempts: number;
  /** When this was written: ISO 8601, UTC. */
  at: string;
  error: ErrorReport | null;
  /** Whom the service answered: SID and base URL. Absent in manifests of earlier versions. */
  account?: string;
  /** The recording's own header announces more bytes than the store has of it. */
  incomplete?: { announced: number; bytes: number };
  /** Which check its bytes did not pass although they came twice alike, `etag` for instance. */
  unconfirmed?: string;
  /** What the store said of the object, where the archive lies in a bucket: by it a later change shows without reading the object. */
  object?: { etag?: string; checksum?: string };
  /** The report's columns of this recording, so that the archive can be searched by caller or date; absent for a list of ids. */
  row?: Record<string, string>;
  /** Of a row that failed: the row as it came, and the header row of its report, from which `failed.txt` is written. */
  raw?: string;
  header?: string;
}

/** A line of the manifest; undefined for what is none, as a crash, a bad disk or another hand can leave it. */
export function parseLine(text: string | undefined): ManifestLine | undefined {
  if (text === undefined) return undefined;
  try {
    const line: unknown = JSON.parse(text);
    return isManifestLine(line) ? line : undefined;
  } catch {
    return undefined;
  }
}

/** Whether all that is read of a line again is there. */
function isManifestLine(value: unknown): value is ManifestLine {
  const line = value as Partial<ManifestLine> | null;
  if (typeof line?.id !== 'string' || !isRow(line.row)) return false;
  switch (line.status) {
    case 'saved':
      return typeof line.file === 'string' && isCount(line.bytes) && isSha256(line.sha256);
    case 'gone':
      return isFile(line.file) && isGoneReport(line.error ?? {});
    case 'failed':
      return isFile(line.file);
    default:
      return false;
  }
}

/** 64 lower-case hexadecimal digits. By hand: of a million lines, a regular expression takes half a second more. */
function isSha256(value: unknown): boolean {
  if (typeof value !== 'string' || value.length !== 64) return false;
  for (let at = 0; at < 64; at += 1) {
    const code = value.charCodeAt(at);
    if (!(code >= 48 && code <= 57) && !(code >= 97 && code <= 102)) return false;
  }
  return true;
}

/** A report's columns, or none. What is neither would end whoever lists or searches the archive. */
function isRow(row: unknown): boolean {
  return row === undefined || (isObject(row) && Object.values(row).every((value) => typeof value === 'string'));
}

/** The file of what is not saved: none, unless an earlier run had saved it. */
function isFile(file: unknown): boolean {
  return file === undefined || file === null || typeof file === 'string';
}

function isGoneReport({ code, message, hint }: Partial<ErrorReport>): boolean {
  return code !== undefined && isGone(code) && typeof message === 'string' && typeof hint === 'string';
}

function isCount(value: unknown): boolean {
  return Number.isSafeInteger(value) && (value as number) >= 0;
}
