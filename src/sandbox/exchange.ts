import { once } from 'node:events';
import type { IncomingMessage, OutgoingHttpHeaders, ServerResponse } from 'node:http';
import type { Clock } from '../system.ts';
import type { Recordings } from './recordings.ts';
import type { SigningKey } from './signing.ts';

/** What the endpoint and the store of one sandbox share. */
export interface SandboxState {
  readonly clock: Clock;
  /** `http://127.0.0.1:PORT` */
  readonly origin: string;
  readonly sid: string;
  readonly apiKey: string;
  readonly signingKey: SigningKey;
  readonly recordings: Recordings;
  /** Counts what happens: 1 for the first call with a name, then 2, and so on. */
  turn(name: string): number;
}

/** One request with its answer. */
export interface Exchange {
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
  /** The path as it came, still encoded, without the query. */
  readonly path: string;
  readonly query: URLSearchParams;
  /** Aborted as soon as nobody waits for the answer: it is whole, the client has gone, or the sandbox closes. */
  readonly signal: AbortSignal;
  /** Adds a word about the request to its log line. */
  note(text: string): void;
}

/** Answers with a whole body. Its length is sent along. */
export function answer({ response }: Exchange, status: number, headers: OutgoingHttpHeaders, body: string | Buffer = ''): void {
  response.writeHead(status, { ...headers, 'Content-Length': Buffer.byteLength(body) });
  response.end(body);
}

/** Writes a piece of a body, and waits until there is room for the next. Rejects when the exchange is over. */
export async function writePiece({ response, signal }: Exchange, piece: Buffer | string): Promise<void> {
  signal.throwIfAborted();
  if (!response.write(piece)) await once(response, 'drain', { signal });
}

/** Never resolves; rejects when the exchange is over. */
export async function holdOn({ signal }: Exchange): Promise<never> {
  signal.throwIfAborted();
  await once(signal, 'abort');
  throw signal.reason;
}

/**
 * Reads a request's body as UTF-8 text.
 *
 * @returns undefined as soon as there are more than `limit` bytes; what is left is read and dropped, so that the client gets to read the answer
 */
export function readBody(request: IncomingMessage, limit: number): Promise<string | undefined> {
  return new Promise((resolve, reject) => {
    const pieces: Buffer[] = [];
    let bytes = 0;
    request.on('data', (piece: Buffer) => {
      bytes += piece.length;
      if (bytes > limit) resolve(undefined);
      else pieces.push(piece);
    });
    request.on('end', () => resolve(Buffer.concat(pieces).toString('utf8')));
    request.on('error', reject);
  });
}
