import { Command } from 'commander';
import type { CommandContext } from '../commands/context.ts';
import { wantsColor } from '../report/color.ts';
import { version } from '../version.ts';
import type { AddCommand } from './add-command.ts';
import { addAuth } from './auth.ts';
import { addBatch } from './batch.ts';
import { addBrowse } from './browse.ts';
import { addCompletion } from './completion.ts';
import { addDownload } from './download.ts';
import { bold, firstShown, helpStyle } from './help.ts';
import { addLink } from './link.ts';
import { addList } from './list.ts';
import { flagsOf } from './own-flags.ts';
import { addSandbox } from './sandbox.ts';
import { addVerify } from './verify.ts';

const PURPOSE =
  'Fetch call recordings from Kaleyra.io: signed links, single recordings, whole reports. Each one is checked before it is kept.';

/** What the help shows first: what a newcomer does, in that order. */
const FIRST_STEPS = [
  ['Try it without an account', 'kaleyra-rec sandbox -- kaleyra-rec link demo'],
  ['Store your SID and API key', 'kaleyra-rec auth login'],
  ['Print a signed link to a recording', 'kaleyra-rec link 1a2b3c4d=='],
  ['Save one recording', 'kaleyra-rec download 1a2b3c4d=='],
  ['Save every recording of a report', 'kaleyra-rec batch report.csv'],
] as const;

const EXIT_CODES =
  '0 done, 2 usage, 3 credentials, 4 not found, 5 expired, 6 network or service, 7 files, 8 wrong content, 9 not all saved, 10 locked, 129/130/143 stopped, 1 a fault of this tool';

/** How wide a help page is where it is not shown on a terminal. */
const HELP_COLUMNS = 80;

const COMMANDS = {
  link: addLink,
  download: addDownload,
  batch: addBatch,
  verify: addVerify,
  list: addList,
  browse: addBrowse,
  auth: addAuth,
  sandbox: addSandbox,
};

/** The one command that is named first, as the others' seventy flags take 2 ms to set up; all of them for help, completion and mistakes. */
function commandsFor(name: string | undefined): AddCommand[] {
  const named = Object.entries(COMMANDS).find(([candidate]) => candidate === name);
  return named === undefined ? [...Object.values(COMMANDS), addCompletion] : [named[1]];
}

/**
 * The command line as a tree: names, flags, help. Each action loads its command only when it runs, and hands its exit code to `done`.
 *
 * @param argv the arguments that it is to read; only the command that they name is set up, where they name one.
 */
export function createProgram(
  context: CommandContext,
  done: (exitCode: number) => void,
  argv: readonly string[] = context.system.argv,
): Command {
  const { stdout, env } = context.system;
  const columns = stdout.columns || HELP_COLUMNS;
  const program = new Command('kaleyra-rec')
    .summary(PURPOSE)
    .description(PURPOSE)
    .version(version, '-V, --version', 'print the version (--verbose: libraries too)')
    .helpOption('-h, --help', 'show this help')
    .helpCommand('help [command]', 'show the help of a command')
    .showHelpAfterError(false)
    .exitOverride()
    .configureHelp(helpStyle)
    .configureOutput({
      writeOut: (text) => context.stdout(text.replace(/\n$/, '')),
      // Errors are told by main, as two lines.
      writeErr: () => {},
      getOutHelpWidth: () => columns,
      getOutHasColors: () => wantsColor(stdout, env, !flagsOf(argv).includes('--no-color')),
    })
    .addHelpText('after', ({ command }) => {
      const lines = command.createHelp().boxWrap(EXIT_CODES, columns - 2);
      return `\n${bold('Exit codes:')}\n  ${lines.replaceAll('\n', '\n  ')}`;
    });
  for (const add of commandsFor(argv[0])) add(program, context, done);
  firstShown(program, 'First steps:', FIRST_STEPS);
  return program;
}
