// @ts-check
import { createRequire } from 'node:module';

const require = createRequire(import.meta.url);

/** Node's module, loaded when a request goes to an https address. */
export default {
  get request() {
    return require('node:https').request;
  },
};
