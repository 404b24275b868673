/** Lines of a manifest, one after the other, that cannot be read. */
export interface DamagedLines {
  /** The piece of the manifest that they stand in, where it lies in pieces. */
  file?: string | undefined;
  /** The number of the first one, counted from 1. */
  line: number;
  lines: number;
}

/** More are told as one: a file that is no manifest at all could have any number. */
const MOST_RANGES = 1000;

/** What is wrong with a manifest itself. */
export class ManifestDamage {
  readonly #ranges: DamagedLines[] = [];
  #count = 0;
  #torn: number | undefined;

  /** How many complete lines cannot be read: what they said of their recordings is lost. */
  get count(): number {
    return this.#count;
  }

  /** Where they stand. Behind the thousandth place, the last of these counts all that follow. */
  get ranges(): readonly DamagedLines[] {
    return this.#ranges;
  }

  /** The number of a last line that was begun and not ended, as a crash leaves it; nothing was recorded by it. */
  get torn(): number | undefined {
    return this.#torn;
  }

  addTorn(line: number): void {
    this.#torn = line;
  }

  /** Counts a line that cannot be read, by its number from 1, and by the piece that it stands in where there are several. */
  add(line: number, file?: string): void {
    this.#count += 1;
    const last = this.#ranges.at(-1);
    const follows = last !== undefined && last.file === file && last.line + last.lines === line;
    if (last !== undefined && (follows || this.#ranges.length === MOST_RANGES)) last.lines += 1;
    else this.#ranges.push({ line, lines: 1, file });
  }
}

/** What a batch says of a manifest with damaged lines, before it goes on without them; undefined where there are none. */
export function damageNotice(damage: ManifestDamage, manifest: string): string | undefined {
  const where = whereDamaged(damage, manifest);
  if (where === undefined) return undefined;
  return `${where} damaged and cannot be read. The recordings named there are treated as new. \`kaleyra-rec verify\` names the damaged lines.`;
}

/** The beginning of a sentence, `Line 3 of calls/manifest.jsonl is`; undefined where nothing is damaged. */
export function whereDamaged({ count, ranges }: ManifestDamage, manifest: string): string | undefined {
  if (count === 0) return undefined;
  return count === 1 ? `Line ${ranges[0]?.line} of ${ranges[0]?.file ?? manifest} is` : `${count} lines of ${manifest} are`;
}
