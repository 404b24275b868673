/** One row of a list of recordings. */
export interface ListRow {
  /** The recording's id, freed of what spreadsheets and people put around it. Empty where the row names none. */
  id: string;
  /** The line of the source that the row starts on, from 1; of a workbook its row, of a JSON array its element. */
  line: number;
  /** The row as it came, without its line end: what goes into `failed.txt`. A row of a workbook or of JSON is written as CSV. */
  raw: string;
  /** A report's values, as many as it has headers: what a row lacks at its end is empty. Absent in a list of ids. */
  columns?: readonly string[];
  /**
   * Why the row is no recording to fetch; absent where it is one. `blank`: a report's row without an id, a call that was not recorded.
   * `passedOver`: a comment, a repeated header, a total or another line that is no call. `filtered`: not among those that are wanted.
   */
  leftOut?: 'blank' | 'passedOver' | 'filtered';
}

/** The header row of a report. */
export interface ReportHeader {
  /** The headers in their order, outer blanks dropped. */
  headers: readonly string[];
  /** The header row as it came, without its line end; as CSV where it did not come as text. */
  raw: string;
  delimiter: Delimiter;
  /** Which of the headers is the id's, from 0. */
  idColumn: number;
}

/** What stands between the fields of a report. */
export type Delimiter = ',' | ';' | '\t' | '|';

/** A row longer than this is taken for a mistake: for a quote that is never closed, or a file that is no list. In characters. */
export const MAX_ROW_LENGTH = 16 * 1024 * 1024;

/** A header with more columns than this is taken for a mistake: for a file whose line breaks are lost. */
export const MAX_COLUMNS = 5000;

/** How {@link MAX_ROW_LENGTH} is called in messages. */
export const ROW_LIMIT = '16 MB';
