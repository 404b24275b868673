import { existsError } from '../../disk/final-name.ts';
import type { HomeTools } from '../archive.ts';
import type { Destination } from '../draft.ts';
import { recordingFileName } from '../file-name.ts';
import { parseObjectAddress } from './address.ts';
import { BucketDraft } from './bucket-draft.ts';
import { openStore } from './bucket-home.ts';
import type { ObjectStore } from './object-store.ts';
import type { Over } from './objects.ts';
import type { BucketOptions } from './options.ts';
import { PartBuffers } from './part-buffers.ts';

/** Where single recordings go in a bucket. */
export interface BucketDestination extends Destination {
  /** What stands under a name that this id's recording could be given. Throws `BUCKET`. */
  standing(id: string): Promise<{ file: string; bytes: number } | undefined>;
}

/**
 * An object, or below a prefix one that is named after the id and what it turns out to be. With `replace` it is put in the place of what stands there. The
 * signal cuts what is under way.
 * Its `open` throws `FILE_EXISTS` and `BUCKET`. Throws `USAGE` for what is no address.
 */
export async function bucketDestination(
  output: string,
  { replace, signal }: { replace: boolean; signal: AbortSignal },
  tools: HomeTools,
  options: BucketOptions,
): Promise<BucketDestination> {
  const place = parseObjectAddress(output);
  const { store } = await openStore(output, tools, options);
  const buffers = new PartBuffers();
  const over: Over = replace ? 'anything' : 'absent';
  const keyOf = (id: string, extension: string) => ('key' in place ? place.key : place.prefix + recordingFileName(id, extension));
  const standing = (id: string) =>
    'key' in place ? find(store, place.key, true) : find(store, place.prefix + recordingFileName(id, ''), false);
  return {
    standing,
    async open(id) {
      const stands = replace ? undefined : await standing(id);
      if (stands !== undefined) throw existsError(stands.file);
      return new BucketDraft(
        id,
        { store, buffers, account: undefined, signal },
        {
          find: (extension) => ({ key: keyOf(id, extension), over }),
          taken: (key) => {
            throw existsError(store.address(key));
          },
        },
      );
    },
  };
}

/** The object with this key, or the first one whose key begins with it and has no further dot or slash: its extension alone. */
async function find(store: ObjectStore, key: string, isWhole: boolean): Promise<{ file: string; bytes: number } | undefined> {
  for await (const page of store.list(key)) {
    for (const { key: found, bytes } of page) {
      if (isWhole ? found === key : /^[a-z0-9]+$/u.test(found.slice(key.length))) return { file: store.address(found), bytes };
    }
    // It would be the first one.
    if (isWhole) break;
  }
  return undefined;
}
