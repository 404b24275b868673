import { createHash } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { LENGTH_HEAD_BYTES, secondsOf } from '../archive/audio-length.ts';
import type { ArchiveReader } from '../archive/reader.ts';
import { hasCode } from '../disk/file-error.ts';
import { toJsonLine } from '../printable.ts';
import type { Catalogue } from './catalogue.ts';
import { peaksOf } from './peaks.ts';
import { playableOf } from './playable.ts';
import type { Recording } from './recording.ts';
import type { Query, Search } from './search.ts';
import { headOf, sendFile, sendSound } from './sound.ts';
import { sendZip } from './zip.ts';

/** What the routes answer from. */
export interface Routes {
  reader: ArchiveReader;
  catalogue: Catalogue;
  search: Search;
}

/** At most so many rows are sent at once. */
const MOST_ROWS = 500;
/** A selection of a hundred thousand keys comes to 700 KB. */
const MOST_FORM_BYTES = 16 * 1024 * 1024;

/** Answers a request for data; false where the path names none. Throws what the archive throws. */
export async function answerData(url: URL, request: IncomingMessage, response: ServerResponse, routes: Routes): Promise<boolean> {
  const [, name = '', key = ''] = /^\/(rows|version|keys|details|sound|peaks|file|check|zip)(?:\/(\d+))?$/u.exec(url.pathname) ?? [];
  const { catalogue, search, reader } = routes;
  switch (name) {
    case 'version':
      sendJson(response, { version: catalogue.version });
      return true;
    case 'rows':
      sendJson(response, await rowsOf(url.searchParams, routes));
      return true;
    case 'keys':
      sendJson(
        response,
        search.find(queryOf(url.searchParams)).recordings.map((each) => each.key),
      );
      return true;
    case 'zip':
      if (request.method !== 'POST') return false;
      await sendZip(recordingsOf(await readForm(request), catalogue), reader, response);
      return true;
  }
  const recording = key === '' ? undefined : catalogue.get(Number(key));
  if (recording === undefined) return false;
  if (name === 'details') {
    sendJson(response, await detailsOf(recording, reader));
    return true;
  }
  const { file } = recording.line;
  if (file === null) return false;
  if (name === 'sound') await sendSound(file, reader, request, response);
  else if (name === 'file') await sendFile(file, reader, request, response);
  else if (name === 'peaks') sendJson(response, (await peaksOf(file, reader)) ?? null);
  else sendJson(response, await check(recording, file, reader));
  return true;
}

function queryOf(parameters: URLSearchParams): Query {
  const get = (name: string) => parameters.get(name) ?? '';
  return {
    text: get('q'),
    from: get('from'),
    until: get('until'),
    status: get('status'),
    sort: get('sort') || 'date',
    descending: get('order') === 'descending',
  };
}

async function rowsOf(parameters: URLSearchParams, { catalogue, search, reader }: Routes) {
  const found = search.find(queryOf(parameters));
  const offset = wholeOf(parameters.get('offset'), 0);
  const limit = Math.min(MOST_ROWS, wholeOf(parameters.get('limit'), 100));
  return {
    version: catalogue.version,
    total: catalogue.recordings.length,
    matched: found.recordings.length,
    columns: catalogue.columns,
    days: found.days,
    unreadable: catalogue.unreadable,
    offset,
    rows: await Promise.all(found.recordings.slice(offset, offset + limit).map((each) => rowOf(each, reader))),
  };
}

/** A whole number of a query, none below 0; what is none counts as left out. */
function wholeOf(text: string | null, fallback: number): number {
  return text !== null && /^\d{1,9}$/.test(text) ? Number(text) : fallback;
}

async function rowOf(recording: Recording, reader: ArchiveReader) {
  const { key, day, time, line } = recording;
  const { id, status, file, bytes, row, error, incomplete } = { incomplete: undefined, ...line };
  const seconds = recording.seconds ?? (file === null ? undefined : await lengthOf(file, reader).catch(() => undefined));
  recording.seconds = seconds;
  return { key, day, time, id, status, file, bytes, seconds, row, reason: error?.message, incomplete };
}

/** How long a file plays, in seconds; undefined where it does not tell, or is not there. */
async function lengthOf(file: string, reader: ArchiveReader): Promise<number | undefined> {
  const size = await reader.size(file);
  return size === undefined ? undefined : secondsOf(await headOf(file, size, reader), size);
}

async function detailsOf({ key, day, time, line }: Recording, reader: ArchiveReader) {
  const { file } = line;
  const size = file === null ? undefined : await reader.size(file);
  const head = file === null || size === undefined ? undefined : await headOf(file, size, reader);
  const playable = file !== null && head !== undefined && size !== undefined ? playableOf(file, head, size) : undefined;
  const seconds = head && size !== undefined ? secondsOf(head.subarray(0, LENGTH_HEAD_BYTES), size) : undefined;
  return {
    key,
    day,
    time,
    line,
    seconds,
    size,
    path: file && reader.locate(file),
    cannotPlay: playable?.kind === 'not' ? playable.what : undefined,
  };
}

/** Hashes a recording now, and holds it against the manifest. */
async function check(
  { line }: Recording,
  file: string,
  reader: ArchiveReader,
): Promise<{ result: 'whole' | 'changed' | 'missing'; sha256?: string }> {
  if ((await reader.size(file)) === undefined) return { result: 'missing' };
  const hash = createHash('sha256');
  try {
    for await (const piece of reader.read(file)) hash.update(piece as Buffer);
  } catch (error) {
    if (!hasCode(error, 'ENOENT')) throw error;
    return { result: 'missing' };
  }
  const sha256 = hash.digest('hex');
  return { result: sha256 === line.sha256 ? 'whole' : 'changed', sha256 };
}

/** The recordings of a form's `keys`, numbers with commas between. */
function recordingsOf(form: URLSearchParams, catalogue: Catalogue): Recording[] {
  const keys = new Set(
    (form.get('keys') ?? '')
      .split(',')
      .filter((key) => key !== '')
      .map(Number),
  );
  return [...keys].map((key) => catalogue.get(key)).filter((found) => found !== undefined);
}

async function readForm(request: IncomingMessage): Promise<URLSearchParams> {
  const pieces: Buffer[] = [];
  let bytes = 0;
  for await (const piece of request) {
    bytes += (piece as Buffer).length;
    if (bytes > MOST_FORM_BYTES) break;
    pieces.push(piece as Buffer);
  }
  return new URLSearchParams(Buffer.concat(pieces).toString('utf8'));
}

function sendJson(response: ServerResponse, value: unknown): void {
  response.writeHead(200, { 'Content-Type': 'application/json' }).end(toJsonLine(value));
}
