// @ts-check

/** @returns {never} */
function leftOut() {
  throw new Error("got's option http2 is left out of this build.");
}

export default {
  get auto() {
    return leftOut();
  },
  get globalAgent() {
    return leftOut();
  },
};
