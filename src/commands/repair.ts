import type { ArchiveHome } from '../archive/archive.ts';
import { type Fetching, runBatch } from '../batch/run.ts';
import { RecordingError, settled } from '../errors.ts';
import type { Finding, ReportEvent, SavedRecording } from '../events.ts';
import type { ListRow } from '../list/list-row.ts';
import { loggedEvents } from '../log.ts';
import { createReporter } from '../report/create-reporter.ts';
import { drained } from '../report/standard-output.ts';
import type { Connection } from './connection.ts';
import type { CommandContext } from './context.ts';
import type { OutputOptions } from './service-options.ts';

/** A recording that is not whole, and can be fetched again. */
export interface Broken {
  status: Extract<Finding['status'], 'missing' | 'short' | 'changed'>;
  /** As the manifest names it. */
  file: string;
  /** A file that nobody recorded has its bytes. */
  isElsewhere?: boolean;
}

/** What a repair works with. */
export interface Repair {
  home: ArchiveHome;
  options: OutputOptions;
  connection: Connection;
  context: CommandContext;
  /** How many recordings there are to mend. */
  total: number;
  /** Told of each recording that is whole again: fetched, or (`isNew` is false) found under another name and recorded under that. */
  onMended: (recording: SavedRecording, isNew: boolean) => void;
  /** Told for each one that the service has no more, or not as it was. */
  onLost: () => void;
}

/** How many recordings are fetched at once. */
const AT_ONCE = 8;

/**
 * Fetches recordings of an archive again, each under the name and the hash that its manifest has: what comes with another hash is told, and not
 * kept. What cannot be had is told with its reason, and nothing is recorded of it, so that the archive is no worse than it was. The caller holds
 * the lock. Returns what stopped it before its end, which its summary has told of.
 */
export async function repairArchive(
  ids: Iterable<string>,
  { home, options, connection, context, total, onMended, onLost }: Repair,
): Promise<RecordingError | undefined> {
  const { system, signal } = context;
  const { Download } = await import('../download/download.ts');
  const reporter = await createReporter({ ...options, json: false, paths: false }, context);
  const lines = options.json ? (await import('../report/json.ts')).jsonReporter(context) : undefined;
  const report = loggedEvents((event: ReportEvent) => {
    if (event.type === 'saved' || event.type === 'skipped') onMended(event.recording, event.type === 'saved');
    if (event.type === 'gone' || (event.type === 'failed' && event.error.code === 'CONTENT_MISMATCH' && !event.error.retryable)) onLost();
    reporter.onEvent(event);
    // The summary of the check is the last line.
    if (event.type !== 'ended') lines?.onEvent(event);
  }, connection.log);
  let isOpen = false;
  // What there is to say of the archive itself, the check has told.
  const onNotice = (message: string) => isOpen && report({ type: 'notice', message });
  const archive = await home.open({ account: connection.account, onNotice, signal });
  isOpen = true;
  try {
    report({ type: 'begun', total, archive: home.name });
    const tools = { ...connection, clock: system };
    const { summary, stopped } = await runBatch(
      rowsOf(ids),
      {
        fetching: (id, { signal, onEvent }) => recorded(new Download(id, { ...tools, onEvent }, { signal }), archive.saved(id)),
        archive: {
          isEmpty: false,
          know: (id, how) => archive.know(id, how),
          saved: (id) => archive.saved(id),
          confirm: (row) => archive.confirm(row),
          open: (row) => archive.open(row),
          refuse: async () => {},
          listFailed: async () => undefined,
          listBadRows: async () => undefined,
          flush: () => archive.flush(),
          close: () => archive.close(),
        },
        onEvent: report,
        total,
        outputTaken: () => drained(system.stdout),
        clock: system,
      },
      { concurrency: AT_ONCE, checksum: true, recheckDays: 0, retryGone: true, signal },
    );
    const unsaved = await settled(archive.flush());
    const ended = stopped ?? (unsaved instanceof RecordingError ? unsaved : undefined);
    report({ type: 'ended', summary, archive: home.name, stopped: ended });
    return ended;
  } finally {
    reporter.close();
    await archive.close();
  }
}

/** Rows that say no more than their ids; what their reports said is in the manifest. */
async function* rowsOf(ids: Iterable<string>): AsyncGenerator<ListRow[]> {
  let line = 0;
  for (const id of ids) {
    line += 1;
    yield [{ id, line, raw: id }];
  }
}

/** The same fetching, which takes nothing but the recording that was recorded. */
function recorded(download: Fetching, expected: { file: string; sha256: string } | undefined): Fetching {
  return {
    get attempts() {
      return download.attempts;
    },
    ask: () => download.ask(),
    async into(draft) {
      const fetched = await download.into(draft);
      if (expected !== undefined && fetched.sha256 === expected.sha256) {
        // Its name is to be the same, whatever a later version of this tool takes its bytes for.
        const extension = /\.([^./]+)$/.exec(expected.file)?.[1] ?? fetched.extension;
        return { ...fetched, extension };
      }
      await draft.discard();
      throw new RecordingError(
        'CONTENT_MISMATCH',
        `The service now has a different recording: its SHA-256 is ${fetched.sha256}, not ${expected?.sha256}.`,
        {
          hint: 'It was not kept. Restore the file from a backup, or save the new recording elsewhere with `kaleyra-rec download`.',
          retryable: false,
        },
      );
    },
  };
}
