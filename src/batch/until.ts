/**
 * The items of a source until the signal is aborted, also where the next one is still to come: a pipe can stay silent for ever. The source
 * is closed when the iteration ends. It is waited for that, unless the signal was aborted: a source that is silent cannot close either.
 */
export async function* until<Item>(source: AsyncIterable<Item>, signal: AbortSignal): AsyncGenerator<Item, void, undefined> {
  const items = source[Symbol.asyncIterator]();
  let stop: (() => void) | undefined;
  const onAbort = () => stop?.();
  signal.addEventListener('abort', onAbort, { once: true });
  let ended = false;
  try {
    while (!signal.aborted) {
      // A race with one promise that lives as long as the list would keep every item until the end of it.
      const next = await new Promise<IteratorResult<Item> | undefined>((resolve, reject) => {
        stop = () => resolve(undefined);
        items.next().then(resolve, (error) => {
          ended = true;
          reject(error);
        });
      });
      if (next?.done) ended = true;
      if (next === undefined || next.done) return;
      yield next.value;
    }
  } finally {
    signal.removeEventListener('abort', onAbort);
    const closed = ended ? undefined : items.return?.();
    if (signal.aborted) closed?.catch(() => undefined);
    else await closed;
  }
}

/** Resolves when the work is over, however it ends, or as soon as the signal is aborted. */
export async function orAborted(work: Promise<unknown>, signal: AbortSignal): Promise<void> {
  if (signal.aborted) return;
  await new Promise<void>((resolve) => {
    const done = () => {
      signal.removeEventListener('abort', done);
      resolve();
    };
    signal.addEventListener('abort', done);
    work.then(done, done);
  });
}
