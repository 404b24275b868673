import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { mkdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { FAILED_NAME, FailedRows } from '../../src/archive/failed-rows.ts';
import { type Archive, ArchiveFolder } from '../../src/archive/folder/archive-folder.ts';
import { MANIFEST_NAME, type ManifestLine } from '../../src/archive/manifest.ts';
import type { BatchOptions } from '../../src/batch/batch-options.ts';
import { type BatchResult, type FetchRecording, runBatch } from '../../src/batch/run-batch.ts';
import { type ErrorCode, RecordingError } from '../../src/errors.ts';
import type { ReportEvent, SavedRecording } from '../../src/events.ts';
import type { ListRow } from '../../src/list/list-row.ts';
import type { Clock } from '../../src/system.ts';
import { testSystem } from '../helpers/test-system.ts';

/** What the service makes of an id: its content is saved, or an error with this code. */
export type Fate = 'saved' | ErrorCode;

/** One turn of the event loop. */
export const turn = () => new Promise<void>((resolve) => setImmediate(resolve));

export const errorOf = (code: ErrorCode) => new RecordingError(code, `It is ${code}.`, { hint: 'Do something.' });

/** Rows as a list gives them: each id is one, on a line of its own; `''` is a row without an id. */
export function rowsOf(ids: readonly string[]): ListRow[] {
  return ids.map((id, index) => ({ id, line: index + 1, raw: `${' '.repeat(index % 3)}${id}` }));
}

/** A list that gives its rows so many at a time, then ends, or throws. */
export async function* listOf(rows: readonly ListRow[], { at = 3, failure }: { at?: number; failure?: Error } = {}) {
  for (let from = 0; from < rows.length; from += at) {
    await turn();
    yield rows.slice(from, from + at);
  }
  if (failure !== undefined) throw failure;
}

/** What a test says about a run; the rest is ordinary: all is saved, eight at once, nothing stops it. */
export interface RunSettings extends Partial<BatchOptions> {
  rows: AsyncIterable<ListRow[]>;
  /** Left out: each id is saved. */
  fate?: (id: string) => Fate;
  /** How many turns of the event loop a fetch takes. */
  turns?: (id: string) => number;
  /** What a fetch waits for before that. */
  waitsFor?: (id: string) => Promise<void> | undefined;
  /** In place of the folder's own. */
  archive?: (folder: ArchiveFolder) => Archive;
  failedRows?: FailedRows;
  outputTaken?: () => Promise<void> | undefined;
  /** Left out: one that moves only when somebody sleeps. */
  clock?: Clock;
  onEvent?: (event: ReportEvent) => void;
}

/** How a run went, as everyone tells it. */
export interface Told extends BatchResult {
  events: ReportEvent[];
  /** The ids that were asked for, in order. */
  asked: string[];
  /** The most fetches whose turn it was at once. */
  mostAtOnce: number;
  /** The lines of `failed.txt`; undefined where it is not there. */
  failedRows: string[] | undefined;
  /** The last line of the manifest for each id. */
  manifest: Map<string, ManifestLine>;
}

/** Runs a batch over a real folder, with fetches that only pretend to come from the service. */
export async function run(folder: string, settings: RunSettings): Promise<Told> {
  const clock = testSystem({ manualClock: true });
  await mkdir(folder, { recursive: true });
  const archive = await ArchiveFolder.open(folder, clock);
  const failedRows = settings.failedRows ?? new FailedRows(folder, undefined);
  const events: ReportEvent[] = [];
  const service = pretendService(archive, settings);
  const result = await runBatch(
    settings.rows,
    {
      fetch: service.fetch,
      archive: settings.archive?.(archive) ?? archive,
      failedRows,
      ...(settings.outputTaken && { outputTaken: settings.outputTaken }),
      clock: settings.clock ?? clock,
      onEvent: (event) => {
        events.push(event);
        settings.onEvent?.(event);
      },
    },
    { concurrency: 8, checksum: false, retryGone: false, signal: new AbortController().signal, ...settings },
  );
  await failedRows.close().catch(() => undefined);
  await archive.close();
  const { asked, mostAtOnce } = service;
  return { ...result, events, asked, mostAtOnce: mostAtOnce(), failedRows: await failedOf(folder), manifest: await manifestOf(folder) };
}

function pretendService(archive: ArchiveFolder, { fate = () => 'saved', turns = () => 1, waitsFor = () => undefined }: RunSettings) {
  const asked: string[] = [];
  let underWay = 0;
  let most = 0;
  const fetch: FetchRecording = async (row, { signal, turn: turnOfRow, onEvent }) => {
    const { id } = row;
    asked.push(id);
    await turnOfRow.take();
    underWay += 1;
    most = Math.max(most, underWay);
    try {
      await waitsFor(id);
      for (let left = turns(id); left > 0; left -= 1) {
        await turn();
        signal.throwIfAborted();
      }
      const code = fate(id);
      if (code === 'NETWORK') onEvent({ type: 'retrying', id, attempt: 2, delayMs: 0, error: errorOf(code) });
      if (code !== 'saved') throw errorOf(code);
      return await put(archive, row);
    } finally {
      underWay -= 1;
    }
  };
  return { fetch, asked, mostAtOnce: () => most };
}

/** What a pretended recording holds. */
export const contentOf = (id: string) => `recording ${id}`;

async function put(archive: ArchiveFolder, row: ListRow): Promise<SavedRecording> {
  const { id } = row;
  const bytes = Buffer.from(contentOf(id));
  const sha256 = createHash('sha256').update(bytes).digest('hex');
  const draft = await archive.destinationFor(row).open(id);
  await draft.restart(undefined);
  await draft.write(bytes);
  const file = await draft.commit({ extension: 'mp3', sha256 });
  return { id, file, bytes: bytes.length, sha256, contentType: 'audio/mpeg', etag: null, attempts: 1, durationMs: 0 };
}

async function failedOf(folder: string): Promise<string[] | undefined> {
  const file = join(folder, FAILED_NAME);
  return existsSync(file) ? (await readFile(file, 'utf8')).split('\n').slice(0, -1) : undefined;
}

async function manifestOf(folder: string): Promise<Map<string, ManifestLine>> {
  const file = join(folder, MANIFEST_NAME);
  const lines = existsSync(file) ? (await readFile(file, 'utf8')).split('\n').slice(0, -1) : [];
  return new Map(lines.map((line) => JSON.parse(line) as ManifestLine).map((line) => [line.id, line]));
}

export interface End {
  id: string;
  end: 'saved' | 'skipped' | 'gone' | 'failed';
  /** Whether it was asked for in this run. */
  asked: boolean;
}

/** How each recording ended, in the order of the ends. */
export function endsOf(events: readonly ReportEvent[]): End[] {
  return events.flatMap((event): End[] => {
    switch (event.type) {
      case 'saved':
      case 'skipped':
        return [{ id: event.recording.id, end: event.type, asked: event.type === 'saved' }];
      case 'gone':
      case 'failed':
        return [{ id: event.id, end: event.type, asked: event.asked }];
      default:
        return [];
    }
  });
}
