import type { RecordingEvent } from '../events.ts';
import { printable, printableId } from '../printable.ts';

/** So many are named; thousands of them help nobody, and the manifest holds them all. */
const NAMED = 20;

/**
 * The lines that name a batch's recordings which were not had, as they are found out: `failed <id>: <why>`. Not named are those that nobody
 * asked for in this run (gone before, not reached), and those that a stop has cut.
 */
export class FailureLines {
  #named = 0;

  /** The lines to show for this end: one, or none. */
  lines({ type, id, error, asked }: Extract<RecordingEvent, { type: 'gone' | 'failed' }>): string[] {
    if (!asked || error.code === 'INTERRUPTED') return [];
    this.#named += 1;
    if (this.#named <= NAMED) return [`${type} ${printableId(id)}: ${printable(error.message)}`];
    return this.#named === NAMED + 1 ? ['More recordings are not saved; manifest.jsonl names them all.'] : [];
  }
}
