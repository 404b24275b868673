// @ts-check

/** Of got's own timeouts none is set: the transport bounds the wait for each answer. */
export default function timedOut() {
  return () => {};
}

export class TimeoutError extends Error {}
