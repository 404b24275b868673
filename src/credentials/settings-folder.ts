import { userInfo } from 'node:os';
import { posix, win32 } from 'node:path';

/**
 * The platform's own folder for this tool's settings; undefined where there is none. An empty or relative `HOME` or `XDG_CONFIG_HOME` is never
 * used: the key would lie in whatever folder the tool is started from. Then the home of the system's list of users holds. Source: XDG Base
 * Directory Specification (a relative path is invalid, and to be ignored).
 */
export function settingsFolder(
  env: Readonly<Record<string, string | undefined>>,
  platform: NodeJS.Platform,
  listedHome: () => string | undefined = homeOfUser,
): string | undefined {
  const path = platform === 'win32' ? win32 : posix;
  const absolute = (folder: string | undefined) => (folder && path.isAbsolute(folder) ? folder : undefined);
  const home = () => absolute(platform === 'win32' ? env.USERPROFILE : env.HOME) ?? absolute(listedHome());
  const below = (folder: string | undefined, ...names: string[]) => folder && path.join(folder, ...names);
  if (platform === 'win32') return below(absolute(env.APPDATA) ?? below(home(), 'AppData', 'Roaming'), 'kaleyra-rec', 'Config');
  if (platform === 'darwin') return below(home(), 'Library', 'Preferences', 'kaleyra-rec');
  return below(absolute(env.XDG_CONFIG_HOME) ?? below(home(), '.config'), 'kaleyra-rec');
}

/** Undefined for a user that the system does not know, as containers run under. */
function homeOfUser(): string | undefined {
  try {
    return userInfo().homedir;
  } catch {
    return undefined;
  }
}
