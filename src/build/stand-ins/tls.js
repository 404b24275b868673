// @ts-check
import { createRequire } from 'node:module';

const require = createRequire(import.meta.url);

/** @type {typeof import('node:tls').checkServerIdentity} */
export const checkServerIdentity = (host, certificate) => require('node:tls').checkServerIdentity(host, certificate);
