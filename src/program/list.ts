import type { ManifestLine } from '../archive/manifest-line.ts';
import type { AddCommand } from './add-command.ts';
import { choice, declare, flag, OUTPUT, optionsFrom, repeated, text, value, wholeFrom } from './flags.ts';
import { examples } from './help.ts';
import { RESULTS } from './shared-flags.ts';

const STATUSES: readonly ManifestLine['status'][] = ['saved', 'gone', 'failed'];

const FLAGS = {
  'Which recordings:': {
    since: text('--since <date>', 'only calls from this day or time on, such as 2026-11-01 or 7d'),
    until: text('--until <date>', 'only calls up to and including this day or time'),
    where: repeated('--where <column=pattern>', 'only rows that match, with * and ? as wildcards; use != to exclude matches'),
    status: choice('--status <status>', 'only recordings that ended like this', STATUSES),
    sort: text('--sort <column>', 'sort by a column; -column reverses the order (as recorded if left out)'),
    limit: value('--limit <n>', 'print no more than the first n of them', wholeFrom(1)),
  },
  [OUTPUT]: {
    csv: flag('--csv', 'print CSV'),
    excel: flag('--excel', 'print CSV that Excel opens as UTF-8'),
    ...RESULTS[OUTPUT],
    quiet: flag('-q, --quiet', 'do not name the columns that a terminal has no room for'),
  },
};

/** Adds `list`. */
export const addList: AddCommand = (program, context, done) => {
  const command = program
    .command('list')
    .summary('list the recordings of an archive')
    .description(
      'List the recordings of an archive, with the columns of their reports: as a table on a terminal, otherwise as tab-separated values. The date is that of the call, or of the download if no report gives one. They stand in the order in which they were recorded, unless --sort gives another.',
    )
    .argument('<archive>', 'a folder or s3://bucket/prefix filled by batch')
    .action(async (archive: string, given) => {
      const { runList } = await import('../commands/list.ts');
      done(await runList({ archive, ...optionsFrom(given, FLAGS) }, context));
    });
  declare(command, FLAGS);
  examples(
    command,
    ['List the calls of the last week, the newest first', 'kaleyra-rec list recordings --since 7d --sort -date'],
    ['Find the calls of one caller', "kaleyra-rec list recordings --where 'Caller=+39 02*'"],
    ['Make a spreadsheet of what is gone', 'kaleyra-rec list recordings --status gone --excel'],
  );
};
