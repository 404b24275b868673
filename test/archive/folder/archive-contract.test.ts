import { mkdir, readFile, unlink, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { ArchiveFolder } from '../../../src/archive/folder/archive-folder.ts';
import { MANIFEST_NAME } from '../../../src/archive/manifest.ts';
import { filesBelow } from '../../helpers/secrets.ts';
import { tempFolder } from '../../helpers/temp-folder.ts';
import { testSystem } from '../../helpers/test-system.ts';
import { archiveContract } from '../contract.ts';

archiveContract('a folder', async () => {
  const folder = path.join(await tempFolder(), 'calls');
  await mkdir(folder);
  const failed = path.join(folder, 'failed.txt');
  return {
    open: (options, now) => ArchiveFolder.open(folder, testSystem(now === undefined ? {} : { now }), options),
    read: (file) => readFile(file),
    write: (file, bytes) => writeFile(file, bytes),
    remove: (file) => unlink(file === 'failed.txt' ? failed : file),
    names: async () => filesBelow(folder).filter((file) => file !== MANIFEST_NAME),
    failedList: () => readFile(failed, 'utf8').catch(() => undefined),
    writeFailedList: (text) => writeFile(failed, text),
  };
});
