import { Argument, Command, Option } from 'commander';
import type { CommandContext } from './commands/context.ts';
import { PROFILES, SHELLS, type Shell, shellOrProfiles } from './completion/shell-argument.ts';
import {
  aboveZero,
  accountOptions,
  addAccountFlags,
  addLogFlags,
  addOutputFlags,
  addServiceFlags,
  examples,
  type Flags,
  given,
  outputOptions,
  serviceOptions,
  wholeFrom,
} from './flags.ts';
import { HELP_COLUMNS } from './own-flags.ts';
import { version } from './version.ts';

/** The command line as a tree: names, flags, help. Each action loads its command only when it runs, and hands its exit code to `done`. */
export async function createProgram(context: CommandContext, done: (exitCode: number) => void): Promise<Command> {
  const program = new Command('kaleyra-rec')
    .description('Fetch call recordings from Kaleyra.io: signed links, single recordings, whole lists, each proven before it is kept.')
    .version(version, '-V, --version', 'print the version alone')
    .helpOption('-h, --help', 'show this help')
    .helpCommand('help [command]', 'show the help of a command')
    .showHelpAfterError(false)
    .exitOverride()
    .configureOutput({
      writeOut: (text) => context.stdout(text.replace(/\n$/, '')),
      // Errors are told by main, as two lines.
      writeErr: () => {},
      getOutHelpWidth: () => Math.min(context.system.stdout.columns || HELP_COLUMNS, HELP_COLUMNS),
    })
    .addHelpText('after', FIRST_STEPS);

  addLink(program, context, done);
  addDownload(program, context, done);
  addBatch(program, context, done);
  addVerify(program, context, done);
  addAuth(program, context, done);
  addSandbox(program, context, done);
  addCompletion(program, context, done);
  // The sandbox's help alone lists its special ids, which are not loaded otherwise.
  if (context.system.argv.includes('sandbox')) {
    const { specialIdsHelp } = await import('./special-ids-help.ts');
    program.commands.find((command) => command.name() === 'sandbox')?.addHelpText('after', specialIdsHelp(HELP_COLUMNS));
  }
  return program;
}

type Add = (program: Command, context: CommandContext, done: (exitCode: number) => void) => void;

const FIRST_STEPS = `
First steps:
  kaleyra-rec auth login                        store your SID and key once
  kaleyra-rec link <id>                         print a signed link
  kaleyra-rec download <id> -o call.mp3         save one recording
  kaleyra-rec batch ids.txt -d recordings       save every recording of a list
  kaleyra-rec sandbox -- kaleyra-rec link demo  try it without an account

Exit codes:
  0 done, 2 usage, 3 credentials, 4 not found, 5 expired, 6 network or service,
  7 files, 8 wrong content, 9 not all saved, 10 locked, 130/143 stopped,
  1 a fault of this tool`;

const addLink: Add = (program, context, done) => {
  const command = program
    .command('link')
    .description('Print a signed link for each recording, one a line, in the order asked. Whoever holds a link can listen to the call.')
    .argument('<id...>', 'recording ids')
    .option('--validity <minutes>', 'how long the links stay valid (5 if left out)', wholeFrom(1))
    .addHelpText(
      'after',
      examples(
        ['kaleyra-rec link 1a2b3c4d==', 'a link that works for 5 minutes'],
        ['kaleyra-rec link --validity 60 1a2b3c4d== 5e6f7a8b==', 'two links, for an hour'],
        ['kaleyra-rec link --json 1a2b3c4d== | jq -r .expiresAt', 'when the link stops working'],
      ),
    )
    .action(async (ids: string[], flags: Flags) => {
      const { runLink } = await import('./commands/link.ts');
      done(
        await runLink(
          { ids, ...serviceOptions(flags), ...outputOptions(flags), ...given('validityMinutes', flags.validity as number | undefined) },
          context,
        ),
      );
    });
  addLogFlags(addOutputFlags(addServiceFlags(command)));
};

