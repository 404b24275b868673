import { archiveAt } from '../archive/archive-at.ts';
import { type ListedArchive, Listing, type ListingOptions, ListingSurvey } from '../archive/listing.ts';
import { whereDamaged } from '../archive/manifest-damage.ts';
import { asRecordingError, EXIT_DONE, usageError } from '../errors.ts';
import { printable, toJsonLine } from '../printable.ts';
import { failureLine } from '../report/json.ts';
import { drained } from '../report/standard-output.ts';
import type { CommandContext } from './context.ts';
import { type ListWriter, listWriter } from './list-writer.ts';

/** What `list` was asked for. */
export interface ListCommandOptions extends ListingOptions {
  archive: string;
  csv: boolean;
  /** CSV that begins with a byte order mark, by which Excel knows that it is UTF-8. */
  excel: boolean;
  json: boolean;
  quiet: boolean;
}

/** A pattern is held against the whole of a value. */
const NO_MATCH = 'No recording matches. To find a part of a value, put * around it: --where "Caller=*1234*".';

/** Lists the recordings of an archive on standard output. Returns exit code 0; throws `USAGE`, `FILE_SYSTEM`, or the signal's reason. */
export async function runList(options: ListCommandOptions, context: CommandContext): Promise<number> {
  try {
    await list(options, context);
    return EXIT_DONE;
  } catch (thrown) {
    if (options.json) context.stdout(toJsonLine(failureLine(null, 'failed', asRecordingError(thrown))));
    throw thrown;
  }
}

async function list(options: ListCommandOptions, context: CommandContext): Promise<void> {
  const { signal, system } = context;
  if (options.archive === '') throw usageError('The name of the archive is empty.', 'Check the variable that it comes from.');
  if (options.json && (options.csv || options.excel))
    throw usageError('--json and --csv cannot be used together.', 'Leave one of them out.');
  const survey = new ListingSurvey(system.now());
  const home = await archiveAt(options.archive, context);
  const archive = await home.listing(survey, signal);
  try {
    tellDamage(archive, context);
    const listing = new Listing(archive, survey, options);
    const writer: ListWriter = await listWriter(options, listing.headers, system.stdout);
    let isEmpty = true;
    for await (const piece of listing.pieces(signal)) {
      isEmpty = false;
      context.stdout(writer.lines(piece).join('\n'));
      await room(context);
    }
    const rest = writer.end();
    if (rest.length > 0) context.stdout(rest.join('\n'));
    if (isEmpty && !options.quiet) context.stderr(options.where === undefined ? 'No recording matches.' : NO_MATCH);
    if (!options.quiet) for (const notice of writer.notices()) context.stderr(printable(notice));
  } finally {
    await archive.close();
  }
}

function tellDamage({ manifest, manifestName }: ListedArchive, { stderr }: CommandContext): void {
  const where = whereDamaged(manifest.damage, manifestName);
  if (where !== undefined) stderr(printable(`${where} damaged and cannot be listed. \`kaleyra-rec verify\` names the damaged lines.`));
}

/** Waits for a reader who is slower than the disk. */
async function room({ system, signal }: CommandContext): Promise<void> {
  const taken = drained(system.stdout);
  if (taken === undefined || signal.aborted) return signal.throwIfAborted();
  let stop = () => {};
  await Promise.race([
    taken,
    new Promise<void>((resolve) => {
      stop = resolve;
      signal.addEventListener('abort', stop, { once: true });
    }),
  ]);
  signal.removeEventListener('abort', stop);
  signal.throwIfAborted();
}
