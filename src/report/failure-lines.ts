import type { RecordingEvent } from '../events.ts';
import { printable, printableId } from '../printable.ts';

/** So many are named; thousands of them help nobody, and the manifest holds them all. */
const NAMED = 20;

/**
 * The lines that name a batch's recordings that failed or turned out gone, as they are found out: `failed <id>: <why>`. Those known to be gone
 * from earlier runs are not named.
 */
export class FailureLines {
  #named = 0;

  /** The lines to show for this end: one, or none. */
  lines({ type, id, error, asked }: Extract<RecordingEvent, { type: 'gone' | 'failed' }>): string[] {
    if (!asked) return [];
    this.#named += 1;
    if (this.#named <= NAMED) return [`${type} ${printableId(id)}: ${printable(error.message)}`];
    return this.#named === NAMED + 1 ? ['More recordings were not saved; manifest.jsonl names them all.'] : [];
  }
}
