/** How wide a help page is, unless the terminal is narrower. */
export const HELP_COLUMNS = 80;

/** The arguments that are this tool's own, and not those of a command that it runs. */
export function flagsOf(argv: readonly string[]): readonly string[] {
  const end = argv.indexOf('--');
  return end < 0 ? argv : argv.slice(0, end);
}
