import type { Command, Option } from 'commander';

/** The commands that do something: `link`, `auth login`, but not `auth`. */
export function leavesOf(command: Command): Command[] {
  return command.commands.length === 0 ? [command] : command.commands.flatMap(leavesOf);
}

/** A command as it is typed behind the tool's name; the tool's own name for the root. */
export function nameOf(command: Command): string {
  return command.parent?.parent ? `${nameOf(command.parent)} ${command.name()}` : command.name();
}

/** The options that the help of a command shows. */
export function optionsOf(command: Command): readonly Option[] {
  return command.createHelp().visibleOptions(command);
}

/** The page of all flags, `docs/flags.md`, as the program itself tells them. */
export function flagsPage(program: Command): string {
  const sections = [program, ...leavesOf(program)].map((command) => {
    const help = command.createHelp();
    const rows = optionsOf(command).map(
      (option) => `| \`${help.optionTerm(option)}\` | ${help.optionDescription(option).replaceAll('|', '\\|')} |`,
    );
    const title = command === program ? 'kaleyra-rec' : `kaleyra-rec ${nameOf(command)}`;
    return [`## ${title}`, '', `${command.description().split('\n')[0]}`, '', '| Flag | Meaning |', '|---|---|', ...rows].join('\n');
  });
  const intro =
    'Made from the program itself; `kaleyra-rec <command> --help` shows the same with examples. Settings that come from the environment are listed [on a page of their own](settings.md).';
  return `${['# Flags', intro, ...sections].join('\n\n')}\n`;
}
