import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { mkdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Archive, ArchiveOptions } from '../../src/archive/archive.ts';
import type { Draft, Fetched } from '../../src/archive/draft.ts';
import { FAILED_NAME } from '../../src/archive/failed-rows.ts';
import { ArchiveFolder } from '../../src/archive/folder/archive-folder.ts';
import { MANIFEST_NAME, type ManifestLine } from '../../src/archive/manifest.ts';
import { type BatchOptions, type BatchResult, type BatchTools, runBatch } from '../../src/batch/run.ts';
import { type ErrorCode, RecordingError } from '../../src/errors.ts';
import type { ReportEvent } from '../../src/events.ts';
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
  /** How many turns of the event loop the link takes. */
  linkTurns?: (id: string) => number;
  /** How many turns of the event loop the bytes take. */
  turns?: (id: string) => number;
  /** What a fetch waits for before that. */
  waitsFor?: (id: string) => Promise<void> | undefined;
  /** In place of the folder's own. */
  archive?: (folder: ArchiveFolder) => Archive;
  /** How the folder is opened. */
  opened?: ArchiveOptions;
  total?: number;
  timeOf?: BatchTools['timeOf'];
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
  const clock = settings.clock ?? testSystem({ manualClock: true });
  await mkdir(folder, { recursive: true });
  const archive = await ArchiveFolder.open(folder, clock, settings.opened);
  const events: ReportEvent[] = [];
  const service = pretendService(settings);
  const { outputTaken, timeOf, total } = settings;
  const result = await runBatch(
    settings.rows,
    {
      fetching: service.fetching,
      archive: settings.archive?.(archive) ?? archive,
      ...(outputTaken && { outputTaken }),
      ...(timeOf && { timeOf }),
      total,
      clock,
      onEvent: (event) => {
        events.push(event);
        settings.onEvent?.(event);
      },
    },
    { concurrency: 8, checksum: false, retryGone: false, recheckDays: 0, signal: new AbortController().signal, ...settings },
  );
  await archive.listFailed();
  await archive.close();
  const { asked, mostAtOnce } = service;
  return { ...result, events, asked, mostAtOnce: mostAtOnce(), failedRows: await failedOf(folder), manifest: await manifestOf(folder) };
}

/** The fates that the service itself tells, in place of a link. */
const SAID_BY_SERVICE: readonly Fate[] = [
  'RECORDING_NOT_FOUND',
  'RECORDING_EXPIRED',
  'CREDENTIALS_REJECTED',
  'CREDENTIALS_MISSING',
  'NETWORK',
];

function pretendService(settings: RunSettings) {
  const { fate = () => 'saved', turns = () => 1, linkTurns = () => 1, waitsFor = () => undefined } = settings;
  const asked: string[] = [];
  let underWay = 0;
  let most = 0;
  const fetching: BatchTools['fetching'] = (id, { signal, onEvent }) => {
    let attempts = 1;
    const wait = async (count: number) => {
      for (let left = count; left > 0; left -= 1) {
        await turn();
        signal.throwIfAborted();
      }
    };
    return {
      get attempts() {
        return attempts;
      },
      async ask() {
        asked.push(id);
        await wait(linkTurns(id));
        const code = fate(id);
        if (code === 'saved' || !SAID_BY_SERVICE.includes(code)) return;
        if (code === 'NETWORK') {
          attempts = 2;
          onEvent({ type: 'retrying', id, attempt: 2, delayMs: 0, error: errorOf(code) });
        }
        throw errorOf(code);
      },
      async into(draft) {
        underWay += 1;
        most = Math.max(most, underWay);
        try {
          signal.throwIfAborted();
          await waitsFor(id);
          await wait(turns(id));
          const code = fate(id);
          if (code !== 'saved') throw errorOf(code);
          return await fill(draft, id);
        } catch (error) {
          await draft.discard();
          throw error;
        } finally {
          underWay -= 1;
        }
      },
    };
  };
  return { fetching, asked, mostAtOnce: () => most };
}

/** What a pretended recording holds. */
export const contentOf = (id: string) => `recording ${id}`;

/** Writes a pretended recording into a draft, and tells what is known of it. */
export async function fill(draft: Draft, id: string): Promise<Fetched> {
  const bytes = Buffer.from(contentOf(id));
  await draft.restart(undefined);
  await draft.write(bytes);
  const sha256 = createHash('sha256').update(bytes).digest('hex');
  return { extension: 'mp3', bytes: bytes.length, sha256, contentType: 'audio/mpeg', etag: null, attempts: 1, durationMs: 0 };
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
