// @ts-check
/*
 * The thread behind BackgroundDigest: hashes the blocks of bytes that it is sent, and sends each block back to be filled again. Plain
 * JavaScript, since Node must be able to load it from the sources as well.
 */
import { createHash } from 'node:crypto';
import { parentPort } from 'node:worker_threads';

/**
 * What is asked of it, of the digest `id`. A digest begins with its first order, and ends with `end` or `drop`.
 *
 * @typedef {{ id: number, md5: boolean, block: ArrayBuffer, length: number, next: 'go on' | 'end' } | { id: number, next: 'drop' }} Order
 */

/** @typedef {{ id: number, block: ArrayBuffer, ended?: { sha256: string, md5: string | undefined } }} Done */

/** @type {Map<number, { sha256: import('node:crypto').Hash, md5: import('node:crypto').Hash | undefined }>} */
const digests = new Map();

parentPort?.on('message', (/** @type {Order} */ order) => {
  const { id } = order;
  if (order.next === 'drop') return void digests.delete(id);
  const { block, length } = order;
  const hashes = digests.get(id) ?? { sha256: createHash('sha256'), md5: order.md5 ? createHash('md5') : undefined };
  const bytes = new Uint8Array(block, 0, length);
  hashes.sha256.update(bytes);
  hashes.md5?.update(bytes);
  if (order.next === 'go on') {
    digests.set(id, hashes);
    return void tell({ id, block });
  }
  digests.delete(id);
  tell({ id, block, ended: { sha256: hashes.sha256.digest('hex'), md5: hashes.md5?.digest('hex') } });
});

/** @param {Done} done */
function tell(done) {
  parentPort?.postMessage(done, [done.block]);
}
