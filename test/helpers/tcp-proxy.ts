import { type AddressInfo, connect, createServer, type Socket } from 'node:net';

/** A TCP proxy on this machine that lets connections hang, and breaks them, when a test wants it. */
export interface TcpProxy {
  readonly port: number;
  /** After so many bytes of answers, nothing more passes on a connection that is made from now on; undefined: all does. */
  holdAfter: number | undefined;
  /** All that clients have sent, as text, one after the other. */
  sent(): string;
  /** Resets the connections that hang. */
  resetHeld(): void;
  close(): Promise<void>;
}

/** Starts a {@link TcpProxy} before a server. */
export async function startTcpProxy(target: { host: string; port: number }): Promise<TcpProxy> {
  const sockets = new Set<Socket>();
  const held = new Set<Socket>();
  const sent: Buffer[] = [];
  const proxy: TcpProxy = {
    port: 0,
    holdAfter: undefined,
    sent: () => Buffer.concat(sent).toString('latin1'),
    resetHeld() {
      for (const socket of held) socket.resetAndDestroy();
    },
    async close() {
      for (const socket of sockets) socket.destroy();
      await new Promise((resolve) => server.close(resolve));
    },
  };
  const server = createServer((client) => {
    const upstream = connect(target);
    const { holdAfter = Number.POSITIVE_INFINITY } = proxy;
    let passed = 0;
    for (const [socket, other] of [
      [client, upstream],
      [upstream, client],
    ] as const) {
      sockets.add(socket);
      socket.on('error', () => other.destroy());
      socket.on('close', () => {
        sockets.delete(socket);
        other.destroy();
      });
    }
    client.on('data', (chunk) => {
      sent.push(chunk);
      upstream.write(chunk);
    });
    upstream.on('data', (chunk) => {
      const passing = chunk.subarray(0, holdAfter - passed);
      passed += passing.length;
      client.write(passing);
      if (passed < holdAfter) return;
      upstream.pause();
      held.add(client);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return Object.assign(proxy, { port: (server.address() as AddressInfo).port });
}
