import { DigestMap } from './digest-map.ts';
import type { ManifestLine } from './manifest.ts';

/**
 * What a manifest says of recordings that were not had, for one account: a verdict of the service holds for the account that it was given
 * to, and for no other. Lines of old releases name none, and hold for any.
 */
export class Verdicts {
  readonly #account: string | undefined;
  /** When each id was first called invalid. */
  readonly #invalidSince = new DigestMap();
  /** 1 for each id whose last line says failed, 0 for those that did once. */
  readonly #failing = new DigestMap();
  #failed = 0;

  /** `account` is the one that is asked; where it is not known, every line holds. */
  constructor(account: string | undefined) {
    this.#account = account;
  }

  /** How many ids have a last line that says failed, whoever was asked. */
  get failed(): number {
    return this.#failed;
  }

  /** Takes in a line, in the manifest's order. */
  add(line: ManifestLine): void {
    const { id, status, error } = line;
    this.#count(id, status === 'failed');
    if (status === 'saved' || error?.code !== 'RECORDING_NOT_FOUND' || !this.holds(line) || this.#invalidSince.has(id)) return;
    const at = Date.parse(line.at);
    if (Number.isFinite(at)) this.#invalidSince.set(id, at);
  }

  /** Whether what a line says of its recording holds for this account. */
  holds({ account }: ManifestLine): boolean {
    return account === undefined || this.#account === undefined || account === this.#account;
  }

  /** When the service first called an id invalid, in milliseconds since 1970 UTC; undefined where it never did. */
  invalidSince(id: string): number | undefined {
    return this.#invalidSince.size === 0 ? undefined : this.#invalidSince.get(id);
  }

  #count(id: string, failed: boolean): void {
    const before = this.#failing.size === 0 ? undefined : this.#failing.get(id);
    if (before === undefined && !failed) return;
    this.#failing.set(id, failed ? 1 : 0);
    this.#failed += (failed ? 1 : 0) - (before ?? 0);
  }
}
