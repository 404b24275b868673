import { createServer, type IncomingHttpHeaders, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';

/** A request as it came. */
export interface RecordedRequest {
  readonly method: string;
  readonly url: URL;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
}

/** Answers a request; `nth` counts from 1. */
export type Answer = (request: RecordedRequest, response: ServerResponse, nth: number) => void | Promise<void>;

/** A server on this machine that keeps all that it is sent. */
export interface RecordingServer {
  readonly origin: string;
  readonly requests: readonly RecordedRequest[];
  close(): Promise<void>;
}

/**
 * Answers as the service does when all is well: with a redirect to the link where `download=1` asks for one, else with the link as JSON.
 * `link` gives it for each id, and is told how many times the service was asked for it.
 */
export function linkAnswer(link: (id: string, nth: number) => string | Promise<string>): Answer {
  const asked = new Map<string, number>();
  return async ({ url, body }, response) => {
    const sent = new URLSearchParams(body === '' ? url.search : body);
    const id = sent.get('id') ?? '';
    const nth = (asked.get(id) ?? 0) + 1;
    asked.set(id, nth);
    const location = await link(id, nth);
    if (sent.get('download') === '1') return void response.writeHead(301, { Location: location }).end();
    response.writeHead(200, { 'Content-Type': 'application/json' });
    response.end(JSON.stringify({ code: 'RBC3001', message: 'Request successfully executed!', data: { link: location }, error: {} }));
  };
}

/** Starts a {@link RecordingServer}. */
export async function startRecordingServer(answer: Answer): Promise<RecordingServer> {
  const requests: RecordedRequest[] = [];
  let origin = '';
  const server = createServer(async (incoming, response) => {
    const body = await text(incoming);
    const request = { method: incoming.method ?? '', url: new URL(incoming.url ?? '', origin), headers: incoming.headers, body };
    const nth = requests.push(request);
    await answer(request, response, nth);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  return {
    origin,
    requests,
    async close() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
