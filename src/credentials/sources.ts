// Of `fs`, which loads its promises once they are asked for: the module of their own takes a millisecond of each command's start.
import { createReadStream, promises } from 'node:fs';
import { resolve } from 'node:path';
import { buffer } from 'node:stream/consumers';
import { looseRights } from '../disk/rights.ts';
import { RecordingError } from '../errors.ts';
import type { System } from '../system.ts';
import { configFolder } from './config-folder.ts';
import type { CredentialSources } from './resolve.ts';
import { LONGEST_KEY } from './settings.ts';
import type { ProfileStore } from './store.ts';

/** Where a container is given its secrets: readable by all that is in it, which is it alone. */
const SECRETS_OF_CONTAINER = '/run/secrets/';

/**
 * The sources that a run on this system has: its environment, the store in `KALEYRA_REC_CONFIG_DIR` (else the platform's folder), and
 * files relative to its working folder. The store's code is loaded when it is first opened. `notice` is told where others can read the key.
 */
export function credentialSources(
  system: Pick<System, 'env' | 'cwd' | 'platform'>,
  notice: (message: string) => void = () => {},
): CredentialSources {
  return {
    env: system.env,
    async openStore() {
      const configDir = configFolder(system);
      if (configDir === undefined) return NOWHERE;
      const { openProfileStore } = await import('./store.ts');
      const store = openProfileStore({ configDir, platform: system.platform });
      const loose = store.looseRights();
      if (loose !== undefined) notice(loose);
      return store;
    },
    async readFile(path) {
      // `end` is inclusive: one byte more than a key may have, so that a longer file is seen to be too long, and a device without end is no trap.
      const file = resolve(system.cwd, path);
      const content = await buffer(createReadStream(file, { end: LONGEST_KEY }));
      const loose = file.startsWith(SECRETS_OF_CONTAINER)
        ? undefined
        : looseRights(await promises.stat(file), `The API key in ${path}`, path);
      if (loose !== undefined) notice(loose);
      return content.toString();
    },
  };
}

/** The store where no folder is known for it: nothing is stored, and nothing can be. */
const NOWHERE: ProfileStore = {
  path: 'nowhere',
  list: () => [],
  get: () => undefined,
  delete: () => false,
  looseRights: () => undefined,
  set() {
    throw noHome();
  },
};

function noHome(): RecordingError {
  return new RecordingError(
    'FILE_SYSTEM',
    'Credentials cannot be stored: HOME is not set, and the system knows no home folder of this user.',
    {
      hint: 'Set HOME or KALEYRA_REC_CONFIG_DIR to a folder that this user can write to, or set KALEYRA_SID and KALEYRA_API_KEY instead of storing them.',
    },
  );
}