const addDownload: Add = (program, context, done) => {
  const command = program
    .command('download')
    .description('Save one recording, proven whole before it gets its name. Prints the path of the file.')
    .argument('<id>', 'recording id')
    .option('-o, --output <path>', 'file, folder (existing, or ending in /) or - for standard output (the current folder)')
    .option('--force', 'replace a file that stands there')
    .option('--skip-existing', 'leave a file that stands there, and succeed')
    .option('--validity <minutes>', 'how long the link stays valid (5 if left out)', wholeFrom(1))
    .addHelpText(
      'after',
      examples(
        ['kaleyra-rec download 1a2b3c4d==', 'saves 1a2b3c4d==.mp3 (or .wav) here'],
        ['kaleyra-rec download 1a2b3c4d== -o calls/ --skip-existing', 'into a folder, once'],
        ['kaleyra-rec download 1a2b3c4d== -o - | sox -t mp3 - -n stat', 'into another program'],
      ),
    )
    .action(async (id: string, flags: Flags) => {
      const { runDownload } = await import('./commands/download.ts');
      done(
        await runDownload(
          {
            id,
            ...serviceOptions(flags),
            ...outputOptions(flags),
            ...given('validityMinutes', flags.validity as number | undefined),
            ...given('output', flags.output as string | undefined),
            force: flags.force === true,
            skipExisting: flags.skipExisting === true,
          },
          context,
        ),
      );
    });
  addLogFlags(addOutputFlags(addServiceFlags(command)));
};

const addBatch: Add = (program, context, done) => {
  const command = program
    .command('batch')
    .description(
      'Save every recording named in a list: an id a line, or a report with a header row (CSV). Run it again at any time: what is saved is not asked for again.',
    )
    .argument('<source>', 'a file, or - for standard input')
    .option('-d, --dir <dir>', 'where the recordings go', 'recordings')
    .option('-c, --concurrency <n>', 'recordings under way at once', wholeFrom(1), 8)
    .option('--rate <n>', 'at most so many requests a second to the service', aboveZero)
    .option('--column <name>', "the report's column that holds the id")
    .option('--name <template>', "file name from the id and the report's columns, as {date}/{id}.{ext}")
    .option('--date-column <name>', "the report's column that says when the call was")
    .addOption(new Option('--order <order>', 'oldest call first, or as the report has it').choices(['oldest', 'report']).default('oldest'))
    .option('--shard <k/n>', "only this machine's share of the list, or auto")
    .option('--limit <n>', 'stop after so many recordings', wholeFrom(1))
    .option('-n, --dry-run', 'print the ids that would be fetched, and do nothing')
    .option('--checksum', 'take a file for saved only after hashing it again')
    .option('--retry-gone', 'ask again for what was called invalid or expired')
    .option('--validity <minutes>', 'how long each link stays valid (5 if left out)', wholeFrom(1))
    .addHelpText(
      'after',
      examples(
        ['kaleyra-rec batch ids.txt', 'into the folder recordings'],
        ['kaleyra-rec batch report.csv -d calls --column "Recording ID" -q', 'from a report, in a cron job'],
        ['jq -r .recordingId calls.json | kaleyra-rec batch - --json', 'from another program, to another'],
      ),
    )
    .action(async (source: string, flags: Flags) => {
      const { runBatchCommand } = await import('./commands/batch.ts');
      done(
        await runBatchCommand(
          {
            source,
            ...serviceOptions(flags),
            ...outputOptions(flags),
            dir: flags.dir as string,
            concurrency: flags.concurrency as number,
            dryRun: flags.dryRun === true,
            checksum: flags.checksum === true,
            retryGone: flags.retryGone === true,
            ...given('rate', flags.rate as number | undefined),
            order: flags.order === 'report' ? 'report' : 'oldest',
            ...given('column', flags.column as string | undefined),
            ...given('name', flags.name as string | undefined),
            ...given('dateColumn', flags.dateColumn as string | undefined),
            ...given('shard', flags.shard as string | undefined),
            ...given('limit', flags.limit as number | undefined),
            ...given('validityMinutes', flags.validity as number | undefined),
          },
          context,
        ),
      );
    });
  addLogFlags(addOutputFlags(addServiceFlags(command)));
};

const addVerify: Add = (program, context, done) => {
  const command = program
    .command('verify')
    .description(
      'Check a folder of recordings against its manifest: each file is hashed again, and what is missing, short or changed is named.',
    )
    .argument('<dir>', 'a folder that batch has filled')
    .option('--strict', 'a file that nobody recorded is an error too')
    .addHelpText(
      'after',
      examples(
        ['kaleyra-rec verify recordings', 'exit code 8 when anything is damaged'],
        ['kaleyra-rec verify recordings --strict --json', 'an object for each finding'],
        ['kaleyra-rec verify recordings -q || kaleyra-rec batch ids.txt --checksum', 'mend what is damaged'],
      ),
    )
    .action(async (dir: string, flags: Flags) => {
      const { runVerify } = await import('./commands/verify.ts');
      done(await runVerify({ dir, ...outputOptions(flags), strict: flags.strict === true }, context));
    });
  addOutputFlags(command);
};

