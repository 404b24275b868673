import { userInfo } from 'node:os';
import path from 'node:path';
import type { System } from '../system.ts';

/**
 * The folder that the profile store lies in: `KALEYRA_REC_CONFIG_DIR`, relative to the current folder, else the platform's own for settings:
 * `~/Library/Preferences` on macOS, `%APPDATA%` on Windows, `$XDG_CONFIG_HOME` or `~/.config` elsewhere. A home or XDG_CONFIG_HOME that is
 * empty or relative is never used (https://specifications.freedesktop.org/basedir-spec): the store would lie wherever the tool is run.
 *
 * @param home the home folder that the system knows of the user; throws where it knows no such user, as in some containers.
 * @returns undefined where no home is known.
 */
export function configFolder(
  system: Pick<System, 'env' | 'platform' | 'cwd'>,
  home: () => string = () => userInfo().homedir,
): string | undefined {
  const { env, platform } = system;
  const { join, resolve, isAbsolute } = platform === 'win32' ? path.win32 : path.posix;
  const absolute = (folder: string | undefined) => (folder !== undefined && isAbsolute(folder) ? folder : undefined);
  // The current folder, which may be gone, is asked for only where it is needed.
  const named = env.KALEYRA_REC_CONFIG_DIR;
  if (named) return isAbsolute(named) ? named : resolve(system.cwd, named);
  const homeFolder = () => absolute(platform === 'win32' ? env.USERPROFILE : env.HOME) ?? absolute(known(home));
  const below = (...names: string[]) => {
    const folder = homeFolder();
    return folder && join(folder, ...names);
  };
  if (platform === 'darwin') return below('Library', 'Preferences', 'kaleyra-rec');
  const settings =
    platform === 'win32' ? (absolute(env.APPDATA) ?? below('AppData', 'Roaming')) : (absolute(env.XDG_CONFIG_HOME) ?? below('.config'));
  return settings && (platform === 'win32' ? join(settings, 'kaleyra-rec', 'Config') : join(settings, 'kaleyra-rec'));
}

function known(home: () => string): string | undefined {
  try {
    return home();
  } catch {
    return undefined;
  }
}
