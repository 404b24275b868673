import { once } from 'node:events';
import { createServer as createHttpServer, request as httpRequest } from 'node:http';
import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net';

/** A proxy on loopback that keeps what it is asked, and every byte that its clients send. */
export interface TestProxy {
  readonly port: number;
  readonly host: string;
  /** What it was asked, one entry a request or tunnel: `GET http://…`, `CONNECT host:port`, `SOCKS host:port`. */
  readonly asked: readonly string[];
  /** The `Proxy-Authorization` of each, decoded; `user:password` of SOCKS; undefined where none came. */
  readonly authorizations: readonly (string | undefined)[];
  /** All that clients have sent, as Latin-1. */
  sent(): string;
  /** How many connections to it are open. */
  open(): number;
  close(): Promise<void>;
}

export interface ProxyManners {
  /** Whatever is asked for is fetched from this port of loopback in place of its own host. */
  port?: number;
  /** Answers every request and tunnel with this, and closes the connection. */
  answer?: string;
  /** What a tunnel that is made is told with; the usual words where left out. */
  established?: string;
  /** What becomes of a connection as soon as something has come over it: it ends, it is reset, nothing ever comes back. */
  turns?: 'end' | 'reset' | 'silent';
}

/** Starts an HTTP proxy: it forwards requests in absolute form, and makes tunnels for CONNECT. */
export async function startHttpProxy(manners: ProxyManners = {}): Promise<TestProxy> {
  const book = new Book();
  const server = createHttpServer((incoming, response) => {
    const url = new URL(incoming.url ?? '', 'http://not-absolute.invalid');
    book.note(`${incoming.method} ${incoming.url}`, basic(incoming.headers['proxy-authorization']));
    const { 'proxy-authorization': _, 'proxy-connection': __, ...headers } = incoming.headers;
    const onward = httpRequest(
      { host: '127.0.0.1', port: manners.port ?? url.port, method: incoming.method, path: url.pathname + url.search, headers },
      (answer) => {
        response.writeHead(answer.statusCode ?? 502, answer.headers);
        answer.pipe(response);
      },
    );
    onward.on('error', () => response.destroy());
    incoming.pipe(onward);
  });
  server.on('connect', (incoming, client: Socket, head) => {
    book.note(`CONNECT ${incoming.url}`, basic(incoming.headers['proxy-authorization']));
    if (manners.answer !== undefined) return void client.end(manners.answer);
    const { port } = new URL(`https://${incoming.url}`);
    tunnel(client, manners.port ?? Number(port || 443), head, () =>
      client.write(manners.established ?? 'HTTP/1.1 200 Connection established\r\n\r\n'),
    );
  });
  return startProxy(server, book, manners);
}

/** What a SOCKS proxy asks of its clients. */
export interface SocksManners extends ProxyManners {
  /** The only `user:password` that it lets through; left out, it asks for none. */
  login?: string;
  /** The reply of RFC 1928 to every request; 0 where it connects. */
  reply?: number;
}

/** Starts a SOCKS5 proxy (RFC 1928, RFC 1929). */
export async function startSocksProxy(manners: SocksManners = {}): Promise<TestProxy> {
  const book = new Book();
  const server = createServer((client) => void serveSocks(client, manners, book).catch(() => client.destroy()));
  return startProxy(server, book, manners);
}

async function serveSocks(client: Socket, { login, reply = 0, port }: SocksManners, book: Book): Promise<void> {
  const greeting = await nextChunk(client);
  const asksLogin = login !== undefined;
  if (asksLogin && !greeting.subarray(2).includes(2)) return void client.end(Buffer.from([5, 0xff]));
  client.write(Buffer.from([5, asksLogin ? 2 : 0]));
  let authorization: string | undefined;
  if (asksLogin) {
    const told = await nextChunk(client);
    const userLength = told[1] ?? 0;
    const user = told.subarray(2, 2 + userLength);
    authorization = `${user}:${told.subarray(3 + userLength)}`;
    client.write(Buffer.from([1, authorization === login ? 0 : 1]));
    if (authorization !== login) return void client.end();
  }
  const asked = await nextChunk(client);
  const isName = asked[3] === 3;
  const host = isName ? asked.subarray(5, 5 + (asked[4] ?? 0)).toString() : asked.subarray(4, 8).join('.');
  const wanted = asked.readUInt16BE(asked.length - 2);
  book.note(`SOCKS ${host}:${wanted}`, authorization);
  const answer = Buffer.from([5, reply, 0, 1, 0, 0, 0, 0, 0, 0]);
  if (reply !== 0) return void client.end(answer);
  tunnel(client, port ?? wanted, Buffer.alloc(0), () => client.write(answer));
}

async function nextChunk(socket: Socket): Promise<Buffer> {
  const [chunk] = (await once(socket, 'data')) as [Buffer];
  return chunk;
}

/** Connects a client with a port of loopback. */
function tunnel(client: Socket, port: number, head: Buffer, established: () => void): void {
  const target = connect(port, '127.0.0.1', () => {
    established();
    target.write(head);
    client.pipe(target).pipe(client);
  });
  target.on('error', () => client.destroy());
  client.on('close', () => target.destroy());
}

class Book {
  readonly asked: string[] = [];
  readonly authorizations: (string | undefined)[] = [];

  note(asked: string, authorization: string | undefined): void {
    this.asked.push(asked);
    this.authorizations.push(authorization);
  }
}

async function startProxy(server: Server, book: Book, { turns }: ProxyManners): Promise<TestProxy> {
  const sockets = new Set<Socket>();
  const sent: Buffer[] = [];
  // In front of the server, so that what turns on a connection is seen whatever the server makes of it.
  const front = createServer((client) => {
    sockets.add(client);
    client.on('error', () => {});
    client.on('close', () => sockets.delete(client));
    if (turns !== undefined) {
      client.on('data', (chunk) => {
        sent.push(chunk);
        if (turns === 'end') client.end();
        else if (turns === 'reset') client.resetAndDestroy();
      });
      return;
    }
    client.on('data', (chunk) => sent.push(chunk));
    server.emit('connection', client);
  });
  front.listen(0, '127.0.0.1');
  await once(front, 'listening');
  const { port } = front.address() as AddressInfo;
  return {
    port,
    host: `127.0.0.1:${port}`,
    asked: book.asked,
    authorizations: book.authorizations,
    sent: () => Buffer.concat(sent).toString('latin1'),
    open: () => sockets.size,
    async close() {
      for (const socket of sockets) socket.destroy();
      await new Promise((resolve) => front.close(resolve));
    },
  };
}

function basic(header: string | undefined): string | undefined {
  return header === undefined ? undefined : Buffer.from(header.replace(/^Basic /, ''), 'base64').toString();
}
