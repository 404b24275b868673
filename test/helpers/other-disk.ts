import { execFileSync } from 'node:child_process';
import { statSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';
import { tempFolder } from './temp-folder.ts';

/** A new empty folder on another disk than the given one; undefined where this machine has no such disk and this user may not mount one. */
export async function folderOnOtherDisk(than: string): Promise<string | undefined> {
  const { dev } = statSync(than);
  for (const place of ['/dev/shm', '/var/tmp']) {
    if (statSync(place, { throwIfNoEntry: false })?.dev === dev || statSync(place, { throwIfNoEntry: false }) === undefined) continue;
    const folder = await mkdtemp(join(place, 'kaleyra-rec-'));
    onTestFinished(() => rm(folder, { recursive: true, force: true }));
    return folder;
  }
  const folder = await tempFolder();
  try {
    execFileSync('mount', ['-t', 'tmpfs', 'tmpfs', folder], { stdio: 'ignore' });
  } catch {
    return undefined;
  }
  onTestFinished(() => void execFileSync('umount', [folder]));
  return folder;
}
