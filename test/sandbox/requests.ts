import { createHash } from 'node:crypto';
import { type IncomingMessage, type OutgoingHttpHeaders, request } from 'node:http';
import { type Sandbox, startSandbox } from '../../src/sandbox/sandbox.ts';
import { type TestSystem, testSystem } from '../helpers/test-system.ts';

/** How a test asks. */
export interface Question {
  method?: string;
  headers?: OutgoingHttpHeaders;
  body?: string;
  /** Called with the bytes received so far, as they come. */
  onBytes?: (bytes: number) => void;
  signal?: AbortSignal;
}

/** What came back, whole or not. */
export interface Reply {
  status: number;
  headers: IncomingMessage['headers'];
  body: Buffer;
  text: string;
  /** The MD5 of the body: large ones are compared by it. */
  md5: string;
  /** The connection's error code where the answer did not come whole. */
  cut: string | undefined;
}

/** Asks over a connection of its own, follows no redirect, and keeps what came of an answer that was cut. Rejects where none came. */
export function ask(url: string, { method = 'GET', headers = {}, body, onBytes, signal }: Question = {}): Promise<Reply> {
  return new Promise((resolve, reject) => {
    let answered = false;
    const asking = request(url, { method, headers, agent: false, ...(signal === undefined ? {} : { signal }) }, (response) => {
      answered = true;
      const pieces: Buffer[] = [];
      let bytes = 0;
      const end = (cut?: string) => {
        const whole = Buffer.concat(pieces);
        const { statusCode: status = 0, headers } = response;
        resolve({ status, headers, body: whole, text: whole.toString('utf8'), md5: md5(whole), cut });
      };
      response.on('data', (piece: Buffer) => {
        pieces.push(piece);
        bytes += piece.length;
        onBytes?.(bytes);
      });
      response.on('end', () => end());
      response.on('error', (error: NodeJS.ErrnoException) => end(error.code));
    });
    // An answer that is cut says so by itself.
    asking.on('error', (error) => answered || reject(error));
    asking.end(body);
  });
}

/** A sandbox under a test's clock, with the ways in which tests turn to it. */
export interface TestSandbox extends Sandbox {
  clock: TestSystem;
  lines: string[];
  /** Asks the endpoint as the documentation's sample does: POST, the id in the query and in the form. */
  post(id: string, parameters?: Record<string, string>, headers?: OutgoingHttpHeaders): Promise<Reply>;
  /** Asks the endpoint by GET, everything in the query. */
  get(parameters: Record<string, string>, headers?: OutgoingHttpHeaders): Promise<Reply>;
  /** A signed link to a recording. Throws where the endpoint gives none. */
  link(id: string, validity?: string): Promise<string>;
  /** A recording by a link of its own. */
  fetch(id: string, headers?: OutgoingHttpHeaders): Promise<Reply>;
}

/** Starts a sandbox whose clock stands still, save where something waits. */
export async function startTestSandbox(): Promise<TestSandbox> {
  const clock = testSystem();
  const lines: string[] = [];
  const sandbox = await startSandbox({ clock, onRequest: (line) => lines.push(line) });
  const endpoint = `${sandbox.baseUrl}/${sandbox.sid}/voice/recordings`;
  const credentials = { 'api-key': sandbox.apiKey };
  const form = { 'Content-Type': 'application/x-www-form-urlencoded' };
  const tests: TestSandbox = {
    ...sandbox,
    clock,
    lines,
    post: (id, parameters = { validity: '5', download: '0' }, headers = {}) =>
      ask(`${endpoint}?${new URLSearchParams({ id })}`, {
        method: 'POST',
        headers: { ...credentials, ...form, ...headers },
        body: String(new URLSearchParams({ id, ...parameters })),
      }),
    get: (parameters, headers = {}) => ask(`${endpoint}?${new URLSearchParams(parameters)}`, { headers: { ...credentials, ...headers } }),
    async link(id, validity = '5') {
      const { data } = JSON.parse((await tests.post(id, { validity, download: '0' })).text) as { data: { link?: string } };
      if (data.link === undefined) throw new Error(`no link for ${id}`);
      return data.link;
    },
    fetch: async (id, headers = {}) => ask(await tests.link(id), { headers }),
  };
  return tests;
}

/** The `<Code>` and `<Message>` of an S3 error. */
export function s3Error(reply: Reply): { status: number; code: string | undefined; message: string | undefined } {
  const [, code] = /<Code>(.*)<\/Code>/.exec(reply.text) ?? [];
  const [, message] = /<Message>(.*)<\/Message>/.exec(reply.text) ?? [];
  return { status: reply.status, code, message };
}

export function md5(bytes: Buffer): string {
  return createHash('md5').update(bytes).digest('hex');
}
