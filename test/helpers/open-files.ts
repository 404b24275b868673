import { readdirSync, readlinkSync, realpathSync } from 'node:fs';
import process from 'node:process';

/** Whether {@link openBelow} can tell. */
export const tellsOpenFiles = process.platform === 'linux';

/** What this process has open below a folder that is there, relative to it and sorted; Linux tells it in `/proc`. */
export function openBelow(folder: string): string[] {
  const root = `${realpathSync(folder)}/`;
  const open: string[] = [];
  for (const descriptor of readdirSync('/proc/self/fd')) {
    try {
      open.push(readlinkSync(`/proc/self/fd/${descriptor}`));
    } catch {
      // Closed meanwhile.
    }
  }
  const below = open.filter((file) => file.startsWith(root)).map((file) => file.slice(root.length));
  return below.sort();
}
