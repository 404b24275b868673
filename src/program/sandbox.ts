import type { AddCommand } from './add-command.ts';
import { declare, flag, optionsFrom, text, value, wholeFrom } from './flags.ts';
import { examples } from './help.ts';

const FLAGS = {
  'Options:': {
    port: value('--port <n>', 'listen on this port of 127.0.0.1 (any free one if left out)', wholeFrom(0, 65_535)),
    archive: text('--archive <dir>', 'fill a new folder with an archive to look through, and end'),
    report: flag('--report', 'print a report of made-up calls (CSV), to try batch with'),
    count: value('--count <n>', 'how many calls the archive (200) or the report (20) has', wholeFrom(1)),
    list: flag('--list', 'list the special ids and what each one does'),
    verbose: flag('-v, --verbose', 'print a line for each request, on stderr'),
  },
};

/** Adds `sandbox`. */
export const addSandbox: AddCommand = (program, context, done) => {
  const command = program
    .command('sandbox')
    .summary('a local stand-in for the service')
    .description(
      'A local stand-in for the service, with recordings you can play: for trying things out, and for testing scripts, without an account. Every id is a recording there, except the special ones that --list shows.',
    )
    .argument('[command...]', 'command to run against it; serves until stopped if left out')
    .usage('[options] [-- command...]')
    .action(async (words: string[], given) => {
      const { list, archive, report, count, ...options } = optionsFrom(given, FLAGS);
      if (list) {
        const { specialIds } = await import('./special-ids.ts');
        context.stdout(specialIds(context.system.stdout.isTTY ? context.system.stdout.columns || 80 : Number.POSITIVE_INFINITY));
        return done(0);
      }
      if (report) {
        const { madeUpReport } = await import('../sandbox/made-up-calls.ts');
        context.stdout(madeUpReport(count ?? 20, context.system.now()));
        return done(0);
      }
      if (archive !== undefined) {
        const calls = count ?? 200;
        const { fillShowArchive } = await import('../sandbox/show-archive.ts');
        await fillShowArchive({ folder: archive, count: calls, now: context.system.now(), signal: context.signal });
        context.stderr(`Made ${archive} with ${calls} calls. Look through it: kaleyra-rec browse ${archive}`);
        return done(0);
      }
      const { runSandbox } = await import('../commands/sandbox.ts');
      done(await runSandbox({ command: words, ...options }, context));
    });
  declare(command, FLAGS);
  examples(
    command,
    ['Print the settings of the sandbox, and serve until Ctrl-C', 'kaleyra-rec sandbox'],
    ['Make a report to try batch with', 'kaleyra-rec sandbox --report > report.csv'],
    ['Save the recordings of that report', 'kaleyra-rec sandbox -- kaleyra-rec batch report.csv'],
    ['Make an archive to look through', 'kaleyra-rec sandbox --archive calls --count 1000'],
    ['Run one command against it, and end with its exit code', 'kaleyra-rec sandbox -- kaleyra-rec link demo'],
    ['See how the tool deals with a service that fails once', 'kaleyra-rec sandbox -- kaleyra-rec download sandbox-flaky'],
  );
};
