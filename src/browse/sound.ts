import type { IncomingMessage, ServerResponse } from 'node:http';
import { pipeline } from 'node:stream/promises';
import type { ArchiveReader } from '../archive/reader.ts';
import { PLAYABLE_HEAD_BYTES, type PlayableSource, playableOf } from './playable.ts';

/** So much of the file is converted at a time. */
const PIECE_BYTES = 64 * 1024;

/** Answers with a recording's sound, whole or the range that is asked for, in a form that browsers play; 415 where there is none. */
export async function sendSound(file: string, reader: ArchiveReader, request: IncomingMessage, response: ServerResponse): Promise<void> {
  const size = await reader.size(file);
  if (size === undefined) return end(response, 404);
  const playable = playableOf(file, await headOf(file, size, reader), size);
  if (playable.kind === 'not') return end(response, 415);
  const source = playable.kind === 'converted' ? playable.source : undefined;
  await sendRange(
    { bytes: source?.bytes ?? size, contentType: playable.kind === 'as it is' ? playable.contentType : playable.source.contentType },
    request,
    response,
    (from, to) => (source === undefined ? reader.read(file, { from, to }) : converted(file, source, from, to, reader)),
  );
}

/** Answers with the file itself, to be kept. `name` is what the browser is to call it. */
export async function sendFile(file: string, reader: ArchiveReader, request: IncomingMessage, response: ServerResponse): Promise<void> {
  const size = await reader.size(file);
  if (size === undefined) return end(response, 404);
  const name = file.split('/').at(-1) ?? file;
  // RFC 6266 and RFC 5987: the plain form for what does not know the other.
  const plain = name.replace(/[^\x20-\x7e]|["\\%]/gu, '_');
  const encoded = encodeURIComponent(Buffer.from(name).toString()).replace(
    /['()*]/gu,
    (one) => `%${one.charCodeAt(0).toString(16).toUpperCase()}`,
  );
  response.setHeader('Content-Disposition', `attachment; filename="${plain}"; filename*=UTF-8''${encoded}`);
  await sendRange({ bytes: size, contentType: 'application/octet-stream' }, request, response, (from, to) =>
    reader.read(file, { from, to }),
  );
}

/** A file's first bytes, as many as are looked at. */
export async function headOf(file: string, size: number, reader: ArchiveReader): Promise<Buffer> {
  if (size === 0) return Buffer.alloc(0);
  const pieces: Buffer[] = [];
  for await (const piece of reader.read(file, { from: 0, to: Math.min(size, PLAYABLE_HEAD_BYTES) - 1 })) pieces.push(piece as Buffer);
  return Buffer.concat(pieces);
}

async function* converted(
  file: string,
  source: PlayableSource,
  from: number,
  to: number,
  reader: ArchiveReader,
): AsyncGenerator<Uint8Array> {
  for (let start = from; start <= to; start += PIECE_BYTES) {
    const last = Math.min(to, start + PIECE_BYTES - 1);
    const pieces: Buffer[] = [];
    for await (const piece of reader.read(file, source.fileRange(start, last))) pieces.push(piece as Buffer);
    yield source.convert(Buffer.concat(pieces), start, last);
  }
}

async function sendRange(
  what: { bytes: number; contentType: string },
  request: IncomingMessage,
  response: ServerResponse,
  read: (from: number, to: number) => AsyncIterable<Uint8Array>,
): Promise<void> {
  const { bytes, contentType } = what;
  response.setHeader('Accept-Ranges', 'bytes').setHeader('Content-Type', contentType);
  const range = rangeOf(request.headers.range, bytes);
  if (range === 'unsatisfiable') {
    response.setHeader('Content-Range', `bytes */${bytes}`);
    return end(response, 416);
  }
  const { from, to } = range ?? { from: 0, to: bytes - 1 };
  if (range !== undefined) response.setHeader('Content-Range', `bytes ${from}-${to}/${bytes}`);
  response.writeHead(range === undefined ? 200 : 206, { 'Content-Length': String(to - from + 1) });
  if (request.method === 'HEAD' || bytes === 0) return void response.end();
  await pipeline(read(from, to), response);
}

/** A single range (RFC 9110, section 14); undefined for none, and for several, which may be answered as a whole. */
export function rangeOf(header: string | undefined, bytes: number): { from: number; to: number } | 'unsatisfiable' | undefined {
  const [, first = '', last = ''] = /^bytes=(\d*)-(\d*)$/u.exec(header ?? '') ?? [];
  if (first === '' && last === '') return undefined;
  const from = first === '' ? Math.max(0, bytes - Number(last)) : Number(first);
  const to = first === '' || last === '' ? bytes - 1 : Math.min(bytes - 1, Number(last));
  return from > to || from >= bytes ? 'unsatisfiable' : { from, to };
}

function end(response: ServerResponse, status: number): void {
  response.writeHead(status).end();
}
