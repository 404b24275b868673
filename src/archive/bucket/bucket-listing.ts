import type { ListedArchive } from '../listing.ts';
import type { ManifestDamage } from '../manifest-damage.ts';
import type { ManifestLine } from '../manifest-line.ts';
import type { BucketManifest } from './bucket-manifest.ts';
import type { ObjectStore } from './object-store.ts';

/** An archive in a bucket, as it is listed. */
export class BucketListing implements ListedArchive {
  readonly name: string;
  readonly manifest: string;
  readonly #store: ObjectStore;
  readonly #lines: BucketManifest;

  /** `name` is the archive as the user typed it, `manifest` where its pieces lie. */
  constructor(name: string, manifest: string, store: ObjectStore, lines: BucketManifest) {
    this.name = name;
    this.manifest = manifest;
    this.#store = store;
    this.#lines = lines;
  }

  get damage(): ManifestDamage {
    return this.#lines.damage;
  }

  lastLines(): Iterable<{ place: number; line: ManifestLine }> {
    return this.#lines.lastLines();
  }

  lineAt(place: number): ManifestLine | undefined {
    return this.#lines.lineAt(place);
  }

  /** None: each would be a request, which takes longer than a million lines of a folder and costs money. */
  secondsOf(): undefined {}

  async close(): Promise<void> {
    await this.#lines.close();
    this.#store.close();
  }
}
