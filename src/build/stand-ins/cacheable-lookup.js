// @ts-check

export default class CacheableLookup {
  constructor() {
    throw new Error("got's option dnsCache is left out of this build.");
  }
}
