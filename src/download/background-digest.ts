import { Worker } from 'node:worker_threads';
import type { Digest, Digests } from './digest.ts';

/** What a digest collects before it is sent on, in bytes. */
const BLOCK_BYTES = 256 * 1024;
/** So many blocks may be under way: 4 MiB. Two of each digest may be all the same, so that one at a time does not hold up the others. */
const MOST_BLOCKS = 16;
const BLOCKS_EACH = 2;

type Order = import('./digest-worker.js').Order;
type Done = import('./digest-worker.js').Done;

/** Digests that are computed in a thread of their own, which is begun with the first of them. */
export class BackgroundDigests {
  readonly #worker: Worker;
  readonly #open = new Map<number, BackgroundDigest>();
  /** Blocks that are not under way. */
  readonly #free: ArrayBuffer[] = [];
  #underWay = 0;
  #last = 0;
  #waiters = 0;
  #failure: Error | undefined;

  /** Throws where the system gives no further thread. */
  constructor() {
    this.#worker = new Worker(new URL('./digest-worker.js', import.meta.url), { name: 'digests' });
    this.#worker.on('message', (done: Done) => {
      this.#free.push(done.block);
      this.#underWay -= 1;
      this.#open.get(done.id)?.onDone(done);
    });
    this.#worker.on('error', (error) => this.#fail(error));
    this.#worker.on('exit', () => this.#fail(new Error('The thread that hashes has ended.')));
    // It ends with the process, and must not hold it up. After `on`, which refs it.
    this.#worker.unref();
  }

  /** Ends the thread. What it has not ended fails. */
  async close(): Promise<void> {
    await this.#worker.terminate();
  }

  /** Whether the thread has failed, and with it all that is begun from then on. */
  get hasFailed(): boolean {
    return this.#failure !== undefined;
  }

  /** A new one. Its promises reject where the thread has failed. */
  begin(md5: boolean): Digest {
    this.#last += 1;
    const id = this.#last;
    const digest = new BackgroundDigest(id, md5, {
      send: (order) => this.#send(order),
      waiting: (more) => this.#wait(more),
      block: (held) => this.#block(held),
      forget: () => this.#open.delete(id),
    });
    this.#open.set(id, digest);
    if (this.#failure !== undefined) digest.onFailure(this.#failure);
    return digest;
  }

  #block(held: number): ArrayBuffer | undefined {
    if (held >= BLOCKS_EACH && this.#underWay >= MOST_BLOCKS) return undefined;
    return this.#free.pop() ?? new ArrayBuffer(BLOCK_BYTES);
  }

  #send(order: Order): void {
    if ('block' in order) this.#underWay += 1;
    this.#worker.postMessage(order, 'block' in order ? [order.block] : []);
  }

  #fail(failure: Error): void {
    this.#failure ??= failure;
    for (const digest of this.#open.values()) digest.onFailure(this.#failure);
  }

  /** Keeps the process alive while somebody waits for the thread. */
  #wait(more: 1 | -1): void {
    this.#waiters += more;
    if (this.#waiters === 0) this.#worker.unref();
    else this.#worker.ref();
  }
}

/** How a digest reaches its thread. */
interface Thread {
  send(order: Order): void;
  waiting(more: 1 | -1): void;
  /** An empty block; undefined where one that holds so many has to wait for one of these. */
  block(held: number): ArrayBuffer | undefined;
  forget(): void;
}

class BackgroundDigest implements Digest {
  readonly #id: number;
  readonly #md5: boolean;
  readonly #thread: Thread;
  #block: Uint8Array | undefined;
  #filled = 0;
  #underWay = 0;
  #failure: Error | undefined;
  #waiting: { resolve: () => void; reject: (error: Error) => void } | undefined;
  #ended: Digests | undefined;

  constructor(id: number, md5: boolean, thread: Thread) {
    this.#id = id;
    this.#md5 = md5;
    this.#thread = thread;
  }

  update(bytes: Uint8Array): Promise<void> | undefined {
    for (let from = 0; from < bytes.length; ) {
      const block = this.#nextBlock();
      if (block === undefined) return this.#wait().then(() => this.update(bytes.subarray(from)));
      const piece = bytes.subarray(from, from + block.length - this.#filled);
      block.set(piece, this.#filled);
      this.#filled += piece.length;
      from += piece.length;
      if (this.#filled === block.length) this.#send('go on');
    }
    return undefined;
  }

  async end(): Promise<Digests> {
    while (this.#nextBlock() === undefined) await this.#wait();
    this.#send('end');
    while (this.#ended === undefined) await this.#wait();
    this.#thread.forget();
    return this.#ended;
  }

  drop(): void {
    this.#thread.forget();
    if (this.#ended === undefined) this.#thread.send({ id: this.#id, next: 'drop' });
    // Who still waits would wait for ever, and keep the process alive.
    this.onFailure(new Error('The digest was dropped.'));
  }

  onDone({ ended }: Done): void {
    this.#underWay -= 1;
    this.#ended = ended;
    this.#waiting?.resolve();
  }

  onFailure(error: Error): void {
    this.#failure = error;
    this.#waiting?.reject(error);
  }

  #nextBlock(): Uint8Array | undefined {
    if (this.#block !== undefined) return this.#block;
    const block = this.#thread.block(this.#underWay);
    if (block !== undefined) this.#block = new Uint8Array(block);
    return this.#block;
  }

  #send(next: 'go on' | 'end'): void {
    const block = this.#block;
    if (block === undefined) return;
    this.#thread.send({ id: this.#id, md5: this.#md5, block: block.buffer as ArrayBuffer, length: this.#filled, next });
    this.#underWay += 1;
    this.#block = undefined;
    this.#filled = 0;
  }

  async #wait(): Promise<void> {
    if (this.#failure !== undefined) throw this.#failure;
    this.#thread.waiting(1);
    try {
      await new Promise<void>((resolve, reject) => {
        this.#waiting = { resolve, reject };
      });
    } finally {
      this.#waiting = undefined;
      this.#thread.waiting(-1);
    }
  }
}
