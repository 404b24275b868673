// @ts-check

export default class CacheableRequest {
  constructor() {
    throw new Error("got's option cache is left out of this build.");
  }
}

/** got asks of every error whether it is one of these. */
export class CacheError extends Error {}
