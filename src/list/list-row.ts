/** One row of a list of recordings. */
export interface ListRow {
  /** The recording's id, outer blanks dropped. Empty where a report has none in this row: a call that was not recorded. */
  id: string;
  /** The line of the source that the row starts on, from 1. */
  line: number;
  /** The row as it came, without its line end: what goes into `failed.txt`. */
  raw: string;
  /** A report's values as they came, as many as it has headers: what a row lacks at its end is empty. Absent in a list of ids. */
  columns?: readonly string[];
  /** Why the row is no recording to fetch; left out where it is one. A blank row has no id either. */
  leftOut?: 'blank' | 'passedOver' | 'filtered';
}

/** The header row of a report. */
export interface ReportHeader {
  /** The headers in their order, outer blanks dropped. */
  headers: readonly string[];
  /** The header row as it came, without its line end. */
  raw: string;
  delimiter: Delimiter;
  /** Which of the headers is the id's, from 0. */
  idColumn: number;
}

/** What stands between the fields of a report. */
export type Delimiter = ',' | ';' | '\t';

/** A row longer than this is taken for a mistake: for a quote that is never closed, or a file that is no list. In characters. */
export const MAX_ROW_LENGTH = 1024 * 1024;
