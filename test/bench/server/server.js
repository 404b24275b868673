// @ts-check
import { spawn } from 'node:child_process';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { connect, createServer } from 'node:net';
import { userInfo } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { selfSigned } from '../../helpers/self-signed.js';
import { nginxConfig } from './nginx-config.js';
import { SIZES, writeObjects } from './objects.js';

/** How late the delayed site answers on each leg, in milliseconds. */
export const LATENCY_MS = 50;

/** How long a piece is on its way to the distant site and back, in milliseconds. */
export const ROUND_TRIP_MS = 50;

/** How long nginx may take to listen or to end, in milliseconds. */
const PATIENCE_MS = 10_000;

/**
 * nginx, listening on free ports of the loopback.
 *
 * @typedef {object} BenchServer
 * @property {string} baseUrl the service, which answers with a redirect
 * @property {string} jsonBaseUrl the service, which answers with the link as JSON
 * @property {string} delayedBaseUrl the service, each of whose legs answers {@link LATENCY_MS} late
 * @property {string} distantBaseUrl the service over TLS, {@link ROUND_TRIP_MS} away, its store too
 * @property {string} certificate the path of the PEM file by which the distant site is trusted
 * @property {() => Promise<void>} stop ends it; resolves when it has ended
 * @property {() => void} kill ends it, with no time to wait for it
 */

/**
 * Starts nginx with a configuration of its own in `folder`, apart from any other nginx of this machine.
 *
 * @param {string} folder
 * @param {{ nginx: string, jsModule: string }} programs
 * @returns {Promise<BenchServer>}
 */
export async function startServer(folder, { nginx, jsModule }) {
  const objects = join(folder, 'objects');
  const sizes = /** @type {(keyof typeof SIZES)[]} */ (Object.keys(SIZES));
  const digests = sizes.flatMap((size) => writeObjects(objects, size));
  const [servicePort, storePort, delayedServicePort, delayedStorePort, ...distant] = await freePorts();
  const [tlsServicePort, tlsStorePort, distantServicePort, distantStorePort] = distant;
  const own = join(folder, 'nginx');
  mkdirSync(own);
  const config = join(own, 'nginx.conf');
  const { key, cert } = selfSigned();
  const certificate = join(own, 'certificate.pem');
  writeFileSync(certificate, cert);
  writeFileSync(join(own, 'key.pem'), key, { mode: 0o600 });
  writeFileSync(
    config,
    nginxConfig({
      folder: own,
      objects,
      digests,
      jsModule,
      latencyScript: fileURLToPath(new URL('latency.js', import.meta.url)),
      // Started by root, the workers would be somebody who may not read the folder.
      user: userInfo().uid === 0 ? userInfo().username : undefined,
      site: { servicePort, storePort },
      delayedSite: { servicePort: delayedServicePort, storePort: delayedStorePort, latencyMs: LATENCY_MS },
      tlsSite: { servicePort: tlsServicePort, storePort: tlsStorePort, linkedStorePort: distantStorePort },
    }),
  );

  const log = join(own, 'error.log');
  const relay = spawn(
    process.execPath,
    [
      fileURLToPath(new URL('relay.js', import.meta.url)),
      `${ROUND_TRIP_MS / 2}`,
      `${distantServicePort}:${tlsServicePort}`,
      `${distantStorePort}:${tlsStorePort}`,
    ],
    { stdio: ['ignore', 'ignore', 'inherit'] },
  );
  const child = spawn(nginx, ['-p', own, '-e', log, '-c', config], { stdio: ['ignore', 'ignore', 'inherit'] });
  const ended = new Promise((resolve) => child.once('close', resolve).once('error', resolve));
  let running = true;
  ended.then(() => {
    running = false;
  });
  for (const until = Date.now() + PATIENCE_MS; !((await listens(delayedStorePort)) && (await listens(distantStorePort))); await sleep(20)) {
    if (running && Date.now() < until) continue;
    child.kill();
    relay.kill();
    throw new Error(`nginx does not start:\n${readFileSync(log, 'utf8')}`);
  }
  return {
    baseUrl: `http://127.0.0.1:${servicePort}/v1`,
    jsonBaseUrl: `http://127.0.0.1:${servicePort}/json`,
    delayedBaseUrl: `http://127.0.0.1:${delayedServicePort}/v1`,
    distantBaseUrl: `https://127.0.0.1:${distantServicePort}/v1`,
    certificate,
    kill() {
      child.kill();
      relay.kill();
    },
    async stop() {
      relay.kill();
      if (running) child.kill('SIGTERM');
      const force = setTimeout(() => child.kill('SIGKILL'), PATIENCE_MS);
      await ended;
      clearTimeout(force);
    },
  };
}

/** @returns {Promise<[number, number, number, number, number, number, number, number]>} */
async function freePorts() {
  const servers = Array.from({ length: 8 }, () => createServer());
  const ports = await Promise.all(
    servers.map(
      (server) =>
        new Promise((resolve, reject) => {
          server.once('error', reject);
          server.listen(0, '127.0.0.1', () => resolve(/** @type {import('node:net').AddressInfo} */ (server.address()).port));
        }),
    ),
  );
  await Promise.all(servers.map((server) => new Promise((resolve) => server.close(resolve))));
  return /** @type {[number, number, number, number, number, number, number, number]} */ (ports);
}

/**
 * @param {number} port
 * @returns {Promise<boolean>}
 */
function listens(port) {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1');
    socket.once('connect', () => resolve(true)).once('error', () => resolve(false));
    socket.once('connect', () => socket.destroy());
  });
}
