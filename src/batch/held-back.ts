import { RecordingError } from '../errors.ts';
import type { ListRow } from '../list/list-row.ts';

/** A row whose recording was not had. */
export interface Refusal {
  row: ListRow;
  error: RecordingError;
  attempts: number;
}

/** So many in a row are no coincidence. */
const SUSPICIOUS = 20;

const UNREACHED: ReadonlySet<string> = new Set(['NETWORK', 'TIMEOUT', 'SERVICE_UNAVAILABLE']);

/**
 * Holds rows that failed back as long as they may all have failed for one reason that is none of theirs, so that nothing is recorded of them
 * if they have: the service knows none of the first ids that an empty archive asks for (a wrong region, SID or list), or it cannot be reached
 * at all.
 */
export class HeldBack {
  #unreached: Refusal[] = [];
  #unknown: Refusal[] = [];
  /** Whether the service may still know none of the ids. */
  #mayKnowNone: boolean;

  /** `isEmpty`: whether the archive holds nothing yet, so that no run before has shown the settings to be right. */
  constructor(isEmpty: boolean) {
    this.#mayKnowNone = isEmpty;
  }

  /** The service has given a link, or called a recording expired: it knows an id. Returns the rows that need be held back no longer. */
  known(): Refusal[] {
    this.#mayKnowNone = false;
    return this.rest();
  }

  /**
   * The service gave no link for a row. Returns the rows that need be held back no longer, this one perhaps among them, or the error to stop
   * with: what is held back is to be forgotten then.
   */
  refused(refusal: Refusal): Refusal[] | RecordingError {
    const { code } = refusal.error;
    if (UNREACHED.has(code)) {
      this.#unreached.push(refusal);
      return this.#unreached.length < SUSPICIOUS ? [] : unreachedError(refusal.error);
    }
    if (code === 'RECORDING_EXPIRED') return [...this.known(), refusal];
    const released = this.#unreached.splice(0);
    if (code !== 'RECORDING_NOT_FOUND' || !this.#mayKnowNone) return [...released, refusal];
    this.#unknown.push(refusal);
    return this.#unknown.length < SUSPICIOUS ? released : unknownError();
  }

  /** All that is held back: the list has come to its end. */
  rest(): Refusal[] {
    return [...this.#unknown.splice(0), ...this.#unreached.splice(0)];
  }
}

function unknownError(): RecordingError {
  return new RecordingError('RECORDING_NOT_FOUND', `The service knows none of the first ${SUSPICIOUS} recordings that were asked for.`, {
    hint: 'Check the region (--region or --base-url), the SID (--sid), and that the list names recordings of this account; then run it again.',
  });
}

function unreachedError(last: RecordingError): RecordingError {
  return new RecordingError(
    last.code,
    `The service could not be reached for ${SUSPICIOUS} recordings in a row. The last time: ${last.message}`,
    {
      hint: 'Check the network, any proxy, and the base URL, and run the same command again later.',
      cause: last,
    },
  );
}
