// @ts-check

/** @returns {never} */
export function createNegotiateAuth() {
  throw new Error("The proxy agents' option negotiate is left out of this build.");
}
