/** What is asked of a batch. */
export interface BatchOptions {
  /** How many recordings are under way at once. */
  concurrency: number;
  /** Take a file for saved only after hashing it again. */
  checksum: boolean;
  /** Ask again for what the service has called invalid or expired. */
  retryGone: boolean;
  /** Stop after so many recordings were asked for. */
  limit?: number | undefined;
  /** Which ids are this machine's; all where left out. */
  isOurs?: ((id: string) => boolean) | undefined;
  signal: AbortSignal;
}
