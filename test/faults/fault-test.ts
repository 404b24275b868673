import { readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { expect } from 'vitest';
import { it as base } from '../helpers/tool-test.ts';
import { type FaultProxy, startFaultProxy, type WireFault } from './fault-proxy.ts';
import { FaultServer } from './fault-server.ts';

/** Every run logs what it does, so that the log is searched for secrets too. */
export const LOGGED = ['-v'];

/**
 * For where silence is the fault: it is given up after seconds. Nowhere else, as a busy machine is silent for a moment too, and whoever is impatient
 * then asks once more.
 */
export const IMPATIENT = ['--timeout', '20', '--stall-timeout', '2', ...LOGGED];

/**
 * Tests of the built tool against a service and a store that commit faults. The tool's environment names the service. When a test is over,
 * all that was printed, logged and written is searched for the key and for every signature that was handed out, and all requests to the
 * store for the key.
 */
export const it = base.extend<{ server: FaultServer; wire: (faults: readonly WireFault[]) => Promise<FaultProxy> }>({
  server: async ({ tool }, use) => {
    const server = await FaultServer.start();
    Object.assign(tool.env, { KALEYRA_BASE_URL: server.baseUrl, KALEYRA_SID: server.sid, KALEYRA_API_KEY: server.apiKey });
    tool.secrets.add(server.apiKey);
    server.onSignature = (signature) => tool.secrets.add(signature);
    server.taken = (id, bytes) => partHolds(tool.folder, id, bytes);
    await use(server);
    server.close();
    expect(server.keyLeaks, 'requests that carried the key to the store').toEqual([]);
  },
  /** Puts a proxy in front of the store: links lead to it from now on. */
  wire: async ({ server }, use) => {
    const proxies: FaultProxy[] = [];
    await use(async (faults) => {
      const proxy = await startFaultProxy(server.storePort, faults);
      proxies.push(proxy);
      server.linkOrigin = proxy.origin;
      return proxy;
    });
    for (const proxy of proxies) proxy.close();
  },
});

/**
 * Resolves when the part file of a recording holds so many bytes. Where there is none (standard output) the wait ends after a moment: a
 * test that needs more than that says so itself.
 */
export async function partHolds(folder: string, id: string, bytes: number): Promise<void> {
  for (let waits = 0; waits < 4000; waits++) {
    const parts = readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter((file) => file.endsWith('.part') && file.includes(id));
    if (parts.some((part) => (statSync(join(folder, part), { throwIfNoEntry: false })?.size ?? 0) >= bytes)) return;
    if (parts.length === 0 && waits >= 40) return;
    await delay(5);
  }
}
