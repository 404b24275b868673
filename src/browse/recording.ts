import type { CallTimes } from '../archive/call-times.ts';
import type { ManifestLine } from '../archive/manifest-line.ts';

/** A recording of an archive, as it can be found, sorted and shown. */
export interface Recording {
  /** Its number in this run of the page, by which the page asks for it. */
  readonly key: number;
  line: ManifestLine;
  /** When the call was, as the report says, else when it was saved; milliseconds since 1970 UTC. */
  time: number | undefined;
  /** The day of that, as the report writes it: `2026-11-20`; empty where it is not known. */
  day: string;
  /** How long it plays, once that was looked for. */
  seconds?: number | undefined;
  /** What is searched: id, file and all columns in lower case, a line each. */
  text: string;
}

/** Makes a {@link Recording} of a manifest's line. */
export function recordingOf(key: number, line: ManifestLine, times: CallTimes): Recording {
  return { key, ...shown(line, times) };
}

/** Puts what a later line says in the place of what an earlier one said. */
export function replaceLine(recording: Recording, line: ManifestLine, times: CallTimes): void {
  Object.assign(recording, shown(line, times), { seconds: undefined });
}

function shown(line: ManifestLine, times: CallTimes): Omit<Recording, 'key'> {
  const { id, file, at, row } = line;
  const called = row && times.of(row);
  const written = Date.parse(at);
  const time = called?.span.from ?? (Number.isNaN(written) ? undefined : written);
  const day = called?.day ?? (time === undefined ? '' : new Date(time).toISOString().slice(0, 10));
  return { line, time, day, text: [id, file ?? '', ...(row ? Object.values(row) : [])].join('\n').toLowerCase() };
}
