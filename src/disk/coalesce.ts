/**
 * Makes one run of a slow action serve all who ask for it meanwhile. A call during a run waits for the next one, which begins after it: so
 * each caller's own work, done before the call, is covered. There is never more than one run at a time. An error reaches all whom that run
 * served, and no others.
 */
export function coalesce(action: () => Promise<void>): () => Promise<void> {
  let running: Promise<void> | undefined;
  let next: Promise<void> | undefined;
  const start = () => {
    next = undefined;
    running = action().finally(() => {
      // With another run in line this one counts as running until that begins: a call in between must not begin a third.
      if (next === undefined) running = undefined;
    });
    return running;
  };
  return () => {
    if (running === undefined) return start();
    next ??= running.catch(() => undefined).then(start);
    return next;
  };
}
