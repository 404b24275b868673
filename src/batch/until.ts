/**
 * The items of a source until the signal is aborted, also where the next one is still to come: a pipe can stay silent for ever. The source
 * is closed when the iteration ends. It is waited for that, unless the signal was aborted: a source that is silent cannot close either.
 */
export async function* until<Item>(source: AsyncIterable<Item>, signal: AbortSignal): AsyncGenerator<Item, void, undefined> {
  const items = source[Symbol.asyncIterator]();
  const aborted = new Promise<undefined>((resolve) => {
    if (signal.aborted) resolve(undefined);
    signal.addEventListener('abort', () => resolve(undefined), { once: true });
  });
  let ended = false;
  try {
    while (!signal.aborted) {
      const next = await Promise.race([nextOf(items, () => (ended = true)), aborted]);
      if (next === undefined || next.done) return;
      yield next.value;
    }
  } finally {
    const closed = ended ? undefined : items.return?.();
    if (signal.aborted) closed?.catch(() => undefined);
    else await closed;
  }
}

/** The next item; `onEnd` is called where the source has come to its end, or failed. */
async function nextOf<Item>(items: AsyncIterator<Item>, onEnd: () => void): Promise<IteratorResult<Item>> {
  try {
    const next = await items.next();
    if (next.done) onEnd();
    return next;
  } catch (error) {
    onEnd();
    throw error;
  }
}
