import { Command } from 'commander';
import type { CommandContext } from '../commands/context.ts';
import { version } from '../version.ts';
import type { AddCommand } from './add-command.ts';
import { addAuth } from './auth.ts';
import { addBatch } from './batch.ts';
import { addBrowse } from './browse.ts';
import { addCompletion } from './completion.ts';
import { addDownload } from './download.ts';
import { helpStyle } from './help.ts';
import { addLink } from './link.ts';
import { HELP_COLUMNS } from './own-flags.ts';
import { addSandbox } from './sandbox.ts';
import { addVerify } from './verify.ts';

const PURPOSE = 'Fetch call recordings from Kaleyra.io: signed links, single recordings, whole reports, each proven before it is kept.';

/** What the help shows first: what a newcomer does, in the order in which he does it. */
const FIRST_STEPS = `First steps:
  kaleyra-rec sandbox -- kaleyra-rec link demo  try it without an account
  kaleyra-rec auth login                        store your SID and key once
  kaleyra-rec auth status --check               does the service take them?
  kaleyra-rec link <id>                         print a signed link
  kaleyra-rec download <id>                     save one recording
  kaleyra-rec batch report.csv                  save every recording of a report`;

const EXIT_CODES = `
Exit codes:
  0 done, 2 usage, 3 credentials, 4 not found, 5 expired, 6 network or service,
  7 files, 8 wrong content, 9 not all saved, 10 locked, 130/143 stopped,
  1 a fault of this tool`;

const COMMANDS = {
  link: addLink,
  download: addDownload,
  batch: addBatch,
  verify: addVerify,
  browse: addBrowse,
  auth: addAuth,
  sandbox: addSandbox,
};

/** The one command that is named first, as the others' seventy flags take 2 ms to set up; all of them for help, completion and mistakes. */
function commandsFor(name: string | undefined): AddCommand[] {
  const named = Object.entries(COMMANDS).find(([candidate]) => candidate === name);
  return named === undefined ? [...Object.values(COMMANDS), addCompletion] : [named[1]];
}

/** The command line as a tree: names, flags, help. Each action loads its command only when it runs, and hands its exit code to `done`. */
export async function createProgram(context: CommandContext, done: (exitCode: number) => void): Promise<Command> {
  const program = new Command('kaleyra-rec')
    .summary(PURPOSE)
    .description(`${PURPOSE}\n\n${FIRST_STEPS}`)
    .version(version, '-V, --version', 'print the version alone')
    .helpOption('-h, --help', 'show this help')
    .helpCommand('help [command]', 'show the help of a command')
    .showHelpAfterError(false)
    .exitOverride()
    .configureHelp(helpStyle)
    .configureOutput({
      writeOut: (text) => context.stdout(text.replace(/\n$/, '')),
      // Errors are told by main, as two lines.
      writeErr: () => {},
      getOutHelpWidth: () => Math.min(context.system.stdout.columns || HELP_COLUMNS, HELP_COLUMNS),
    })
    .addHelpText('after', EXIT_CODES);

  for (const add of commandsFor(context.system.argv[0])) add(program, context, done);
  // The sandbox's help alone lists its special ids, which are not loaded otherwise.
  if (context.system.argv.includes('sandbox')) {
    const { specialIdsHelp } = await import('./special-ids-help.ts');
    program.commands.find((command) => command.name() === 'sandbox')?.addHelpText('after', specialIdsHelp(HELP_COLUMNS));
  }
  return program;
}
