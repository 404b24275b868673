// @ts-check

/**
 * Where the environment has a DEBUG, the proxy agents would print addresses, passwords among them, and file-type what it finds in an archive: they
 * get a logger that is silent.
 */
export default function createDebug() {
  return () => {};
}
