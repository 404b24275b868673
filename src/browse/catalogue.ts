import type { CallTimes } from '../archive/call-times.ts';
import type { ManifestLine } from '../archive/manifest-line.ts';
import type { ArchiveReader } from '../archive/reader.ts';
import { type Recording, recordingOf, replaceLine } from './recording.ts';

/** More headers than this are not offered as columns: a list of reports of different makes must not make a page that nobody can use. */
const MOST_COLUMNS = 200;

/** After so many lines others get a turn. */
const LINES_A_BREATH = 5000;

/** All recordings of an archive, in memory, kept up to date with what a run at work adds. */
export class Catalogue {
  readonly #reader: ArchiveReader;
  readonly #times: CallTimes;
  readonly #byId = new Map<string, Recording>();
  readonly #columns = new Set<string>();
  readonly recordings: Recording[] = [];
  #next: string | undefined;
  #version = 0;
  #unreadable = 0;

  constructor(reader: ArchiveReader, times: CallTimes) {
    this.#reader = reader;
    this.#times = times;
  }

  /** Goes up whenever something has changed. */
  get version(): number {
    return this.#version;
  }

  /** How many complete lines of the manifest could not be read. */
  get unreadable(): number {
    return this.#unreadable;
  }

  /** The reports' headers, in the order in which they were met. */
  get columns(): readonly string[] {
    return [...this.#columns];
  }

  /** The recording with this key; undefined where there is none. */
  get(key: number): Recording | undefined {
    return this.recordings[key];
  }

  /** Takes in the lines that have come since the last time. Throws as the reader does; what it gave before is taken in nevertheless. */
  async refresh(signal: AbortSignal): Promise<void> {
    const lines: (ManifestLine | undefined)[] = [];
    try {
      for await (const { line, next } of this.#reader.lines(this.#next, signal)) {
        this.#next = next;
        lines.push(line);
        // How dates are written shows only when many were seen.
        if (line?.row !== undefined) this.#times.learn(line.row);
      }
    } finally {
      await this.#takeAll(lines);
    }
  }

  async #takeAll(lines: readonly (ManifestLine | undefined)[]): Promise<void> {
    for (const [index, line] of lines.entries()) {
      if (index % LINES_A_BREATH === 0) await new Promise((resolve) => setImmediate(resolve));
      if (line === undefined) this.#unreadable += 1;
      else this.#take(line);
      // With each line, not before it: whoever searches between two of them would keep what he found for what there is.
      this.#version += 1;
    }
  }

  #take(line: ManifestLine): void {
    const known = this.#byId.get(line.id);
    if (known === undefined) {
      const recording = recordingOf(this.recordings.length, line, this.#times);
      this.recordings.push(recording);
      this.#byId.set(line.id, recording);
    } else {
      replaceLine(known, line, this.#times);
    }
    for (const header of Object.keys(line.row ?? {})) if (this.#columns.size < MOST_COLUMNS) this.#columns.add(header);
  }
}
