// @ts-check

/** Nobody listens to a request's socket, connect, upgrade, information and continue events. */
export default function proxyEvents() {
  return () => {};
}
