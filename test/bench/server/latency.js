/*
 * Runs inside nginx (njs), not in Node: answers `$latency` milliseconds late. A timer keeps nobody else waiting, so that the delay is the
 * same for one request and for many at once.
 */

function later(r, answer) {
  setTimeout(answer, Number(r.variables.latency));
}

/** The service's leg: a redirect to `$link`. */
function redirect(r) {
  later(r, () => r.return(301, r.variables.link));
}

/** The store's leg: the same path below /now, where the files are. */
function object(r) {
  later(r, () => r.internalRedirect(`/now${r.uri}`));
}

export default { redirect, object };
