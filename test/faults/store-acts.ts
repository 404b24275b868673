import { setTimeout as delay } from 'node:timers/promises';
import type { Act, Turn } from './fault-server.ts';

/** How an object is sent. What is left out goes as S3 does it. */
export interface Sending {
  /** After so many bytes of this answer's body it is cut: by a reset, by the connection's end, or by silence. */
  cut?: { after: number; by: 'reset' | 'end' | 'silence' };
  /** Done once the bytes before the cut have been taken. */
  atCut?: (turn: Turn) => void | Promise<void>;
  /** The body comes in pieces of so many bytes, so many milliseconds apart. */
  drip?: { bytes: number; everyMs: number };
  /** The whole object under status 200, whatever was asked for. */
  ignoreRange?: boolean;
  /** The range is sent although `If-Match` names another object. */
  ignoreIfMatch?: boolean;
  /** In place of the true `Content-Range`. */
  contentRange?: string;
  /** How the end of the body can be told: by its length (as S3 does), by chunks, or by the connection's end alone. */
  end?: 'length' | 'chunks' | 'connection';
  /** Other bytes of the same object: damaged on the way. */
  body?: (bytes: Buffer) => Buffer;
  headers?: Record<string, string>;
}

/** Sends the object, or what was asked of it: `Range` and `If-Match` are honoured as S3 documents it. */
export function send(sending: Sending = {}): Act {
  return async (turn) => {
    const { object, asked, response } = turn;
    const whole = sending.body?.(object.bytes) ?? object.bytes;
    const from = sending.ignoreRange ? undefined : rangeStart(asked.headers.range);
    const ifMatch = asked.headers['if-match'];
    if (ifMatch !== undefined && ifMatch !== object.etag && !sending.ignoreIfMatch) return sendError(412, 'PreconditionFailed')(turn);
    if (from !== undefined && from >= whole.length) return sendError(416, 'InvalidRange')(turn);
    const body = whole.subarray(from ?? 0);
    if (sending.end === 'connection') response.useChunkedEncodingByDefault = false;
    response.writeHead(from === undefined ? 200 : 206, {
      'Content-Type': object.contentType,
      ...(object.etag === null ? {} : { ETag: object.etag }),
      ...(sending.end === undefined || sending.end === 'length' ? { 'Content-Length': body.length } : {}),
      ...(sending.end === 'connection' ? { Connection: 'close' } : {}),
      ...(from === undefined ? {} : { 'Content-Range': sending.contentRange ?? `bytes ${from}-${whole.length - 1}/${whole.length}` }),
      ...object.headers,
      ...sending.headers,
    });
    await sendBody(turn, body, from ?? 0, sending);
  };
}

/** The object, cut after so many bytes of this answer's body. */
export function cut(by: 'reset' | 'end' | 'silence', after: number, more: Sending = {}): Act {
  return send({ ...more, cut: { after, by } });
}

/** The object with one bit of it flipped, another one each time it is asked for: what is damaged on the way never comes twice alike. */
export const damage: Act = (turn) => send({ body: (bytes) => flipped(bytes, bytes.length - 1 - turn.asked.nth) })(turn);

function flipped(bytes: Buffer, at: number): Buffer {
  return Buffer.concat([bytes.subarray(0, at), Buffer.from([(bytes[at] ?? 0) ^ 1]), bytes.subarray(at + 1)]);
}

/** An error as S3 prints it. */
export function sendError(status: number, code: string, message = code, headers: Record<string, string> = {}): Act {
  return ({ response }) => {
    const xml = `<?xml version="1.0" encoding="UTF-8"?>\n<Error><Code>${code}</Code><Message>${message}</Message></Error>`;
    response.writeHead(status, { 'Content-Type': 'application/xml', ...headers }).end(xml);
  };
}

/** Some document under status 200, in place of the recording. */
export function sendDocument(contentType: string, body: string): Act {
  return ({ response }) =>
    void response.writeHead(200, { 'Content-Type': contentType, 'Content-Length': Buffer.byteLength(body) }).end(body);
}

/** A redirect to another address, given the one that was asked. */
export function redirect(to: (asked: string) => string): Act {
  return ({ asked, response, server }) =>
    void response.writeHead(307, { Location: to(`${server.storeOrigin}${asked.target}`), 'Content-Length': 0 }).end();
}

/** A body that goes on until the client has had enough of it; `told` is called with the bytes that were handed to the network so far. */
export function sendForever(
  status: number,
  headers: Record<string, string>,
  start: string,
  piece: Buffer,
  told: (bytes: number) => void,
): Act {
  return async ({ response }) => {
    response.writeHead(status, headers);
    response.write(start);
    for (let bytes = start.length; ; bytes += piece.length) {
      await write(response, piece);
      told(bytes);
    }
  };
}

async function sendBody(turn: Turn, body: Buffer, from: number, { cut: cutAt, atCut, drip }: Sending): Promise<void> {
  const { response, asked, server } = turn;
  const until = Math.min(body.length, cutAt?.after ?? body.length);
  response.flushHeaders();
  const step = drip?.bytes ?? Math.max(1, until);
  for (let at = 0; at < until; at += step) {
    await write(response, body.subarray(at, Math.min(until, at + step)));
    if (drip !== undefined) await delay(drip.everyMs);
  }
  if (cutAt === undefined) return void response.end();
  await server.taken(asked.id, from + until);
  await atCut?.(turn);
  if (cutAt.by === 'reset') response.socket?.resetAndDestroy();
  else if (cutAt.by === 'end') response.socket?.end();
}

/** Writes a piece, and waits until it is handed to the network. Rejects when the client has gone. */
function write(response: Turn['response'], piece: Buffer): Promise<void> {
  return new Promise((resolve, reject) => {
    const gone = () => reject(new Error('the client has gone'));
    if (response.destroyed || response.socket === null) return gone();
    response.once('close', gone);
    response.write(piece, (error) => {
      response.off('close', gone);
      if (error) reject(error);
      else resolve();
    });
  });
}

function rangeStart(range: string | undefined): number | undefined {
  const [, from] = /^bytes=(\d+)-$/.exec(range ?? '') ?? [];
  return from === undefined ? undefined : Number(from);
}
