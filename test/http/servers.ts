import { once } from 'node:events';
import { createServer, type IncomingHttpHeaders, type ServerResponse } from 'node:http';
import { type AddressInfo, createServer as createTcpServer, type Socket } from 'node:net';
import { onTestFinished } from 'vitest';
import type { StoreAnswer } from '../../src/http/store.ts';

/** A request as it reached a {@link startServer}, byte for byte where it matters. */
export interface Received {
  method: string;
  /** The request target as it stood on the wire. */
  target: string;
  headers: IncomingHttpHeaders;
  body: string;
  /** Which connection it came over, counted from 1. */
  connection: number;
}

/** A real HTTP server on loopback, of the running test's own. */
export interface TestServer {
  url: URL;
  received: Received[];
}

/** Starts a server that answers each request by `answer`, which gets the request's number from 0 on. It is stopped when the test is over. */
export async function startServer(answer: (response: ServerResponse, request: Received, number: number) => unknown): Promise<TestServer> {
  const received: Received[] = [];
  const connections = new Map<Socket, number>();
  const server = createServer(async (incoming, response) => {
    const chunks: Buffer[] = [];
    for await (const chunk of incoming) chunks.push(chunk);
    const { method = '', url: target = '', headers, socket } = incoming;
    const request = { method, target, headers, body: Buffer.concat(chunks).toString(), connection: connections.get(socket) ?? 0 };
    received.push(request);
    await answer(response, request, received.length - 1);
  });
  server.on('connection', (socket) => connections.set(socket, connections.size + 1));
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return { url: new URL(`http://127.0.0.1:${(server.address() as AddressInfo).port}`), received };
}

/** Starts a server that sends `text` over every connection as soon as a request has begun to come, and closes it: for what no HTTP server says. */
export async function startRawServer(text: string): Promise<URL> {
  const server = createTcpServer((socket) => {
    socket.on('error', () => undefined);
    socket.once('data', () => socket.end(text));
  });
  onTestFinished(() => void server.close());
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return new URL(`http://127.0.0.1:${(server.address() as AddressInfo).port}`);
}

/** An address on loopback where nobody listens. */
export async function closedAddress(): Promise<URL> {
  const server = createTcpServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, 'close');
  return new URL(`http://127.0.0.1:${port}`);
}

/** All bytes of a body, as text. */
export async function readAll(answer: Pick<StoreAnswer, 'read'>): Promise<string> {
  const chunks: Uint8Array[] = [];
  await answer.read((chunk) => void chunks.push(chunk));
  return Buffer.concat(chunks).toString();
}

/** A signal that nobody aborts. */
export const calm = new AbortController().signal;
