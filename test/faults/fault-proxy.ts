import { once } from 'node:events';
import { type AddressInfo, createServer, connect as dial, type Socket } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';

/** What is done to one connection, below HTTP: nothing of it follows the borders of requests and answers. */
export interface WireFault {
  /** Ends the connection when so many bytes have come back from the server; 0: as soon as it is made. */
  after?: number;
  /** How it ends: `reset` (RST), `end` (FIN) or `silence` (it stays open, and nothing comes any more). */
  by?: 'reset' | 'end' | 'silence';
  /** What comes back is handed on in pieces of so many bytes, so many milliseconds apart. */
  drip?: { bytes: number; everyMs: number };
}

/** A TCP proxy on loopback that spoils connections as planned. */
export interface FaultProxy {
  readonly origin: string;
  /** How many connections were made to it. */
  readonly connections: number;
  /** From now on nobody listens: connections are refused. */
  down(): Promise<void>;
  /** Listens again, on the same port. */
  up(): Promise<void>;
  close(): void;
}

/** Starts a proxy in front of a port of loopback. The nth connection suffers the nth fault; those behind the last one suffer none. */
export async function startFaultProxy(port: number, faults: readonly WireFault[] = []): Promise<FaultProxy> {
  const open = new Set<Socket>();
  let connections = 0;
  const server = createServer({ pauseOnConnect: true }, (client) => {
    const fault = faults[connections] ?? {};
    connections += 1;
    const target = dial(port, '127.0.0.1');
    for (const socket of [client, target]) {
      open.add(socket);
      socket.on('error', () => {});
      socket.on('close', () => open.delete(socket));
    }
    client.on('close', () => target.destroy());
    client.on('end', () => target.end());
    client.on('data', (chunk) => target.write(chunk));
    client.resume();
    void handOn(target, client, fault);
  });
  const listen = async (at: number) => {
    server.listen(at, '127.0.0.1');
    await once(server, 'listening');
  };
  await listen(0);
  const own = (server.address() as AddressInfo).port;
  const close = () => {
    for (const socket of open) socket.destroy();
    server.close();
  };
  return {
    origin: `http://127.0.0.1:${own}`,
    get connections() {
      return connections;
    },
    async down() {
      if (!server.listening) return;
      const closed = once(server, 'close');
      close();
      await closed;
    },
    up: () => listen(own),
    close,
  };
}

/** Hands what the server sends on to the client, until the fault. */
async function handOn(target: Socket, client: Socket, { after, by = 'reset', drip }: WireFault): Promise<void> {
  let passed = 0;
  const pass = (bytes: Buffer) => {
    passed += bytes.length;
    if (!client.destroyed) client.write(bytes);
  };
  const spoil = async () => {
    target.pause();
    // What was written is to arrive: a reset throws away what the other side has not taken yet.
    await delay(200);
    if (by === 'reset') client.resetAndDestroy();
    else if (by === 'end') client.end();
    if (by !== 'silence') target.destroy();
  };
  if (after === 0) return spoil();
  try {
    for await (const chunk of target as AsyncIterable<Buffer>) {
      const room = after === undefined ? chunk.length : Math.min(chunk.length, after - passed);
      for (let at = 0; at < room; at += drip?.bytes ?? room) {
        pass(chunk.subarray(at, Math.min(room, at + (drip?.bytes ?? room))));
        if (drip !== undefined) await delay(drip.everyMs);
      }
      if (passed === after) return await spoil();
    }
  } catch {
    // The client has gone, and took the connection to the server with it.
  }
  client.end();
}
