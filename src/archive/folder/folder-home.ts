import { existsSync } from 'node:fs';
import path from 'node:path';
import { makeFolder } from '../../disk/make-folder.ts';
import type { System } from '../../system.ts';
import type { ArchiveHome } from '../archive.ts';
import { LOCK_NAME, MANIFEST_NAME } from '../manifest.ts';
import { ArchiveFolder } from './archive-folder.ts';
import { FolderCheck } from './folder-check.ts';
import { FolderListing } from './folder-listing.ts';
import { folderReader } from './folder-reader.ts';
import { acquireLock } from './lock.ts';

/** A folder as the home of an archive. */
export function folderHome(folder: string, system: System): ArchiveHome {
  return {
    name: folder,
    isShared: false,
    hasManifest: async () => existsSync(path.join(folder, MANIFEST_NAME)),
    async hold() {
      await makeFolder(folder);
      return acquireLock(path.join(folder, LOCK_NAME), system);
    },
    // What stands in the way of a folder shows when it is made, and a plan makes none.
    tryOut: async () => {},
    open: (options) => ArchiveFolder.open(folder, system, options),
    check: (signal) => FolderCheck.open(folder, signal),
    listing: (survey, signal) => FolderListing.open(folder, survey, signal),
    reader: () => folderReader(folder),
  };
}
