import type { RecordingError } from '../../errors.ts';
import { isToolsFile } from '../own-names.ts';
import { Semaphore } from '../semaphore.ts';
import { statusOf } from './bucket-error.ts';
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
    const facts = await factsOf(this.#store, this.#prefix + file, head, signal);
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
    const head = await this.#store.head(this.#prefix + file, signal).catch((error: RecordingError) => {
      // Others' objects can have keys and rights of their own. What is wrong with all of them `tryOut` has told.
      if (![400, 403].includes(statusOf(error.cause) ?? 0)) throw error;
    });
    const id = head && isOurs(head) ? idOf(head) : undefined;
    if (head && id !== undefined) this.#byId.set(id, { file, head });
  }
}
