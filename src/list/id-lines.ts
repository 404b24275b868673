import { type RecordingError, usageError } from '../errors.ts';
import { type ListRow, MAX_ROW_LENGTH, ROW_LIMIT } from './list-row.ts';
import { type IdProblem, isCommentText, NO_ID, readId, refusedId, stripOuter } from './recording-id.ts';
import { leaveOut, type Reading } from './report-table.ts';

/** A line of a list as it came, and its number. */
export interface NumberedLine {
  text: string;
  line: number;
}

/** The id that a line of a list holds, empty where it says that there is none; the reason where it cannot be one: a sentence, or several values. */
export function idOfLine(text: string): string | IdProblem {
  const id = readId(text);
  return typeof id === 'string' && /[\s,;|]/u.test(id) ? NO_ID : id;
}

/**
 * The rows of a list of ids, a batch for each batch of lines. Blank lines, comments and words that say that there is no id are given too, to
 * be counted. Throws USAGE, with the line, for what cannot be an id, after the rows before it; and where no line of all names a recording.
 */
export async function* idRows(
  batches: AsyncIterable<NumberedLine[]>,
  reading: Reading,
  skipped = 0,
): AsyncGenerator<ListRow[], void, undefined> {
  let anyId = false;
  if (skipped > 0) yield Array.from({ length: skipped }, () => SKIPPED);
  for await (const lines of batches) {
    const rows: ListRow[] = [];
    try {
      for (const line of lines) {
        const row = rowOf(line, reading);
        if (row === undefined) continue;
        if (row.leftOut === undefined) anyId = true;
        rows.push(row);
      }
    } catch (error) {
      if (rows.length > 0) yield rows;
      throw error;
    }
    if (rows.length > 0) yield rows;
  }
  if (!anyId) throw namesNothing(reading.name);
  reading.teller.end();
}

/** The error for a list without a single id. */
export function namesNothing(name: string): RecordingError {
  return usageError(
    `${name} names no recordings: it has no line with an id.`,
    'Check that this is the right file, and that what wrote it worked.',
  );
}

/** A line before the first id, of which nothing is left but that it is counted. */
const SKIPPED: ListRow = { id: '', line: 0, raw: '', leftOut: 'passedOver' };

function rowOf({ text, line }: NumberedLine, reading: Reading): ListRow | undefined {
  try {
    if (text.length > MAX_ROW_LENGTH) {
      throw usageError(
        `${reading.name}, line ${line}: the line is longer than ${ROW_LIMIT}.`,
        'A list has one id on each line; check that this is the right file.',
      );
    }
    const first = text.charCodeAt(0);
    if (first === HASH || first <= BLANK || text === '') {
      const stripped = stripOuter(text);
      if (stripped === '' || isCommentText(stripped)) return { id: '', line, raw: text, leftOut: 'passedOver' };
    }
    const id = idOfLine(text);
    if (typeof id !== 'string') throw refusedId(text, id, `${reading.name}, line ${line}`);
    return id === '' ? { id, line, raw: text, leftOut: 'blank' } : { id, line, raw: text };
  } catch (error) {
    leaveOut(error, text.slice(0, MAX_ROW_LENGTH), line, reading);
    return undefined;
  }
}

const HASH = 0x23;
const BLANK = 0x20;

/** The lines of a text, as they come; `firstLine` is the number of the first. What is still to come of one that is too long is dropped. */
export async function* linesOf(pieces: AsyncIterable<string>, firstLine: number): AsyncGenerator<NumberedLine[], void, undefined> {
  let rest = '';
  let line = firstLine;
  let dropsLine = false;
  for await (const piece of pieces) {
    if ((dropsLine || rest.length <= MAX_ROW_LENGTH) && !/[\r\n]/u.test(piece)) {
      if (!dropsLine) rest += piece;
      continue;
    }
    const lines = splitLines(rest + piece);
    if (dropsLine) lines.shift();
    rest = lines.pop() ?? '';
    // A line that never ends is refused before it fills the memory.
    dropsLine = rest.length > MAX_ROW_LENGTH;
    if (dropsLine) {
      lines.push(rest);
      rest = '';
    }
    const first = line;
    line += lines.length;
    if (lines.length > 0) yield lines.map((text, index) => ({ text, line: first + index }));
  }
  if (rest !== '') yield [{ text: rest, line }];
}

function splitLines(text: string): string[] {
  return text.includes('\r') ? text.split(/\r\n|\n|\r/u) : text.split('\n');
}
