import { normaliseHeader } from '../columns.ts';
import type { ReportHeader } from '../list-row.ts';
import { namedColumn } from '../named-column.ts';
import type { ColumnSurvey } from './column-survey.ts';

/** What a call's date is called in a report, the likelier first; normalised. */
const DATE_HEADERS = [
  'starttime',
  'callstarttime',
  'startdatetime',
  'startdate',
  'startedat',
  'calldate',
  'calltime',
  'calldatetime',
  'datetime',
  'date',
  'recordingdate',
  'recordedat',
  'createdat',
  'createdon',
  'created',
  'timestamp',
  'time',
];

/** What the time of a call is called where its day stands in another column; normalised. */
const TIME_HEADERS = [
  ...['starttime', 'callstarttime', 'calltime', 'time', 'startedat', 'timeofcall', 'timeofday', 'hour'],
  ...['ora', 'orainizio', 'orario', 'hora', 'horainicio', 'horadeinicio', 'heure', 'heuredébut', 'uhrzeit', 'zeit', 'startzeit', 'horário'],
];

/** Words that such a header has in it beside others (`Ora chiamata`, `Time (UTC)`), and those that a duration has. */
const TIME_WORD = /(?<!\p{L})(?:time|start|ora|orario|inizio|hora|hor[aá]rio|heure|uhrzeit|(?:start|anruf)?zeit|beginn)(?!\p{L})/iu;
const DURATION = /dur|dauer|talk|wait|warte|attes|attente|espera|ring|hold|bill|queue|total|handl|length|elapsed|response|convers|gespr/u;

/** Words of columns that have dates, and not that of the call's beginning. */
const OTHER_DATES = /end|fin[ei]?|ende|stop|hang|finish|updat|modif|expir|scaden|answer|birth|nascita|due/u;

/** So many of a column's values must be dates for it to be found by them, and most of those of a column that is found by its header. */
const MOST_VALUES = 0.9;
const HALF = 0.5;

/** The columns that say when a call was. */
export interface DateColumns {
  date: number | undefined;
  /** The column that has the time of day, where the other has the day alone. */
  time: number | undefined;
}

/** The index of the column that `--date-column` names. Throws `USAGE` where it is not there, or there twice. */
export function namedDateColumn(header: ReportHeader | undefined, name: string): number {
  return namedColumn(header?.headers, name, '--date-column');
}

/** The column that is likeliest by its header alone to say when a call was; undefined where none is headed so. */
export function dateColumnByHeader(header: ReportHeader): number | undefined {
  return byHeader(header).at(0);
}

/**
 * The columns that say when a call was, by their headers and by what the first rows have in them: `surveys` are those of all columns, in
 * their order. `named` is what `--date-column` has settled. The column headed likeliest is taken if its values are dates; else the first one
 * whose values are dates, and that is not headed as something else's; else the one that is headed so, whatever is in it.
 */
export function findDateColumns(header: ReportHeader, surveys: readonly ColumnSurvey[], named: number | undefined): DateColumns {
  const headed = byHeader(header);
  const share = (column: number) => surveys[column]?.share;
  const date =
    named ??
    headed.find((column) => (share(column) ?? 1) > HALF && surveys[column]?.isOfTimes !== true) ??
    columnOfDates(header, surveys) ??
    headed.at(0);
  const pairs = date !== undefined && surveys[date]?.hasDaysAlone === true;
  return { date, time: pairs ? timeColumn(header, surveys, date) : undefined };
}

function byHeader(header: ReportHeader): number[] {
  const names = header.headers.map(normaliseHeader);
  return DATE_HEADERS.map((name) => names.indexOf(name)).filter((index) => index >= 0);
}

function columnOfDates(header: ReportHeader, surveys: readonly ColumnSurvey[]): number | undefined {
  const found = [...surveys.entries()]
    .filter(([column, survey]) => column !== header.idColumn && survey.isPlain && !survey.isOfTimes && (survey.share ?? 0) >= MOST_VALUES)
    .map(([column]) => column);
  return found.find((column) => !OTHER_DATES.test(normaliseHeader(header.headers[column] ?? ''))) ?? found.at(0);
}

/** A duration is written as a time is: only a header tells them apart. */
function timeColumn(header: ReportHeader, surveys: readonly ColumnSurvey[], date: number): number | undefined {
  const names = header.headers.map(normaliseHeader);
  const twin = (names[date] ?? '').replace(/date|day/u, 'time');
  const hasTimes = (column: number) => column !== date && surveys[column]?.isOfTimes === true && surveys[column].timeShare > HALF;
  const exact = [twin, ...TIME_HEADERS].map((name) => names.indexOf(name)).find(hasTimes);
  if (exact !== undefined) return exact;
  const isOther = (name: string) => OTHER_DATES.test(name) || DURATION.test(name);
  const [only, another] = [...header.headers.keys()].filter(
    (column) => TIME_WORD.test(header.headers[column] ?? '') && !isOther(names[column] ?? '') && hasTimes(column),
  );
  return another === undefined ? only : undefined;
}
