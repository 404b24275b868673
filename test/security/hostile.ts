import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'vitest';
import { type Answer, type RecordingServer, startRecordingServer } from '../helpers/recording-server.ts';
import { filesBelow } from '../helpers/secrets.ts';
import { it as base, type Tool } from '../helpers/tool-test.ts';

export const KEY = 'A5e1f0c1a2b3d4e5f60718293a4b5c6d7';
export const SIGNATURE = '9f8e7d6c5b4a39281706f5e4d3c2b1a09f8e7d6c5b4a39281706f5e4d3c2b1a0';

/** A service, whose answers a test gives, and a store, which does not know any object unless the test says otherwise. */
export interface Hosts {
  service: RecordingServer;
  store: RecordingServer;
  answer: Answer;
  storeAnswer: Answer;
}

/** Tests of the built tool, whose environment names a service that the test itself plays. */
export const it = base.extend<{ hosts: Hosts }>({
  hosts: async ({ tool }, use) => {
    const hosts: Hosts = {
      answer: (_, response) => void response.writeHead(500).end(),
      storeAnswer: (_, response) => void response.writeHead(404).end(),
      service: await startRecordingServer((...exchange) => hosts.answer(...exchange)),
      store: await startRecordingServer((...exchange) => hosts.storeAnswer(...exchange)),
    };
    Object.assign(tool.env, { KALEYRA_BASE_URL: `${hosts.service.origin}/v1`, KALEYRA_SID: 'HX1', KALEYRA_API_KEY: KEY });
    tool.secrets.add(KEY).add(SIGNATURE);
    await use(hosts);
    await Promise.all([hosts.service.close(), hosts.store.close()]);
  },
});

/** Answers everything with one body. */
export const always =
  (status: number, body: string, headers: Record<string, string> = { 'Content-Type': 'application/json' }): Answer =>
  (_, response) =>
    void response.writeHead(status, headers).end(body);

/** Answers each id with a body of its own: `form-1` with the first, and what is asked for without an id of those with `other`. */
export function eachItsOwn(status: number, bodies: readonly string[], other: string): Answer {
  return ({ url }, response) => {
    const nth = /^form-(\d+)$/.exec(url.searchParams.get('id') ?? '')?.[1];
    response.writeHead(status, { 'Content-Type': 'application/json' }).end(bodies[Number(nth) - 1] ?? other);
  };
}

/** The ways in which the tool tells of what the service says: arguments, where `IDS` stands for several ids, and standard input has them too. */
export const WAYS = [
  ['link', 'IDS', '--json'],
  ['link', 'IDS'],
  ['download', 'form-1', '-o', 'out/', '--json'],
  ['batch', '-', '-d', 'calls', '--json'],
  ['batch', '-', '-d', 'calls'],
  ['auth', 'status', '--check'],
  ['auth', 'status', '--check', '--json'],
] as const;

/** What one of the {@link WAYS} prints and writes, its log included, as one text; `count` ids are asked for. */
export async function told(tool: Tool, way: readonly string[], count: number): Promise<string> {
  const ids = Array.from({ length: count }, (_, index) => `form-${index + 1}`);
  const log = way[0] === 'auth' ? [] : ['-v', '--log-file', 'run.log'];
  const args = [...way.flatMap((word) => (word === 'IDS' ? ids : word)), ...log, '--retries', '0'];
  const run = await tool.run(args, { printsSecrets: false, ...(way[0] === 'batch' && { stdin: `${ids.join('\n')}\n` }) });
  expect(run.exitCode).not.toBe(1);
  const written = filesBelow(tool.folder).flatMap((file) => [file, readFileSync(join(tool.folder, file), 'utf8')]);
  return [run.out, run.err, ...written].join('\n');
}

/** A text with every spelling undone that this folder's attacks use, for a secret to be looked for in it. */
export function plain(text: string): string {
  let plain = text.toLowerCase();
  for (let pass = 0; pass < 4; pass++) {
    plain = plain
      .replace(/%([0-9a-f]{2})/g, (_, hex: string) => String.fromCharCode(Number.parseInt(hex, 16)))
      .replace(/\\+u([0-9a-f]{4})/g, (_, hex: string) => String.fromCharCode(Number.parseInt(hex, 16)))
      .replace(/&#(\d+);/g, (_, code: string) => String.fromCharCode(Number(code)))
      .replace(/&#x([0-9a-f]+);/g, (_, hex: string) => String.fromCharCode(Number.parseInt(hex, 16)))
      .toLowerCase();
  }
  return plain.replace(/[\u200b-\u200f\u2060\ufeff]/g, '');
}

/** Expects that a text holds no more of a secret than its last four characters, which `auth status` shows. */
export function expectWithout(text: string, secret: string): void {
  const shown = plain(text);
  for (let at = 0; at + 12 <= secret.length; at++) expect(shown).not.toContain(secret.slice(at, at + 12).toLowerCase());
}
