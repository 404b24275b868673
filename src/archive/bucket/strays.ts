import { isToolsFile } from '../own-names.ts';
import { Semaphore } from '../semaphore.ts';
import { statusOf, whyUnreadable } from './bucket-error.ts';
import type { ObjectStore } from './object-store.ts';
import type { ObjectHead } from './objects.ts';
import { isPiece } from './piece-names.ts';
import { type Facts, factsOf, idOf, isOurs } from './standing.ts';

/** So many objects are asked about at once. */
const AT_ONCE = 32;

/** An object that nobody recorded, and that says which recording it is. */
export interface Stray {
  file: string;
  head: ObjectHead;
}

/**
 * The objects of an archive that its manifest does not have. A run that was killed has stored recordings that it had no time to record, half a
 * minute's at most; another run at work will record its own.
 */
export class Strays {
  readonly #store: ObjectStore;
  readonly #prefix: string;
  #files: string[] = [];
  readonly #byId = new Map<string, Stray>();
  /** Those that are found to be whole. */
  readonly #facts = new Map<string, Facts & { file: string }>();

  constructor(store: ObjectStore, prefix: string) {
    this.#store = store;
    this.#prefix = prefix;
  }

  /** How many recordings there are. */
  get size(): number {
    return this.#byId.size;
  }

  /** Takes in the name of an object that is not in the manifest. The tool's own files are passed over. */
  add(file: string): void {
    if (!isPiece(file) && !isToolsFile(file)) this.#files.push(file);
  }

  /** Asks the store whose they are. Throws `BUCKET`, and the signal's reason. */
  async read(signal: AbortSignal | undefined): Promise<void> {
    const slots = new Semaphore(AT_ONCE);
    let fault: unknown;
    for (const file of this.#files.splice(0)) {
      await slots.take();
      if (fault !== undefined) {
        slots.free();
        break;
      }
      void this.#look(file, signal)
        .catch((error: unknown) => {
          fault = error;
        })
        .finally(() => slots.free());
    }
    await slots.allFree();
    if (fault !== undefined) throw fault;
  }

  get(id: string): Stray | undefined {
    return this.#byId.size === 0 ? undefined : this.#byId.get(id);
  }

  /** What the manifest needs to know of one; undefined where it is not whole. Throws `BUCKET`, and the signal's reason. */
  async factsOf(id: string, { file, head }: Stray, signal: AbortSignal | undefined): Promise<(Facts & { file: string }) | undefined> {
    const facts = await unlessUnreadable(factsOf(this.#store, this.#prefix + file, head, signal));
    if (facts !== undefined) this.#facts.set(id, { ...facts, file });
    return this.#facts.get(id);
  }

  /** What {@link factsOf} has found, once: it is recorded now. */
  taken(id: string): (Facts & { file: string }) | undefined {
    const facts = this.#facts.get(id);
    this.#facts.delete(id);
    if (facts !== undefined) this.#byId.delete(id);
    return facts;
  }

  async #look(file: string, signal: AbortSignal | undefined): Promise<void> {
    const head = await unlessUnreadable(this.#store.head(this.#prefix + file, signal));
    const id = head && isOurs(head) ? idOf(head) : undefined;
    if (head !== undefined && id !== undefined) this.#byId.set(id, { file, head });
  }
}

/** What is asked of one object; undefined where that one may not be read: what others have put there stops no run. */
async function unlessUnreadable<Result>(asked: Promise<Result>): Promise<Result | undefined> {
  try {
    return await asked;
  } catch (error) {
    // Others' objects can have keys and rights of their own. What is wrong with all of them was told when it was tried out.
    const status = statusOf((error as Error).cause);
    if (whyUnreadable(error) === undefined && status !== 400 && status !== 403) throw error;
    return undefined;
  }
}
