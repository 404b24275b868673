// @ts-check

/** @returns {never} */
function leftOut() {
  throw new Error("conf's option migrations is left out of this build.");
}

export default { clean: leftOut, eq: leftOut, gt: leftOut, lte: leftOut, satisfies: leftOut };
