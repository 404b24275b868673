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
}

/** The rows of reports with the same columns, whose dates are written alike. */
interface Kin {
  survey: ReportSurvey;
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

  /** Looks at a row. */
  learn(row: RecordedRow): void {
    const kin = this.#kinOf(row);
    kin.survey.add(listRow(row));
    kin.found = undefined;
  }

  /** When the call of a row was; undefined where nothing tells. */
  of(row: RecordedRow): CallTime | undefined {
    const kin = this.#kinOf(row);
    kin.found ??= foundIn(kin.survey);
    const { dates, column } = kin.found;
    const date = column === undefined ? undefined : dates.date(Object.values(row), column);
    const span = dates.spanOf(listRow(row));
    return date && span && { span, day: formatReportDate(date, 'yyyy-MM-dd') };
  }

  #kinOf(row: RecordedRow): Kin {
    const headers = Object.keys(row);
    const key = JSON.stringify(headers);
    let kin = this.#kins.get(key);
    if (kin === undefined) {
      const header = { headers, raw: '', delimiter: ',', idColumn: -1 } as const;
      const survey = new ReportSurvey({ header, dateColumn: undefined, columns: [], now: this.#now, zone: this.#zone });
      kin = { survey, found: undefined };
      this.#kins.set(key, kin);
    }
    return kin;
  }
}

function foundIn(survey: ReportSurvey) {
  const { dates, date } = survey.findings();
  return { dates, column: date };
}

function listRow(row: RecordedRow): ListRow {
  return { id: 'recorded', line: 0, raw: '', columns: Object.values(row) };
}
