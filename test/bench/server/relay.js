// @ts-check
/*
 * A process of its own: passes TCP on between pairs of ports, each piece so many milliseconds late on its way there and again on its way back,
 * as a distant host would be. A connection's first piece waits for twice as long more: the handshake of TCP itself, which loopback has for nothing.
 *
 *     node relay.js <milliseconds each way> <listen>:<target> …
 */
import { connect, createServer } from 'node:net';

const [delay = '', ...pairs] = process.argv.slice(2);
const delayMs = Number(delay);

for (const pair of pairs) {
  const [listen, target] = pair.split(':').map(Number);
  if (listen === undefined || target === undefined) throw new Error(`No pair of ports: ${pair}`);
  createServer({ allowHalfOpen: true, noDelay: true }, (client) => {
    const server = connect({ port: target, host: '127.0.0.1', noDelay: true, allowHalfOpen: true });
    passOn(client, server, 3 * delayMs);
    passOn(server, client, delayMs);
    for (const [one, other] of /** @type {const} */ ([
      [client, server],
      [server, client],
    ])) {
      one.on('error', () => other.destroy());
    }
  }).listen(listen, '127.0.0.1');
}

/**
 * Pieces keep their order, and none waits for another.
 *
 * @param {import('node:net').Socket} from
 * @param {import('node:net').Socket} to
 * @param {number} firstMs how late the first piece is
 */
function passOn(from, to, firstMs) {
  let notBefore = 0;
  let lateMs = firstMs;
  const later = (/** @type {() => void} */ pass) => {
    notBefore = Math.max(notBefore, performance.now() + lateMs);
    lateMs = delayMs;
    setTimeout(pass, notBefore - performance.now());
  };
  from.on('data', (bytes) => later(() => to.write(bytes)));
  from.on('end', () => later(() => to.end()));
}
