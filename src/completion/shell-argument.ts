import { InvalidArgumentError } from 'commander';

/** The shells whose completion can be made. */
export const SHELLS = ['bash', 'zsh', 'fish'] as const;

/** One of {@link SHELLS}. */
export type Shell = (typeof SHELLS)[number];

/** What the scripts ask for in place of a shell, and the help does not name: the stored profiles, a name a line. */
export const PROFILES = 'profiles';

/** Reads the argument of `completion`. */
export function shellOrProfiles(text: string): Shell | typeof PROFILES {
  const known = [...SHELLS, PROFILES] as const;
  const found = known.find((name) => name === text);
  if (found === undefined) throw new InvalidArgumentError(`It must be one of ${SHELLS.join(', ')}.`);
  return found;
}
