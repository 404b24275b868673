import { usageError } from '../../errors.ts';
import type { RecordingList } from '../id-list.ts';
import type { ListRow, ReportHeader } from '../list-row.ts';
import { headingOf, quoted } from './notices.ts';
import type { ReportSurvey, SurveyFindings } from './report-survey.ts';

/**
 * Surveys a report that can be read only once: its first rows are read before any of them is given, so that its dates are known to be written
 * so or so. `columns` are those that matter. The rows that follow are held against that: one whose date cannot be meant so ends the reading with
 * `USAGE`, before it or anything behind it is given.
 */
export async function surveyPipe(
  list: RecordingList,
  header: ReportHeader,
  survey: ReportSurvey,
  columns: (found: SurveyFindings) => readonly number[],
): Promise<{ found: SurveyFindings; batches: AsyncGenerator<ListRow[], void, undefined> }> {
  const rest = list.batches();
  const head: ListRow[][] = [];
  while (!survey.hasHead) {
    const next = await rest.next();
    if (next.done) break;
    head.push(next.value);
    for (const row of next.value) survey.add(row);
  }
  const found = survey.findings();
  const checked = columns(found);
  async function* batches() {
    try {
      yield* head;
      for await (const batch of rest) {
        for (const row of batch) {
          for (const column of checked) check(row, column);
          survey.add(row);
        }
        yield batch;
      }
    } finally {
      await rest.return();
    }
  }
  const check = (row: ListRow, column: number) => {
    const text = row.columns?.[column] ?? '';
    if (row.leftOut === 'passedOver' || !found.dates.isContradictedBy(text, column)) return;
    throw usageError(
      `${list.name}, line ${row.line}: ${quoted(text)} in column ${headingOf(header, column)} is not written as the dates before it are.`,
      'Save what comes through the pipe as a file, and give that: it is read to its end before anything is fetched.',
    );
  };
  return { found, batches: batches() };
}
