import { type Command, Option } from 'commander';
import type { BatchCommandOptions } from '../commands/batch.ts';
import type { AddCommand } from './add-command.ts';
import {
  aboveZero,
  addLogFlags,
  addOutputFlags,
  addServiceFlags,
  type Flags,
  given,
  outputOptions,
  serviceOptions,
  wholeFrom,
} from './flags.ts';
import { examples } from './help.ts';

/** Adds `batch`. */
export const addBatch: AddCommand = (program, context, done) => {
  const command = program
    .command('batch')
    .summary('save every recording of a list or report')
    .description(
      'Save every recording named in a list: an id a line, or a report with a header row (CSV). Run it again at any time: what is saved is not asked for again.',
    )
    .argument('<source>', 'a file, or - for standard input')
    .addHelpText(
      'after',
      examples(
        ['kaleyra-rec batch ids.txt', 'a list of ids, into the folder recordings'],
        ['kaleyra-rec batch report.csv -d calls --column "Recording ID" -q', 'a report, in a cron job'],
        ['jq -r .recordingId calls.json | kaleyra-rec batch - --json', 'from another program, to another'],
      ),
    )
    .action(async (source: string, flags: Flags) => {
      const { runBatchCommand } = await import('../commands/batch.ts');
      done(await runBatchCommand(batchOptions(source, flags), context));
    });
  addLogFlags(addOutputFlags(addServiceFlags(addBatchFlags(command))));
};

function addBatchFlags(command: Command): Command {
  return command
    .optionsGroup('Which recordings:')
    .option('--column <name>', "the report's column that holds the id")
    .option('--date-column <name>', "the report's column that says when the call was")
    .option('--since <date>', 'only calls from this day or time on, as 7d')
    .option('--until <date>', 'only calls up to and including it')
    .option('--where <column=pattern>', 'only rows that match; * and ?, != for others', collect)
    .option('--undated', 'with --since or --until, rows without a date too')
    .option('--time-zone <zone>', 'of dates that name none', 'UTC')
    .addOption(new Option('--order <order>', 'oldest call first').choices(['oldest', 'report']).default('oldest'))
    .option('--shard <k/n>', "only this machine's share of the list, or auto")
    .option('--limit <n>', 'stop after so many recordings', wholeFrom(1))
    .option('--retry-gone', 'ask again for what was called invalid or expired')
    .option('-n, --dry-run', 'print the ids to be fetched, and do nothing')
    .optionsGroup('Where to:')
    .option('-d, --dir <dir>', 'where the recordings go', 'recordings')
    .option('--name <template>', 'file name, as {Any Column}/{id}.{ext}')
    .option('--checksum', 'hash what is there again before it counts as saved')
    .optionsGroup('How fast:')
    .option('-c, --concurrency <n>', 'recordings under way at once', wholeFrom(1), 8)
    .option('--rate <n>', 'at most so many requests a second', aboveZero)
    .option('--validity <minutes>', 'how long each link stays valid (5 if left out)', wholeFrom(1));
}

/** Gathers what a flag is given each time. */
function collect(value: string, earlier: readonly string[] = []): string[] {
  return [...earlier, value];
}

function batchOptions(source: string, flags: Flags): BatchCommandOptions {
  return {
    source,
    ...serviceOptions(flags),
    ...outputOptions(flags),
    dir: flags.dir as string,
    concurrency: flags.concurrency as number,
    dryRun: flags.dryRun === true,
    checksum: flags.checksum === true,
    retryGone: flags.retryGone === true,
    undated: flags.undated === true,
    timeZone: flags.timeZone as string,
    order: flags.order === 'report' ? 'report' : 'oldest',
    ...given('rate', flags.rate as number | undefined),
    ...given('column', flags.column as string | undefined),
    ...given('name', flags.name as string | undefined),
    ...given('dateColumn', flags.dateColumn as string | undefined),
    ...given('since', flags.since as string | undefined),
    ...given('until', flags.until as string | undefined),
    ...given('where', flags.where as string[] | undefined),
    ...given('shard', flags.shard as string | undefined),
    ...given('limit', flags.limit as number | undefined),
    ...given('validityMinutes', flags.validity as number | undefined),
  };
}
