// @ts-check

/** @returns {never} */
export default function decompressResponse() {
  throw new Error("got's option decompress is left out of this build.");
}
