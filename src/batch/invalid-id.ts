import { RecordingError } from '../errors.ts';

const DAY_MS = 24 * 60 * 60 * 1000;

/** What is known when the service calls an id invalid. Times in milliseconds since 1970 UTC. */
export interface InvalidId {
  now: number;
  /** When it was first called so; undefined where that is now. */
  since: number | undefined;
  /** When the call was; undefined where nobody knows. */
  callAt: number | undefined;
  /** For how many days it is asked for again (`--recheck`). */
  recheckDays: number;
}

/**
 * What "invalid id" comes to. A recording can be hours late, and the service calls its id invalid until it is there: so the error is worth
 * another run, and says until when, unless the service has said so for {@link InvalidId.recheckDays} days or the call is older than that. Then
 * it is final, and the error is returned as it came.
 */
export function judgeInvalidId(error: RecordingError, { now, since, callAt, recheckDays }: InvalidId): RecordingError {
  const until = Math.min(since ?? now, callAt ?? Number.POSITIVE_INFINITY) + recheckDays * DAY_MS;
  if (until <= now) return error;
  const day = new Date(until).toISOString().replace('T', ' ').slice(0, 16);
  return new RecordingError(error.code, `${error.message} It may not be ready yet: runs before ${day} UTC will ask for it again.`, {
    hint: 'Run the same command again later. If the recording should be there by now, check the id, the SID and the region.',
    retryable: true,
    cause: error,
  });
}
