import { createReadStream } from 'node:fs';
import { stat } from 'node:fs/promises';
import { resolve } from 'node:path';
import { buffer } from 'node:stream/consumers';
import { looseRights } from '../disk/rights.ts';
import type { System } from '../system.ts';
import type { CredentialSources } from './resolve.ts';
import { LONGEST_KEY } from './settings.ts';

/** Where a container is given its secrets: readable by all that is in it, which is it alone. */
const SECRETS_OF_CONTAINER = '/run/secrets/';

/**
 * The sources that a run on this system has: its environment, the store in `KALEYRA_REC_CONFIG_DIR` (else the platform's folder), and
 * files relative to its working folder. The store's code is loaded when it is first opened. `notice` is told where others can read the key.
 */
export function credentialSources(system: Pick<System, 'env' | 'cwd'>, notice: (message: string) => void = () => {}): CredentialSources {
  return {
    env: system.env,
    async openStore() {
      const { openProfileStore } = await import('./store.ts');
      const configDir = system.env.KALEYRA_REC_CONFIG_DIR;
      const store = openProfileStore({ configDir: configDir && resolve(system.cwd, configDir), env: system.env });
      const loose = store.looseRights();
      if (loose !== undefined) notice(loose);
      return store;
    },
    async readFile(path) {
      // `end` is inclusive: one byte more than a key may have, so that a longer file is seen to be too long, and a device without end is no trap.
      const file = resolve(system.cwd, path);
      const content = await buffer(createReadStream(file, { end: LONGEST_KEY }));
      const loose = file.startsWith(SECRETS_OF_CONTAINER) ? undefined : looseRights(await stat(file), `The API key in ${path}`, path);
      if (loose !== undefined) notice(loose);
      return content.toString();
    },
  };
}
