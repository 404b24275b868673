import type { Command } from 'commander';
import { completionScript } from '../completion/script.ts';
import type { Shell } from '../completion/shell-argument.ts';
import { checkProfileName } from '../credentials/settings.ts';
import { credentialSources } from '../credentials/sources.ts';
import { EXIT_DONE } from '../errors.ts';
import type { CommandContext } from './context.ts';

/** Prints the script that teaches the shell to complete the program's command line. Returns exit code 0. */
export async function runCompletion(shell: Shell, program: Command, context: CommandContext): Promise<number> {
  context.stdout(completionScript(shell, program));
  return EXIT_DONE;
}

/**
 * Prints the names of the stored profiles, a line each, for the script to propose. Says nothing where there is no store or it is damaged:
 * nobody who has pressed the Tab key wants to read about it there. A name that no command would take is left out, so that what is printed is
 * never more than letters, digits and a few signs, whatever somebody wrote into the store. Returns exit code 0.
 */
export async function runProfiles(context: CommandContext): Promise<number> {
  for (const name of await storedNames(context)) context.stdout(name);
  return EXIT_DONE;
}

async function storedNames({ system }: CommandContext): Promise<string[]> {
  try {
    const store = await credentialSources(system).openStore();
    return store.list().filter(isProfileName);
  } catch {
    return [];
  }
}

function isProfileName(name: string): boolean {
  try {
    checkProfileName(name, 'The profile');
    return true;
  } catch {
    return false;
  }
}
