import { chmodSync, closeSync, ftruncateSync, mkdirSync, openSync, statSync, writeSync } from 'node:fs';
import { join, resolve } from 'node:path';
import Conf from 'conf';
import { hasCode } from '../disk/file-error.ts';
import { thisMachine } from '../disk/machine.ts';
import { looseRights } from '../disk/rights.ts';
import { syncFileSync } from '../disk/sync-file.ts';
import { RecordingError, usageError } from '../errors.ts';
import { isObject } from '../is-object.ts';
import { checkProfileName } from './settings.ts';

/** What is stored under a profile's name. */
export interface Profile {
  sid: string;
  apiKey: string;
  /** The service's base URL without the SID, such as `https://api.kaleyra.io/v1`. */
  baseUrl: string;
}

/**
 * The stored profiles. Every method reads the file anew. They throw `USAGE` where the file is there but is no profile store (it is then
 * left as it is: a user may still want what is in it), and `FILE_SYSTEM` where it cannot be read or written.
 */
export interface ProfileStore {
  /** The file, as an absolute path. It need not exist. */
  readonly path: string;
  /** The names of the stored profiles, sorted. */
  list(): string[];
  /** The profile of this name; undefined where there is none. */
  get(name: string): Profile | undefined;
  /** Stores a profile, in place of one of the same name. The file is written whole or not at all, and only its owner can read it. */
  set(name: string, profile: Profile): void;
  /** Deletes a profile. False where there was none. */
  delete(name: string): boolean;
  /** What to say of the file where others can read it; undefined where they cannot. */
  looseRights(): string | undefined;
}

/**
 * Opens the profile store. Neither that nor reading creates a file or a folder; both come with the first {@link ProfileStore.set}.
 * This module loads conf and all that it needs: import it only when the store is wanted.
 *
 * @param options.configDir the folder that holds the store.
 */
export function openProfileStore({ configDir, platform = thisMachine.platform }: StoreOptions): ProfileStore {
  const folder = resolve(configDir);
  const path = join(folder, 'config.json');

  const read = (): Profiles => {
    // conf makes the folder as soon as it looks for a file that is not there; a read must leave no trace.
    if (!exists(path)) return {};
    return guarded(path, 'read', () => ({ ...open(folder).get('profiles') }));
  };
  const write = (profiles: Profiles) =>
    guarded(path, 'written', () => {
      mkdirSync(folder, { recursive: true, mode: 0o700 });
      // Where conf cannot replace the file in one step it writes into the one that stands there, and leaves its mode as it was.
      if (exists(path)) chmodSync(path, 0o600);
      const store = open(folder);
      try {
        store.set('profiles', profiles);
      } catch (error) {
        // A file that is mounted by itself, as into a container, cannot be replaced; nor can one in a folder that may not be written to.
        if (!hasCode(error, 'EBUSY', 'EACCES', 'EPERM', 'EROFS') || !exists(path)) throw error;
        writeInPlace(path, `${JSON.stringify({ ...store.store, profiles }, undefined, '\t')}`);
      }
    });

  return {
    path,
    list: () => Object.keys(read()).sort(),
    get: (name) => {
      const profiles = read();
      return Object.hasOwn(profiles, name) ? profiles[name] : undefined;
    },
    set: (name, profile) => write({ ...read(), [checkProfileName(name, 'The profile')]: profile }),
    delete: (name) => {
      const profiles = read();
      if (!Object.hasOwn(profiles, name)) return false;
      delete profiles[name];
      write(profiles);
      return true;
    },
    looseRights: () => {
      const found = guarded(path, 'read', () => statSync(path, { throwIfNoEntry: false }));
      return found && looseRights(found, `The stored API key in ${path}`, path, { platform });
    },
  };
}

/** What {@link openProfileStore} takes. */
export interface StoreOptions {
  configDir: string;
  platform?: NodeJS.Platform;
}

/** All of the new text before the rest of the old one is cut off. */
function writeInPlace(path: string, text: string): void {
  const descriptor = openSync(path, 'r+');
  try {
    const bytes = Buffer.from(text);
    for (let from = 0; from < bytes.length; ) from += writeSync(descriptor, bytes, from, bytes.length - from, from);
    ftruncateSync(descriptor, bytes.length);
    syncFileSync(descriptor);
  } finally {
    closeSync(descriptor);
  }
}

type Profiles = Record<string, Profile>;

function open(folder: string): Conf<{ profiles?: Profiles }> {
  return new Conf({
    projectName: 'kaleyra-rec',
    projectSuffix: '',
    cwd: folder,
    configFileMode: 0o600,
    accessPropertiesByDotNotation: false,
    clearInvalidConfig: false,
    // conf takes any JSON for a store, and would spread a list or a string into one.
    deserialize: (text) => parseStore(text, join(folder, 'config.json')),
  });
}

function parseStore(text: string, path: string): { profiles?: Profiles } {
  let content: unknown;
  try {
    content = JSON.parse(text);
  } catch {
    // The parser's own message quotes the text around the fault, which may be a key: it is dropped, cause and all.
    throw damaged(path, 'it is not JSON');
  }
  if (!isObject(content)) throw damaged(path, 'it is not an object');
  const profiles = content.profiles;
  if (profiles === undefined) return content;
  if (!isObject(profiles)) throw damaged(path, '"profiles" is not an object');
  for (const [name, profile] of Object.entries(profiles)) {
    if (!isProfile(profile)) throw damaged(path, `the profile ${JSON.stringify(name)} lacks its sid, apiKey or baseUrl`);
  }
  return { ...content, profiles: profiles as Profiles };
}

function isProfile(value: unknown): value is Profile {
  return isObject(value) && ['sid', 'apiKey', 'baseUrl'].every((field) => typeof value[field] === 'string');
}

function damaged(path: string, why: string): RecordingError {
  return usageError(
    `The profile store ${path} is damaged: ${why}.`,
    'Repair the file, or move it away and run `kaleyra-rec auth login` to make a new one.',
  );
}

function exists(path: string): boolean {
  return guarded(path, 'read', () => statSync(path, { throwIfNoEntry: false }) !== undefined);
}

function guarded<Result>(path: string, done: 'read' | 'written', work: () => Result): Result {
  try {
    return work();
  } catch (error) {
    if (error instanceof RecordingError) throw error;
    const { code } = error as NodeJS.ErrnoException;
    if (code === undefined) throw error;
    throw new RecordingError('FILE_SYSTEM', `The profile store ${path} cannot be ${done} (${code}).`, {
      hint: 'Check the permissions of the file and its folder, or name another folder in KALEYRA_REC_CONFIG_DIR.',
      cause: error,
    });
  }
}
