import type { Catalogue } from './catalogue.ts';
import type { Recording } from './recording.ts';

/** What is looked for. */
export interface Query {
  /** Words that must all stand somewhere in id, file or columns; what is in double quotes is one of them. */
  text: string;
  /** The first and last day, `2026-11-20`; empty for no bound. */
  from: string;
  until: string;
  /** Only those with this status; empty for all. */
  status: string;
  /** `date`, `id`, `status`, `bytes`, `file`, `seconds`, or `row:` and a report's header. */
  sort: string;
  descending: boolean;
}

/** What was found. */
export interface Found {
  /** In the order asked for. */
  recordings: readonly Recording[];
  /** How many there are of each day, the days in their order: of those that fit but for the bounds of days. */
  days: readonly (readonly [day: string, count: number])[];
}

/** Finds recordings. What was found last is kept for the next page of it, and each order for the next word that is typed. */
export class Search {
  readonly #catalogue: Catalogue;
  #version = -1;
  #last: { key: string; found: Found } | undefined;
  readonly #orders = new Map<string, readonly Recording[]>();

  constructor(catalogue: Catalogue) {
    this.#catalogue = catalogue;
  }

  find(query: Query): Found {
    if (this.#version !== this.#catalogue.version) {
      this.#version = this.#catalogue.version;
      this.#last = undefined;
      this.#orders.clear();
    }
    const key = JSON.stringify(query);
    if (this.#last?.key !== key) this.#last = { key, found: this.#run(query) };
    return this.#last.found;
  }

  #run({ text, from, until, status, sort, descending }: Query): Found {
    const words = wordsOf(text);
    const days = new Map<string, number>();
    const recordings: Recording[] = [];
    const order = this.#inOrder(sort);
    for (let at = 0; at < order.length; at += 1) {
      const recording = order[descending ? order.length - 1 - at : at];
      if (recording === undefined || (status !== '' && recording.line.status !== status)) continue;
      if (!words.every((word) => recording.text.includes(word))) continue;
      const { day } = recording;
      if (day !== '') days.set(day, (days.get(day) ?? 0) + 1);
      if ((from === '' || day >= from) && (until === '' || (day !== '' && day <= until))) recordings.push(recording);
    }
    return { recordings, days: [...days].sort(([one], [other]) => (one < other ? -1 : 1)) };
  }

  #inOrder(sort: string): readonly Recording[] {
    let order = this.#orders.get(sort);
    if (order === undefined) {
      order = sorted(this.#catalogue.recordings, sort);
      // Each holds a pointer a recording; whoever tries every column must not fill the memory.
      if (this.#orders.size >= 4) this.#orders.clear();
      this.#orders.set(sort, order);
    }
    return order;
  }
}

/** The words of a search, in lower case; a phrase in double quotes is one. */
export function wordsOf(text: string): string[] {
  return [...text.toLowerCase().matchAll(/"([^"]+)"|[^\s"]+/gu)].map(([word, phrase]) => phrase ?? word);
}

/** Numbers in texts count as numbers, so that 9 comes before 10. */
const collator = new Intl.Collator('en', { numeric: true });

function sorted(recordings: readonly Recording[], sort: string): readonly Recording[] {
  const numberOf = Object.hasOwn(NUMBERS, sort) ? NUMBERS[sort] : undefined;
  if (numberOf !== undefined) {
    const values = recordings.map((recording) => numberOf(recording) ?? Number.NEGATIVE_INFINITY);
    return byKeys(recordings, (one, other) => {
      const [first = 0, second = 0] = [values[one], values[other]];
      return first < second ? -1 : first > second ? 1 : 0;
    });
  }
  const values = recordings.map((recording) => textOf(recording, sort));
  // Each text is compared once with each other one that it meets: as a rank, many equal ones (a status, a caller) cost nothing more.
  const ranks = new Map([...new Set(values)].sort(collator.compare).map((value, rank) => [value, rank]));
  return byKeys(recordings, (one, other) => (ranks.get(values[one] ?? '') ?? 0) - (ranks.get(values[other] ?? '') ?? 0));
}

function byKeys(recordings: readonly Recording[], compare: (one: number, other: number) => number): readonly Recording[] {
  const keys = Uint32Array.from(recordings.keys());
  keys.sort((one, other) => compare(one, other) || one - other);
  return Array.from(keys, (key) => recordings[key] as Recording);
}

const NUMBERS: Readonly<Record<string, (recording: Recording) => number | undefined>> = {
  date: ({ time }) => time,
  bytes: ({ line }) => line.bytes ?? undefined,
};

function textOf({ line }: Recording, sort: string): string {
  if (sort.startsWith('row:')) {
    const column = sort.slice('row:'.length);
    return line.row !== undefined && Object.hasOwn(line.row, column) ? (line.row[column] ?? '') : '';
  }
  if (sort === 'status') return line.status;
  return (sort === 'file' ? line.file : line.id) ?? '';
}
