import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { createServer, type IncomingHttpHeaders, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';
import { giveLink } from './service-acts.ts';
import { send, sendError } from './store-acts.ts';
import { type StoredObject, storedObject } from './stored-object.ts';

/** Which of the two sides is asked: they are two origins, as with the real service. */
export type Side = 'service' | 'store';

/** One request, as it was asked and answered. */
export interface Asked {
  side: Side;
  /** The recording that it is about. */
  id: string;
  /** How many requests about this recording came to this side before it, and itself. */
  nth: number;
  /** When it came, in milliseconds on a clock that never goes back. */
  at: number;
  method: string;
  /** The request target as it stood on the wire. */
  target: string;
  headers: IncomingHttpHeaders;
  body: string;
  /** The answer's status; undefined while there is none, and where the connection ended without one. */
  status: number | undefined;
}

/** A request that is to be answered, or not. */
export interface Turn {
  asked: Asked;
  request: IncomingMessage;
  response: ServerResponse;
  /** What the store holds now under the recording's id. */
  object: StoredObject;
  server: FaultServer;
}

/** What a server does with a request. When it resolves without having ended the answer, the connection stays open. */
export type Act = (turn: Turn) => void | Promise<void>;

/** What happens to one recording: the acts for the first requests to each side, one after the other, and behind the last of them the ordinary ones. */
export interface Plan {
  service?: readonly Act[];
  store?: readonly Act[];
  /** What the store holds; several where it changes, see {@link FaultServer.change}. */
  object?: StoredObject;
}

const SID = 'HXFAULTS1707IN';
const STORE_PATH = /^\/calls\/([^/]+)\.wav$/;

/**
 * The service and the store on two ports of loopback, both of which do to each request what the test planned. Every id is a recording. What
 * was asked of them is kept, in order.
 */
export class FaultServer {
  readonly sid = SID;
  /** Looks like a real one, and differs for each server. */
  readonly apiKey = `A${randomBytes(16).toString('hex')}`;
  readonly requests: Asked[] = [];
  /** Every signature that was handed out. */
  readonly signatures = new Set<string>();
  /** Called with each new signature. */
  onSignature: (signature: string) => void = () => {};
  /** Where links lead to; a proxy in front of the store for instance. */
  linkOrigin = '';
  /** The act for a request that no plan speaks of; undefined for the ordinary one. */
  otherwise: (asked: Asked) => Act | undefined = () => undefined;
  /** Resolves when the client has taken so many of a recording's bytes; a cut waits for it, so that they are not lost with the connection. */
  taken: (id: string, bytes: number) => Promise<void> = () => delay(100);
  readonly #plans = new Map<string, Plan>();
  readonly #turns = new Map<string, number>();
  readonly #objects = new Map<string, StoredObject>();
  readonly #links = new Map<string, { id: string; expired: boolean }>();
  readonly #waiting = new Set<() => void>();
  readonly #service: Server;
  readonly #store: Server;

  private constructor() {
    this.#service = createServer((request, response) => this.#serve('service', request, response));
    this.#store = createServer((request, response) => this.#serve('store', request, response));
  }

  static async start(): Promise<FaultServer> {
    const server = new FaultServer();
    for (const side of [server.#service, server.#store]) {
      side.listen(0, '127.0.0.1');
      await once(side, 'listening');
    }
    server.linkOrigin = server.storeOrigin;
    return server;
  }

  get serviceOrigin(): string {
    return originOf(this.#service);
  }

  get baseUrl(): string {
    return `${this.serviceOrigin}/v1`;
  }

  get storeOrigin(): string {
    return originOf(this.#store);
  }

  get storePort(): number {
    return (this.#store.address() as AddressInfo).port;
  }

  get servicePort(): number {
    return (this.#service.address() as AddressInfo).port;
  }

  /** Says what happens to a recording. */
  plan(id: string, plan: Plan): void {
    this.#plans.set(id, plan);
    if (plan.object !== undefined) this.#objects.set(id, plan.object);
  }

  /** The recording as the store holds it now. */
  object(id: string): StoredObject {
    const object = this.#objects.get(id) ?? storedObject(id);
    this.#objects.set(id, object);
    return object;
  }

  /** Puts another object in the place of a recording. */
  change(id: string, object: StoredObject): void {
    this.#objects.set(id, object);
  }

  /** The requests to one side, about one recording where it is named. */
  asked(side: Side, id?: string): Asked[] {
    return this.requests.filter((asked) => asked.side === side && (id === undefined || asked.id === id));
  }

  /** Resolves as soon as the requests so far pass the check. */
  async until(check: (requests: readonly Asked[]) => boolean): Promise<void> {
    while (!check(this.requests)) await new Promise<void>((resolve) => this.#waiting.add(resolve));
  }

  /** A new link to a recording, signed as S3's are. */
  makeLink(id: string): string {
    const signature = randomBytes(32).toString('hex');
    this.signatures.add(signature);
    this.onSignature(signature);
    this.#links.set(signature, { id, expired: false });
    const date = new Date().toISOString().replace(/[-:]|\.\d+/g, '');
    const query = `X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Date=${date}&X-Amz-Expires=300&X-Amz-SignedHeaders=host&X-Amz-Signature=${signature}`;
    return `${this.linkOrigin}/calls/${encodeURIComponent(id)}.wav?${query}`;
  }

  /** Lets all links to a recording that were handed out so far expire. */
  expireLinks(id: string): void {
    for (const link of this.#links.values()) if (link.id === id) link.expired = true;
  }

  /** The requests to any other origin than the base URL's that held the key, wherever in them. */
  get keyLeaks(): Asked[] {
    return this.requests.filter((asked) => asked.side === 'store' && JSON.stringify(asked).includes(this.apiKey));
  }

  close(): void {
    for (const side of [this.#service, this.#store]) {
      side.closeAllConnections();
      side.close();
    }
  }

  async #serve(side: Side, request: IncomingMessage, response: ServerResponse): Promise<void> {
    const at = performance.now();
    response.on('error', () => {});
    const url = new URL(request.url ?? '', 'http://localhost');
    const body = await readBody(request);
    if (body === undefined) return;
    const id = side === 'service' ? (url.searchParams.get('id') ?? '') : decodeURIComponent(STORE_PATH.exec(url.pathname)?.[1] ?? '');
    const nth = (this.#turns.get(`${side} ${id}`) ?? 0) + 1;
    this.#turns.set(`${side} ${id}`, nth);
    const { method = '', headers } = request;
    const asked: Asked = { side, id, nth, at, method, target: request.url ?? '', headers, body, status: undefined };
    this.requests.push(asked);
    response.on('close', () => {
      if (response.headersSent) asked.status = response.statusCode;
    });
    for (const look of [...this.#waiting]) look();
    this.#waiting.clear();
    const act = this.#refusal(asked, url) ?? this.#plans.get(id)?.[side]?.[nth - 1] ?? this.otherwise(asked) ?? ORDINARY[side];
    try {
      await act({ asked, request, response, object: this.object(id), server: this });
    } catch {
      // The client has gone: what it was to be told is of no use to anybody.
      response.destroy();
    }
  }

  /** What the real ones would not let pass. */
  #refusal({ side, id, method, headers }: Asked, url: URL): Act | undefined {
    if (side === 'service') {
      const isRight = headers['api-key'] === this.apiKey && url.pathname === `/v1/${SID}/voice/recordings`;
      return isRight ? undefined : ({ response }) => void response.writeHead(401).end('{"message":"Unauthorized","error":{"key":"wrong"}}');
    }
    const link = this.#links.get(url.searchParams.get('X-Amz-Signature') ?? '');
    if (method !== 'GET' || link?.id !== id) return sendError(403, 'SignatureDoesNotMatch');
    return link.expired ? sendError(403, 'AccessDenied', 'Request has expired') : undefined;
  }
}

const ORDINARY: Readonly<Record<Side, Act>> = { service: giveLink(), store: send() };

function originOf(server: Server): string {
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

/** Undefined where the client has gone before it was whole. */
async function readBody(request: IncomingMessage): Promise<string | undefined> {
  const chunks: Buffer[] = [];
  try {
    for await (const chunk of request) chunks.push(chunk);
  } catch {
    return undefined;
  }
  return Buffer.concat(chunks).toString();
}
