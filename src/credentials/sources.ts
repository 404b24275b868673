import { createReadStream } from 'node:fs';
import { resolve } from 'node:path';
import { buffer } from 'node:stream/consumers';
import type { System } from '../system.ts';
import type { CredentialSources } from './resolve.ts';
import { LONGEST_KEY } from './settings.ts';

/**
 * The sources that a run on this system has: its environment, the store in `KALEYRA_REC_CONFIG_DIR` (else the platform's folder), and
 * files relative to its working folder. The store's code is loaded when it is first opened.
 */
export function credentialSources(system: Pick<System, 'env' | 'cwd'>): CredentialSources {
  return {
    env: system.env,
    async openStore() {
      const { openProfileStore } = await import('./store.ts');
      const configDir = system.env.KALEYRA_REC_CONFIG_DIR;
      return openProfileStore({ configDir: configDir && resolve(system.cwd, configDir) });
    },
    async readFile(path) {
      // `end` is inclusive: one byte more than a key may have, so that a longer file is seen to be too long, and a device without end is no trap.
      const content = await buffer(createReadStream(resolve(system.cwd, path), { end: LONGEST_KEY }));
      return content.toString();
    },
  };
}
