import { describe, expect, it, vi } from 'vitest';
import { orAborted, until } from '../../src/batch/until.ts';

/** A source that notes whether it was closed; after its items it is silent for ever where `silent`. */
function source(items: readonly number[], { silent = false, failure }: { silent?: boolean; failure?: Error } = {}) {
  const state = { closed: false };
  async function* give() {
    try {
      yield* items;
      if (failure !== undefined) throw failure;
      if (silent) await new Promise(() => {});
    } finally {
      state.closed = true;
    }
  }
  return { state, items: give() };
}

async function collect(items: AsyncIterable<number>, each: (item: number) => void = () => {}) {
  const got: number[] = [];
  for await (const item of items) {
    got.push(item);
    each(item);
  }
  return got;
}

describe('until', () => {
  it('gives all items of a source that ends', async () => {
    const { items, state } = source([1, 2, 3]);
    expect(await collect(until(items, new AbortController().signal))).toEqual([1, 2, 3]);
    expect(state.closed).toBe(true);
  });

  it('ends at the abort though the source is silent', async () => {
    const stop = new AbortController();
    const { items } = source([1], { silent: true });
    const got = collect(until(items, stop.signal), () => setImmediate(() => stop.abort()));
    expect(await got).toEqual([1]);
  });

  it('gives nothing more once it is aborted, and closes a source that waits to be asked', async () => {
    const stop = new AbortController();
    const { items, state } = source([1, 2, 3]);
    expect(await collect(until(items, stop.signal), (item) => item === 2 && stop.abort())).toEqual([1, 2]);
    await new Promise((resolve) => setImmediate(resolve));
    expect(state.closed).toBe(true);
  });

  it('gives nothing where it was aborted before', async () => {
    const { items } = source([1]);
    expect(await collect(until(items, AbortSignal.abort()))).toEqual([]);
  });

  it('hands on what the source throws', async () => {
    const { items } = source([1], { failure: new Error('no list') });
    await expect(collect(until(items, new AbortController().signal))).rejects.toThrow('no list');
  });

  it('closes the source of a reader that has enough, before it goes on', async () => {
    const { items, state } = source([1, 2, 3]);
    for await (const _ of until(items, new AbortController().signal)) break;
    expect(state.closed).toBe(true);
  });

  it('leaves no rejection behind when a source fails after the abort', async () => {
    const stop = new AbortController();
    let fail: (error: Error) => void = () => {};
    async function* late(): AsyncGenerator<number> {
      yield 1;
      await new Promise((_, reject) => {
        fail = reject;
      });
    }
    const got = collect(until(late(), stop.signal), () => setImmediate(() => stop.abort()));
    expect(await got).toEqual([1]);
    // An unhandled rejection would fail the run.
    fail(new Error('too late'));
    await new Promise((resolve) => setImmediate(resolve));
  });
});

describe('work that is waited for', () => {
  it('is over when it has ended, also where it failed, and leaves no listener', async () => {
    const stop = new AbortController();
    const listening = vi.spyOn(stop.signal, 'addEventListener');
    const leaving = vi.spyOn(stop.signal, 'removeEventListener');
    await orAborted(Promise.resolve(), stop.signal);
    await orAborted(Promise.reject(new Error('in vain')), stop.signal);
    expect(leaving).toHaveBeenCalledTimes(listening.mock.calls.length);
  });

  it('is not waited for once the signal is aborted', async () => {
    const stop = new AbortController();
    const waiting = orAborted(new Promise(() => {}), stop.signal);
    stop.abort();
    await waiting;
    await orAborted(new Promise(() => {}), stop.signal);
  });
});
