import { DigestMap } from './digest-map.ts';
import { ManifestDamage } from './manifest-damage.ts';
import { type ManifestLine, parseLine } from './manifest-line.ts';

/** After so many lines others get a turn. */
export const LINES_A_BREATH = 5000;

/** So much is read at once where many lines are read in order. */
const WINDOW_BYTES = 1024 * 1024;

/**
 * What a manifest says, wherever it lies. In memory there is an index of the lines' places alone; a line is read back when it is asked for. A
 * place is a number that is the higher the later a line was written.
 */
export abstract class ManifestLines {
  /** Where each id's last line begins: as it is where that line says saved, else as the negative number before the one it negates (-1 for 0). */
  readonly #places = new DigestMap();
  /** Where the last line that says saved begins, for ids whose last line says otherwise. */
  readonly #savedPlaces = new DigestMap();
  readonly #damage = new ManifestDamage();
  #savedCount = 0;

  /** Whether there is a manifest at all. */
  abstract get exists(): boolean;

  /**
   * The text of the line at a place, without its end; undefined where nothing can be read any more. `window`: many lines are asked for in their
   * order, and so many bytes can be read at once. Throws `FILE_SYSTEM` or `BUCKET`.
   */
  protected abstract textAt(place: number, window?: number): string | undefined;

  /** What was wrong with it when it was opened. */
  get damage(): ManifestDamage {
    return this.#damage;
  }

  /** How many recordings {@link savedLines} gives. */
  get savedCount(): number {
    return this.#savedCount;
  }

  /** How many ids it knows. */
  get size(): number {
    return this.#places.size;
  }

  /** The last line that is there for this id. Throws `FILE_SYSTEM` or `BUCKET`, as all that reads lines does. */
  find(id: string): ManifestLine | undefined {
    const place = this.#places.get(id);
    return place === undefined ? undefined : this.#readAt(place < 0 ? -place - 1 : place, id);
  }

  /**
   * The last line that called this id saved, whatever was said of it later: a file that was to be mended in vain is still the file that
   * was saved. Undefined where none did.
   */
  findSaved(id: string): ManifestLine | undefined {
    const place = this.#savedPlace(id);
    return place === undefined ? undefined : this.#readAt(place, id);
  }

  /** The last line of each id that called it saved, in the order in which those lines stand. */
  *savedLines(): Generator<ManifestLine> {
    for (const place of this.#placesOfSaved()) {
      const line = this.lineAt(place, WINDOW_BYTES);
      if (line?.status === 'saved' && this.#savedPlace(line.id) === place) yield line;
    }
  }

  /** The last line of each id, in the order in which those lines stand, with its place for {@link lineAt}. */
  *lastLines(): Generator<{ place: number; line: ManifestLine }> {
    const places = new Float64Array(this.#places.size);
    let count = 0;
    for (const value of this.#places.values()) places[count++] = value < 0 ? -value - 1 : value;
    for (const place of places.sort()) {
      const line = this.lineAt(place, WINDOW_BYTES);
      if (line !== undefined) yield { place, line };
    }
  }

  /** The last line of each id whose last line says failed, in the order in which those lines stand. */
  *failedLines(): Generator<ManifestLine> {
    const places: number[] = [];
    for (const value of this.#places.values()) if (value < 0) places.push(-value - 1);
    for (const place of Float64Array.from(places).sort()) {
      const line = this.lineAt(place, WINDOW_BYTES);
      if (line?.status === 'failed' && this.#places.get(line.id) === -place - 1) yield line;
    }
  }

  /** The line at a place that {@link lastLines} gave; undefined where it cannot be read any more. */
  lineAt(place: number, window?: number): ManifestLine | undefined {
    return parseLine(this.textAt(place, window));
  }

  /** Takes in a line, in their order. */
  protected index({ id, status }: ManifestLine, place: number): void {
    const before = this.#places.get(id);
    if (status === 'saved') {
      if (this.#savedPlace(id) === undefined) this.#savedCount += 1;
      this.#places.set(id, place);
    } else {
      if (before !== undefined && before >= 0) this.#savedPlaces.set(id, before);
      this.#places.set(id, -place - 1);
    }
  }

  /** Where lines stand that say saved, in order; some of them do not hold any more. */
  #placesOfSaved(): Float64Array {
    // A plain array of a million takes three times the room while it grows.
    const places = new Float64Array(this.#places.size + this.#savedPlaces.size);
    let count = 0;
    for (const place of this.#places.values()) if (place >= 0) places[count++] = place;
    for (const place of this.#savedPlaces.values()) places[count++] = place;
    return places.subarray(0, count).sort();
  }

  #savedPlace(id: string): number | undefined {
    const place = this.#places.get(id);
    return place === undefined || place >= 0 ? place : this.#savedPlaces.get(id);
  }

  #readAt(place: number, id: string): ManifestLine | undefined {
    const line = this.lineAt(place);
    // The index tells ids apart by 64 bits of a hash, and the line itself for certain.
    return line?.id === id ? line : undefined;
  }
}
