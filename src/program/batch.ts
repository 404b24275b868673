import type { AddCommand } from './add-command.ts';
import { aboveZero, alias, choice, declare, flag, optionsFrom, repeated, text, value, wholeFrom } from './flags.ts';
import { examples } from './help.ts';
import { LOGGED, TRANSFERS, VALIDITY } from './shared-flags.ts';

const FLAGS = {
  'Which recordings:': {
    column: text('--column <name>', 'report column that holds the recording id'),
    dateColumn: text('--date-column <name>', 'report column that holds the date of the call'),
    sheet: text('--sheet <name>', 'sheet of the workbook (the first one with ids if left out)'),
    skipBadRows: flag('--skip-bad-rows', 'go on without rows that cannot be read, and list them in bad-rows.txt'),
    since: text('--since <date>', 'only calls from this day or time on, such as 2026-11-01 or 7d'),
    until: text('--until <date>', 'only calls up to and including this day or time'),
    where: repeated('--where <column=pattern>', 'only rows that match, with * and ? as wildcards; use != to exclude matches'),
    undated: flag('--undated', 'with --since or --until, keep rows without a date'),
    timeZone: text('--time-zone <zone>', 'time zone for dates without one', 'UTC'),
    order: choice('--order <order>', 'which calls to fetch first', ['oldest', 'report'], 'oldest'),
    shard: text('--shard <k/n>', "only this machine's share of the list, or auto"),
    limit: value('--limit <n>', 'stop after this many recordings', wholeFrom(1)),
    recheckDays: value('--recheck <days>', 'keep asking for an id that the service calls invalid for this many days', wholeFrom(0), '3'),
    retryGone: flag('--retry-gone', 'ask again for recordings that are gone'),
    dryRun: flag('-n, --dry-run', 'print the ids to fetch, and do nothing else'),
  },
  'Where to:': {
    dir: alias(
      text('-d, --dir <archive>', 'folder or s3://bucket/prefix for the recordings', 'recordings'),
      '--out <dir>',
      '--output <dir>',
    ),
    name: text('--name <template>', 'file name, such as {Any Column}/{id}.{ext}'),
    checksum: flag('--checksum', 'skip saved files only after hashing them again'),
    storageClass: text('--storage-class <class>', 'storage class of recordings in a bucket'),
    sse: choice('--sse <kind>', 'how the store is to encrypt', ['AES256', 'aws:kms']),
    kmsKeyId: text('--kms-key-id <key>', 'key for --sse aws:kms'),
  },
  'How fast:': {
    concurrency: alias(
      value('-c, --concurrency <n>', 'how many recordings to fetch at once', wholeFrom(1), '8'),
      '--workers <n>',
      '--parallel <n>',
    ),
    rate: value('--rate <n>', 'send at most this many requests per second', aboveZero),
    validityMinutes: VALIDITY,
  },
  ...TRANSFERS,
  ...LOGGED,
};

/** Adds `batch`. */
export const addBatch: AddCommand = (program, context, done) => {
  const command = program
    .command('batch')
    .summary('save every recording of a list or report')
    .description(
      'Save every recording named in a list (one id per line) or a report with a header row (CSV, Excel or JSON). You can run it again at any time: recordings that are saved are not fetched again.',
    )
    .argument('<source>', 'a file, or - for standard input')
    .action(async (source: string, given) => {
      const { runBatchCommand } = await import('../commands/batch.ts');
      done(await runBatchCommand({ source, ...optionsFrom(given, FLAGS) }, context));
    });
  declare(command, FLAGS);
  examples(
    command,
    ['Save the recordings of a list in the folder "recordings"', 'kaleyra-rec batch ids.txt'],
    ['Save the recordings of a report, from a cron job', 'kaleyra-rec batch report.csv -d calls --column "Recording ID" -q'],
    ['Save them in a bucket', 'kaleyra-rec batch report.csv -d s3://my-bucket/calls'],
    ['Read ids from one program, and pass results to another', 'jq -r .recordingId calls.json | kaleyra-rec batch - --json'],
  );
};