const addAuth: Add = (program, context, done) => {
  const auth = program
    .command('auth')
    .description(
      'Store, show or delete the credentials. They can also be given in the environment: KALEYRA_SID, KALEYRA_API_KEY or KALEYRA_API_KEY_FILE.',
    );

  const login = auth
    .command('login')
    .description('Store SID and API key under a profile. The key is asked for without being shown, or read from standard input.')
    .option('--api-key-stdin', 'read the key from standard input')
    .addHelpText(
      'after',
      examples(
        ['kaleyra-rec auth login', 'asks for SID and key'],
        ['kaleyra-rec auth login --profile night --region in', 'under another name, for India'],
        ['kaleyra-rec auth login --sid HXIN1707324291IN --api-key-stdin < key.txt', 'asks nothing'],
      ),
    )
    .action(async (flags: Flags) => {
      const { runAuthLogin } = await import('./commands/auth.ts');
      done(await runAuthLogin({ ...accountOptions(flags), apiKeyStdin: flags.apiKeyStdin === true, json: flags.json === true }, context));
    });
  addAccountFlags(login).option('--json', 'the result as JSON');

  const status = auth
    .command('status')
    .description('Show which profile, SID and base URL a run would use, where each comes from, and the last characters of the key.')
    .option('--check', 'ask the service whether it takes them')
    .addHelpText(
      'after',
      examples(
        ['kaleyra-rec auth status', 'asks nobody'],
        ['kaleyra-rec auth status --check', 'exit code 3 when the key is refused'],
        ['kaleyra-rec auth status --profile night --json', 'another profile, as JSON'],
      ),
    )
    .action(async (flags: Flags) => {
      const [{ runAuthStatus }, { credentialCheck }] = await Promise.all([
        import('./commands/auth.ts'),
        import('./commands/check-credentials.ts'),
      ]);
      const options = { ...accountOptions(flags), check: flags.check === true, json: flags.json === true };
      done(await runAuthStatus(options, context, credentialCheck(serviceOptions(flags), context)));
    });
  addServiceFlags(status).option('--json', 'the result as JSON');

  auth
    .command('logout')
    .description('Delete a stored profile.')
    .option('--profile <name>', 'stored profile (KALEYRA_PROFILE, else default)')
    .option('--json', 'the result as JSON')
    .addHelpText(
      'after',
      examples(
        ['kaleyra-rec auth logout', 'the default profile'],
        ['kaleyra-rec auth logout --profile night', 'another one'],
        ['kaleyra-rec auth logout --json', 'tells what was deleted, as JSON'],
      ),
    )
    .action(async (flags: Flags) => {
      const { runAuthLogout } = await import('./commands/auth.ts');
      done(await runAuthLogout({ ...given('profile', flags.profile as string | undefined), json: flags.json === true }, context));
    });
};

const addSandbox: Add = (program, context, done) => {
  program
    .command('sandbox')
    .description(
      'A stand-in for the service on this machine, with recordings that play: to try things, and to test scripts against, without an account.',
    )
    .argument('[command...]', 'run this against it, and end with its exit code; left out, serve until stopped')
    .usage('[options] [-- command...]')
    .option('--port <n>', 'listen on this port of 127.0.0.1 (any that is free)', wholeFrom(0))
    .option('-v, --verbose', 'a line for each request, on stderr')
    .addHelpText(
      'after',
      examples(
        ['kaleyra-rec sandbox', 'prints the three settings, and serves until Ctrl-C'],
        ['kaleyra-rec sandbox -- kaleyra-rec link any-id', 'runs one command against it'],
        ['kaleyra-rec sandbox -- sh -c "kaleyra-rec download sandbox-flaky -o a.mp3"', 'an id that fails once'],
      ),
    )
    .action(async (command: string[], flags: Flags) => {
      const { runSandbox } = await import('./commands/sandbox.ts');
      done(await runSandbox({ command, verbose: flags.verbose === true, ...given('port', flags.port as number | undefined) }, context));
    });
};

const addCompletion: Add = (program, context, done) => {
  program
    .command('completion')
    .description('Print the completion script of a shell: for commands, flags, files and profile names. Each line below installs one.')
    .addArgument(new Argument('<shell>', 'which one').choices(SHELLS).argParser(shellOrProfiles))
    .addHelpText(
      'after',
      examples(
        ['source <(kaleyra-rec completion bash)', 'bash: this line in ~/.bashrc'],
        ['source <(kaleyra-rec completion zsh)', 'zsh: this line at the end of ~/.zshrc'],
        ['kaleyra-rec completion fish > ~/.config/fish/completions/kaleyra-rec.fish', 'fish: run it once, and after each update'],
      ),
    )
    .action(async (what: Shell | typeof PROFILES) => {
      const { runCompletion, runProfiles } = await import('./commands/completion.ts');
      done(await (what === PROFILES ? runProfiles(context) : runCompletion(what, program, context)));
    });
};
