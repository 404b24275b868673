import { formatReportDate } from '../list/dates/report-date.ts';
import type { ReportDates } from '../list/dates/report-dates.ts';
import { ReportSurvey } from '../list/dates/report-survey.ts';
import type { ListRow } from '../list/list-row.ts';
import type { Span } from '../list/span.ts';
import { type TimeZone, UTC } from '../list/time-zone.ts';

/** A report's columns, as the manifest keeps them of a recording. */
export type RecordedRow = Readonly<Record<string, string>>;

/** When a call was. */
export interface CallTime {
  span: Span;
  /** The day as the report writes it, `2026-11-20`. */
  day: string;
  /** The day and, as far as the report tells it, the time: `2026-11-20 09:15`. */
  text: string;
  /** The header of the column that tells it. */
  column: string;
}

/** Of very many rows a part shows how dates are written, and a million take seconds to be looked at: all of the first ones, then one in so many. */
const ALL_LOOKED_AT = 20_000;
const ONE_IN = 16;

/** The rows of reports with the same columns, whose dates are written alike. */
interface Kin {
  survey: ReportSurvey;
  rows: number;
  /** What it comes to, until another row is looked at: the reader of its dates, and the column of the calls'. */
  found: { dates: ReportDates; column: number | undefined } | undefined;
}

/**
 * Tells when the calls of an archive were, from the columns of the reports that they came from. Rows are shown to it first, so that it can find which
 * columns are dates and how they are written, those of each make of report by themselves.
 */
export class CallTimes {
  readonly #now: number;
  readonly #zone: TimeZone;
  readonly #kins = new Map<string, Kin>();

  /** `now` is the wall clock in milliseconds since 1970 UTC: no call lies in the future. `zone` is that of dates which name none. */
  constructor(now: number, zone: TimeZone = UTC) {
    this.#now = now;
    this.#zone = zone;
  }

  /** Looks at a row. Returns whether it is the first one with these columns. */
  learn(row: RecordedRow): boolean {
    const kin = this.#kinOf(row);
    kin.rows += 1;
    if (kin.rows <= ALL_LOOKED_AT || kin.rows % ONE_IN === 0) {
      kin.survey.add(listRow(row));
      kin.found = undefined;
    }
    return kin.rows === 1;
  }

  /** When the call of a row was; undefined where nothing tells. */
  of(row: RecordedRow): CallTime | undefined {
    const kin = this.#kinOf(row);
    kin.found ??= foundIn(kin.survey);
    const { dates, column } = kin.found;
    const date = column === undefined ? undefined : dates.date(Object.values(row), column);
    const span = dates.spanOf(listRow(row));
    if (date === undefined || span === undefined) return undefined;
    const day = formatReportDate(date, PATTERNS.day);
    const text = formatReportDate(date, PATTERNS[date.precision]);
    return { span, day, text, column: Object.keys(row)[column ?? 0] ?? '' };
  }

  #kinOf(row: RecordedRow): Kin {
    const headers = Object.keys(row);
    const key = headers.join('\0');
    let kin = this.#kins.get(key);
    if (kin === undefined) {
      const header = { headers, raw: '', delimiter: ',', idColumn: -1 } as const;
      const survey = new ReportSurvey({ header, dateColumn: undefined, columns: [], now: this.#now, zone: this.#zone });
      kin = { survey, rows: 0, found: undefined };
      this.#kins.set(key, kin);
    }
    return kin;
  }
}

const PATTERNS = { day: 'yyyy-MM-dd', minute: 'yyyy-MM-dd HH:mm', second: 'yyyy-MM-dd HH:mm:ss' } as const;

function foundIn(survey: ReportSurvey) {
  const { dates, date } = survey.findings();
  return { dates, column: date };
}

function listRow(row: RecordedRow): ListRow {
  return { id: 'recorded', line: 0, raw: '', columns: Object.values(row) };
}
