import type { AddCommand } from './add-command.ts';
import { declare, flag, optionsFrom } from './flags.ts';
import { examples } from './help.ts';
import { LOGGED, TRANSFERS } from './shared-flags.ts';

const FLAGS = {
  'Check:': {
    strict: flag('--strict', 'fail on files that are not in the manifest, too'),
    repair: flag('--repair', 'fetch again what is missing, short or changed'),
    dryRun: flag('-n, --dry-run', 'with --repair, print what would be fetched'),
    checksum: flag('--checksum', 'read and hash every recording in a bucket, too'),
  },
  ...TRANSFERS,
  ...LOGGED,
};

/** Adds `verify`. */
export const addVerify: AddCommand = (program, context, done) => {
  const command = program
    .command('verify')
    .summary('check an archive against its manifest')
    .description(
      'Check an archive against its manifest. Hashes every file again, and names those that are missing, short, changed or unreadable, and any damage to the manifest itself. In a bucket, it compares sizes and the checksums that the store keeps.',
    )
    .argument('<archive>', 'a folder or s3://bucket/prefix filled by batch')
    .action(async (dir: string, given) => {
      const { runVerify } = await import('../commands/verify.ts');
      done(await runVerify({ dir, ...optionsFrom(given, FLAGS) }, context));
    });
  declare(command, FLAGS);
  examples(
    command,
    ['Check a folder; ends with exit code 8 if anything is damaged', 'kaleyra-rec verify recordings'],
    ['Fail on unknown files too, and print one object per finding', 'kaleyra-rec verify recordings --strict --json'],
    ['Fetch again what is missing, short or changed', 'kaleyra-rec verify recordings --repair'],
    ['Check an archive in a bucket', 'kaleyra-rec verify s3://my-bucket/calls'],
  );
};
