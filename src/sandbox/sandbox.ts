import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { usageError } from '../errors.ts';
import { type Clock, systemClock } from '../system.ts';
import { answer, type Exchange, type SandboxState } from './exchange.ts';
import { createRecordings } from './recordings.ts';
import { ENDPOINT_PATH, serveEndpoint } from './service.ts';
import { STORE_PATH, serveObject } from './store.ts';

export { SPECIAL_IDS, type SpecialId } from './scenarios.ts';

/** How to start a {@link Sandbox}. */
export interface SandboxOptions {
  /** The port to listen on, on 127.0.0.1. Left out or 0: any that is free. */
  port?: number;
  /** Says when links expire, and waits where an answer is to come slowly. Left out: the real clock. */
  clock?: Clock;
  /**
   * Takes a line about each request when it is over: method, path, what was asked and what became of it, as
   * `POST /v1/HX…/voice/recordings id=abc 200`. No key and no signature is in it.
   */
  onRequest?: (line: string) => void;
}

/** A stand-in for the service and its store, at work on this machine. */
export interface Sandbox {
  /** As `KALEYRA_BASE_URL` wants it: `http://127.0.0.1:PORT/v1`. */
  readonly baseUrl: string;
  /** The one account that there is. The same in every run. */
  readonly sid: string;
  /** The account's key. Another in every run. */
  readonly apiKey: string;
  /** Stops listening, and ends connections at once even where an answer is under way. Resolves when all is closed; calling it again is harmless. */
  close(): Promise<void>;
}

const HOST = '127.0.0.1';
const SID = 'HXIN0000000000IN';

/** Longer than clients keep an idle connection: one that the server closed while a request is on its way would look like a fault. */
const KEEP_ALIVE_MS = 60_000;

/**
 * Starts a stand-in for Kaleyra's Call Recording Extraction API with an object store behind it, reachable from this machine alone.
 * Every id is a recording, the same in every run, save {@link SPECIAL_IDS}; what those do once or twice is counted from the start. A request
 * with a `Host` header that is not its own is answered 421, and learns nothing.
 *
 * @throws RecordingError `USAGE` where the port is not one, is taken or is not ours to use
 */
export async function startSandbox({ port = 0, clock = systemClock, onRequest = () => {} }: SandboxOptions = {}): Promise<Sandbox> {
  const server = createServer({ keepAliveTimeout: KEEP_ALIVE_MS });
  await listen(server, port);
  const state = createState(clock, (server.address() as AddressInfo).port);
  server.on('request', (request, response) => {
    void serve(request, response, state, onRequest);
  });
  let closed: Promise<unknown> | undefined;
  return {
    baseUrl: `${state.origin}/v1`,
    sid: state.sid,
    apiKey: state.apiKey,
    async close() {
      if (closed === undefined) {
        closed = once(server, 'close');
        server.close();
        server.closeAllConnections();
      }
      await closed;
    },
  };
}

async function listen(server: Server, port: number): Promise<void> {
  try {
    server.listen(port, HOST);
    await once(server, 'listening');
  } catch (error) {
    throw usageError(
      `The sandbox cannot listen on port ${port}: ${(error as Error).message}`,
      'Name another port with --port, or leave it out to use any free one.',
      error,
    );
  }
}

function createState(clock: Clock, port: number): SandboxState {
  const turns = new Map<string, number>();
  return {
    clock,
    origin: `http://${HOST}:${port}`,
    sid: SID,
    apiKey: `A${randomBytes(16).toString('hex')}`,
    signingKey: { accessKeyId: 'SANDBOX', secret: randomBytes(32).toString('hex') },
    recordings: createRecordings(),
    turn(name) {
      const nth = (turns.get(name) ?? 0) + 1;
      turns.set(name, nth);
      return nth;
    },
  };
}

async function serve(
  request: IncomingMessage,
  response: ServerResponse,
  state: SandboxState,
  onRequest: (line: string) => void,
): Promise<void> {
  const over = new AbortController();
  const [path = '', query = ''] = splitOnce(request.url ?? '', '?');
  const notes: string[] = [];
  response.on('close', () => {
    over.abort();
    const outcome = [response.headersSent ? response.statusCode : 'no answer', response.writableFinished ? '' : '(cut off)'];
    onRequest([request.method, path, ...notes, ...outcome].filter((word) => word !== '').join(' '));
  });
  const exchange: Exchange = {
    request,
    response,
    path,
    query: new URLSearchParams(query),
    signal: over.signal,
    note: (text) => void notes.push(text),
  };
  try {
    if (isOwnHost(request.headers.host)) await route(exchange, state);
    else refuseHost(exchange, state);
  } catch (error) {
    // Once nobody waits for the answer any more, a failure to give it is what was to be expected.
    if (!over.signal.aborted) answerFault(exchange, error);
  }
}

async function route(exchange: Exchange, state: SandboxState): Promise<void> {
  const [, sid] = ENDPOINT_PATH.exec(exchange.path) ?? [];
  if (sid !== undefined) return serveEndpoint(exchange, state, sid);
  const [, region, name] = STORE_PATH.exec(exchange.path) ?? [];
  if (region !== undefined && name !== undefined) return serveObject(exchange, state, region, name);
  const lines = ['Not found. The sandbox of kaleyra-rec serves', `  ${state.origin}/v1/${state.sid}/voice/recordings`];
  answer(exchange, 404, { 'Content-Type': 'text/plain' }, `${lines.join('\n')}\n`);
}

/**
 * Whether a request means this sandbox by its own name. A page in a browser can reach it by another, which its owner lets lead to 127.0.0.1 (DNS
 * rebinding), and could then read the answers as if they were its own. Any port will do: a tunnel in front has another.
 */
function isOwnHost(host: string | undefined): boolean {
  return /^(?:127\.0\.0\.1|localhost|\[::1\])(?::\d{1,5})?$/i.test(host ?? '');
}

function refuseHost(exchange: Exchange, { origin }: SandboxState): void {
  exchange.note('for another host');
  // RFC 9110, 15.5.20: the request was sent to a server that does not answer for its host.
  answer(exchange, 421, { 'Content-Type': 'text/plain' }, `The sandbox of kaleyra-rec answers as ${origin} alone.\n`);
}

function answerFault(exchange: Exchange, error: unknown): void {
  if (exchange.response.headersSent) exchange.response.destroy();
  else answer(exchange, 500, { 'Content-Type': 'text/plain' }, `A fault of the sandbox: ${String(error)}\n`);
}

function splitOnce(text: string, separator: string): [string, string] {
  const at = text.indexOf(separator);
  return at < 0 ? [text, ''] : [text.slice(0, at), text.slice(at + 1)];
}
