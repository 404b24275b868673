import { RecordingError } from '../errors.ts';
import type { ReportHeader } from './list-row.ts';
import type { Teller } from './notices.ts';

/** A row of a report, as it was read from a text, a workbook or JSON. */
export interface TableRecord {
  fields: string[];
  /** The row as it came; absent where it did not come as text. */
  raw?: string | undefined;
  /** Its number: of the line that it starts on, or as {@link ReportTable.place} understands it. */
  line: number;
  /** Why it cannot be read, where it cannot. */
  problem?: string | undefined;
}

/** A report whose header has been found. */
export interface ReportTable {
  readonly header: ReportHeader;
  /** Its first rows, which say what is usual in it. */
  readonly sample: readonly (readonly string[])[];
  /** How many comments stand above the header. */
  readonly comments: number;
  /** How a row, or one of its cells, is called: `line 3`, `cell B3`, `record 3`. */
  place(line: number, column?: number): string;
  /** All rows, many at a time. To be asked for once. */
  records(): AsyncGenerator<TableRecord[], void, undefined>;
}

/** Takes a row that cannot be read: as it came, its line, and why. */
export type OnBadRow = (raw: string, line: number, why: string) => void;

/** What the reading of a list goes with. */
export interface Reading {
  /** How messages call the list. */
  name: string;
  teller: Teller;
  /** Where given, a row that cannot be read is handed to it and passed over; else it ends the reading. */
  onBadRow: OnBadRow | undefined;
}

/** Hands a row that cannot be read to whoever takes such rows, and tells of it. Throws the error where nobody does, or where it is another's. */
export function leaveOut(error: unknown, raw: string, line: number, { onBadRow, teller }: Reading): void {
  if (onBadRow === undefined || !(error instanceof RecordingError) || error.code !== 'USAGE') throw error;
  onBadRow(raw, line, error.message);
  teller.row('could not be read', `${error.message} The row is left out.`, true);
}

/** Fields as a row of CSV. */
export function csvLine(fields: readonly string[]): string {
  return fields.map((field) => (/[",\r\n]|^\s|\s$|^#/u.test(field) ? `"${field.replaceAll('"', '""')}"` : field)).join(',');
}
