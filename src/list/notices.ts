/** Something that a person should know of a list. `always`: with `--quiet` too. */
export interface ListNotice {
  message: string;
  always: boolean;
}

/** Takes a notice in, to be shown or held back. */
export type OnNotice = (notice: ListNotice) => void;

/** How many rows of a kind are told one by one. */
const MOST_TOLD = 5;

/** Tells what was passed over in a list: the first rows of each kind with their lines, and how many more there were. */
export class Teller {
  readonly #onNotice: OnNotice;
  readonly #counts = new Map<string, number>();

  constructor(onNotice: OnNotice = () => {}) {
    this.#onNotice = onNotice;
  }

  notice(message: string): void {
    this.#onNotice({ message, always: false });
  }

  warning(message: string): void {
    this.#onNotice({ message, always: true });
  }

  /** Tells of a row of some kind, unless enough of its kind were told. `kind` says in the end what the others are, as `repeated the header`. */
  row(kind: string, message: string, always = false): void {
    const count = (this.#counts.get(kind) ?? 0) + 1;
    this.#counts.set(kind, count);
    if (count <= MOST_TOLD) this.#onNotice({ message, always });
  }

  /** Says how many rows there were that were not told one by one. To be called once, at the end of the list. */
  end(): void {
    for (const [kind, count] of this.#counts) {
      const more = count - MOST_TOLD;
      if (more > 0) this.notice(`${more} more ${more === 1 ? 'row' : 'rows'} ${kind}.`);
    }
  }
}
