import { randomBytes } from 'node:crypto';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { CallTimes } from '../archive/call-times.ts';
import type { ArchiveReader } from '../archive/reader.ts';
import { hasCode } from '../disk/file-error.ts';
import { RecordingError, usageError } from '../errors.ts';
import { Catalogue } from './catalogue.ts';
import { createGuard } from './guard.ts';
import { answerData, type Routes } from './routes.ts';
import { Search } from './search.ts';

/** What a page over an archive needs. */
export interface BrowseOptions {
  reader: ArchiveReader;
  /** The page, with `{{nonce}}` and `{{archive}}` to be filled. */
  page: string;
  /** The wall clock, in milliseconds since 1970 UTC. */
  now: number;
  /** A port of 127.0.0.1; 0 for any that is free. */
  port: number;
  /** How often the manifest is looked at for what has come since, in milliseconds. */
  refreshMs?: number;
  signal: AbortSignal;
  /** Told of a fault while a request was answered; the server goes on. */
  onFault?: (error: unknown) => void;
}

/** A page that is served. */
export interface BrowseServer {
  /** Where it is, with the secret that lets in. */
  readonly address: string;
  /** The same, for one visit alone. */
  readonly addressForOne: string;
  readonly recordings: number;
  close(): Promise<void>;
}

/** Serves a page over an archive on 127.0.0.1. Throws as the archive's reader does, and `USAGE` for a port that is taken. */
export async function serveArchive(options: BrowseOptions): Promise<BrowseServer> {
  const { reader, signal, port, refreshMs = 2000, onFault = () => {} } = options;
  const catalogue = new Catalogue(reader, new CallTimes(options.now));
  await catalogue.refresh(signal);
  const routes: Routes = { reader, catalogue, search: new Search(catalogue) };
  const server = createServer();
  await new Promise<void>((resolve, reject) => {
    server.once('error', (error) => reject(portError(port, error)));
    server.listen(port, '127.0.0.1', resolve);
  });
  const { port: given } = server.address() as AddressInfo;
  const guard = createGuard(given);
  server.on('request', (request, response) => {
    respond(request, response).catch((error: unknown) => {
      // Whoever closes the page while a recording is sent has what he wanted.
      if (response.destroyed || isClosed(error)) return;
      // A recording was removed since it was looked at.
      if (hasCode(error, 'ENOENT') && !response.headersSent) return void response.writeHead(404).end();
      onFault(error);
      if (response.headersSent) response.destroy();
      else response.writeHead(500).end();
    });
  });
  const respond = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    secure(response);
    const verdict = guard.judge(request);
    if (verdict === 'refuse') return refuse(response);
    const url = new URL(request.url ?? '/', `http://127.0.0.1:${given}`);
    if (verdict === 'enter') {
      url.searchParams.delete('secret');
      // To the page itself: a path such as `/.//example.com` would lead elsewhere.
      response.writeHead(303, { 'Set-Cookie': guard.cookie, Location: guard.path + url.search }).end();
      return;
    }
    if (!url.pathname.startsWith(guard.path)) return void response.writeHead(404).end();
    url.pathname = url.pathname.slice(guard.path.length - 1);
    if (!['GET', 'HEAD', 'POST'].includes(request.method ?? '')) return void response.writeHead(405).end();
    if (url.pathname === '/') return sendPage(options.page, reader.name, response);
    if (!(await answerData(url, request, response, routes))) response.writeHead(404).end();
  };

  let refreshing = false;
  const timer = setInterval(() => {
    if (refreshing) return;
    refreshing = true;
    catalogue
      .refresh(signal)
      // An archive that is out of reach for a moment is looked at again.
      .catch(() => undefined)
      .finally(() => {
        refreshing = false;
      });
  }, refreshMs);
  return {
    address: `http://127.0.0.1:${given}/?secret=${guard.secret}`,
    addressForOne: `http://127.0.0.1:${given}/?secret=${guard.ticket}`,
    recordings: catalogue.recordings.length,
    async close() {
      clearInterval(timer);
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

/** What holds for every answer: nothing of it is kept, framed, guessed at, or told to another site. */
function secure(response: ServerResponse): void {
  response.setHeader('Cache-Control', 'no-store');
  response.setHeader('X-Content-Type-Options', 'nosniff');
  response.setHeader('Referrer-Policy', 'same-origin');
  response.setHeader('Cross-Origin-Resource-Policy', 'same-origin');
  response.setHeader('Cross-Origin-Opener-Policy', 'same-origin');
  response.setHeader('X-Frame-Options', 'DENY');
  response.setHeader('Content-Security-Policy', "default-src 'none'");
}

function refuse(response: ServerResponse): void {
  response.writeHead(403, { 'Content-Type': 'text/plain; charset=utf-8' });
  response.end('Open the address that kaleyra-rec browse printed: it holds the secret that lets you in.\n');
}

function sendPage(page: string, archive: string, response: ServerResponse): void {
  const nonce = randomBytes(16).toString('base64');
  const policy = [
    "default-src 'none'",
    `script-src 'nonce-${nonce}'`,
    `style-src 'nonce-${nonce}'`,
    "connect-src 'self'",
    "media-src 'self' blob:",
    "img-src 'self' data:",
    "form-action 'self'",
    "base-uri 'none'",
    "frame-ancestors 'none'",
  ];
  response.setHeader('Content-Security-Policy', policy.join('; '));
  const filled = page.replaceAll('{{nonce}}', nonce).replace('{{archive}}', () => escapeMarkup(archive));
  response.writeHead(200, { 'Content-Type': 'text/html; charset=utf-8' }).end(filled);
}

function escapeMarkup(text: string): string {
  return text.replace(/[&<>"']/gu, (character) => `&#${character.charCodeAt(0)};`);
}

function isClosed(error: unknown): boolean {
  return ['ERR_STREAM_PREMATURE_CLOSE', 'ECONNRESET', 'EPIPE'].includes((error as NodeJS.ErrnoException | null)?.code ?? '');
}

function portError(port: number, error: NodeJS.ErrnoException): RecordingError {
  if (error.code === 'EADDRINUSE')
    return usageError(`Port ${port} is taken.`, 'Choose another --port, or leave it out for any that is free.', error);
  if (error.code === 'EACCES')
    return usageError(`Port ${port} needs more rights than this user has.`, 'Choose a --port from 1024 on.', error);
  return new RecordingError('NETWORK', `Cannot listen on port ${port} of this machine.`, { hint: 'Choose another --port.', cause: error });
}
