import { pathOfRecording } from '../archive/name-template.ts';
import { type PassedRow, type SelectedRow, select } from '../batch/select.ts';
import { accountName } from '../credentials/account.ts';
import { findSettings } from '../credentials/resolve.ts';
import { credentialSources } from '../credentials/sources.ts';
import type { ListNotice } from '../list/id-list.ts';
import { redactedRows } from '../list/redact-row.ts';
import { printable, toJsonLine } from '../printable.ts';
import { passedOver } from '../report/summary.ts';
import type { PreparedBatch } from './batch-options.ts';
import type { CommandContext } from './context.ts';

/**
 * `--dry-run`: prints what the batch would fetch, and tells on standard error what becomes of the other rows. Asks nothing of the service, and
 * writes nothing. Throws as the list and the archive do, and the signal's reason.
 */
export async function tellPlan({ home, list, naming, work, options, badRows }: PreparedBatch, context: CommandContext): Promise<void> {
  const { stderr } = context;
  const tell = (notices: readonly ListNotice[]) => {
    for (const { message, always } of notices) if (always || !options.quiet) stderr(printable(message));
  };
  tell(list.notices);
  await home.tryOut();
  const archive = await home.open({
    naming,
    account: await accountOf(options, context),
    onNotice: (message) => tell([{ message, always: false }]),
    signal: work.signal,
  });
  const lines = gatherLines(context.stdout);
  const counts: Record<(PassedRow | SelectedRow)['as'], number> = {
    ...{ wanted: 0, saved: 0, gone: 0 },
    ...{ duplicate: 0, blank: 0, passedOver: 0, filtered: 0, others: 0 },
  };
  try {
    for await (const { row, as } of select(redactedRows(list, context.redactor), archive, work)) {
      work.signal.throwIfAborted();
      counts[as] += 1;
      if (as !== 'wanted') continue;
      // What a recording is, and so its extension, shows only when it is fetched.
      const file = naming.template && { file: pathOfRecording(row, '{ext}', { ...naming, isShared: home.isShared }, () => false) };
      lines.add(options.json ? toJsonLine({ id: row.id, status: 'planned', ...file }) : row.id);
    }
  } finally {
    lines.write();
    await archive.close();
  }
  tell(list.lateNotices());
  counts.passedOver += badRows?.count ?? 0;
  if (!options.quiet) stderr(planLine(counts));
}

/** Whose verdicts hold: as far as the settings tell, as nobody is asked and nothing need be set. */
async function accountOf(options: PreparedBatch['options'], { system }: CommandContext): Promise<string | undefined> {
  const { sid, baseUrl } = await findSettings(options, credentialSources(system));
  return sid && accountName({ sid: sid.value, baseUrl: baseUrl.value });
}

/** `12 to fetch; 30 saved, 2 gone; passed over: 3 repeated ids, 1 row without an id.` */
function planLine(counts: Record<(PassedRow | SelectedRow)['as'], number>): string {
  const { wanted, saved, gone, duplicate, others } = counts;
  const passed = [...passedOver({ ...counts, duplicates: duplicate }), ...(others > 0 ? [`${others} in other shares`] : [])];
  return `${wanted} to fetch; ${saved} saved, ${gone} gone${passed.length > 0 ? `; passed over: ${passed.join(', ')}` : ''}.`;
}

/** What is written together at most, in lines. */
const MOST_LINES = 1000;

/** Writes lines together that come together: a million, one by one, take 2 s. What waits for more is not held back. */
function gatherLines(write: (lines: string) => void): { add(line: string): void; write(): void } {
  let gathered: string[] = [];
  const flush = () => {
    if (gathered.length > 0) write(gathered.join('\n'));
    gathered = [];
  };
  return {
    add(line) {
      if (gathered.length === 0) setImmediate(flush);
      gathered.push(line);
      if (gathered.length === MOST_LINES) flush();
    },
    write: flush,
  };
}
