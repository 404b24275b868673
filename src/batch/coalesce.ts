/**
 * Makes one run of a slow action serve all who ask for it meanwhile. A call during a run waits for the next one, which begins after it: so
 * each caller's own work, done before the call, is covered. An error reaches all whom that run served.
 */
export function coalesce(action: () => Promise<void>): () => Promise<void> {
  let running: Promise<void> | undefined;
  let next: Promise<void> | undefined;
  const start = () => {
    running = action().finally(() => {
      running = undefined;
    });
    return running;
  };
  return () => {
    if (running === undefined) return start();
    next ??= running
      .catch(() => undefined)
      .then(() => {
        next = undefined;
        return start();
      });
    return next;
  };
}
