import { RecordingError } from '../errors.ts';
import { maskForms } from '../redact.ts';

/** The name of the list of rows that could not be read. */
export const BAD_ROWS_NAME = 'bad-rows.txt';

/** By this line a file of that name is known for ours. */
export const BAD_ROWS_FIRST_LINE = '# Rows that kaleyra-rec could not read, each below what is wrong with it.';

/** Rows beyond this are counted and not kept: a file of which so much cannot be read is no report. In characters. */
const MOST_CHARACTERS = 64 * 1024 * 1024;

/** The rows of a list that could not be read (`--skip-bad-rows`), gathered while it is worked through. */
export class BadRows {
  #lines: string[] = [];
  #characters = 0;
  #count = 0;

  /** How many there were. */
  get count(): number {
    return this.#count;
  }

  /** Takes a row as it came, and why it cannot be read, which names its line. Signatures in it are masked. */
  add(raw: string, _line: number, why: string): void {
    this.#count += 1;
    this.#characters += raw.length;
    if (this.#characters > MOST_CHARACTERS) return;
    // A row may hold a signed link: whoever has it can listen to the call.
    this.#lines.push(`# ${why}`, maskForms(raw));
  }

  /** What the file of them says; undefined where there are none. */
  get text(): string | undefined {
    return this.#count === 0 ? undefined : `${[BAD_ROWS_FIRST_LINE, ...this.#lines].join('\n')}\n`;
  }
}

/** `FILE_EXISTS`: another's file bears the name. */
export function foreignBadRows(file: string): RecordingError {
  return new RecordingError('FILE_EXISTS', `Cannot list the rows that could not be read: ${file} was not written by kaleyra-rec.`, {
    hint: 'Move it away, and run the same command again.',
  });
}
