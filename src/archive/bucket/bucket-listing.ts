import type { ListedArchive } from '../listing.ts';
import type { BucketManifest } from './bucket-manifest.ts';
import type { ObjectStore } from './object-store.ts';

/** An archive in a bucket, as it is listed. */
export class BucketListing implements ListedArchive {
  readonly name: string;
  readonly manifestName: string;
  readonly #store: ObjectStore;
  readonly manifest: BucketManifest;

  /** `name` is the archive as the user typed it, `manifestName` where its pieces lie. */
  constructor(name: string, manifestName: string, store: ObjectStore, manifest: BucketManifest) {
    this.name = name;
    this.manifestName = manifestName;
    this.#store = store;
    this.manifest = manifest;
  }

  /** None: each would be a request, which takes longer than a million lines of a folder and costs money. */
  secondsOf(): undefined {}

  async close(): Promise<void> {
    await this.manifest.close();
    this.#store.close();
  }
}
