import { createHash } from 'node:crypto';
import { expect } from 'vitest';
import type { ManifestLine } from '../../src/archive/manifest-line.ts';
import { shardOf } from '../../src/batch/shard.ts';
import { startBucket } from './bucket.ts';
import type { StoreRequest } from './bucket-front.ts';
import { EVENTUALLY_MS } from './eventually.ts';
import type { JsonLine, ToolRun } from './run-tool.ts';
import type { ServedSandbox, Tool } from './tool-test.ts';

/** How many tasks the array has. */
export const TASKS = 4;

/** The task that is killed, counted from 0. */
const KILLED = 2;

/** How many recordings a task fetches at once. */
const AT_ONCE = 8;

/** What goes wrong first and well in the end, how often each is in the list, and how many links its recording takes. */
const FAULTS: readonly { id: string; count: number; links: number }[] = [
  { id: 'sandbox-flaky', count: 10, links: 1 },
  { id: 'sandbox-gateway', count: 10, links: 1 },
  { id: 'sandbox-rate-limited', count: 4, links: 1 },
  { id: 'sandbox-link-expired', count: 10, links: 2 },
  { id: 'sandbox-busy', count: 10, links: 1 },
  { id: 'sandbox-truncated', count: 10, links: 1 },
  { id: 'sandbox-reset', count: 10, links: 1 },
];

const RECORDINGS = 400;

/** An array of jobs, each of which runs one share of a batch. */
export interface JobArray {
  /** Begins all tasks. Each is to run `kaleyra-rec` with these arguments. */
  begin(args: readonly string[]): Promise<void>;
  /** Kills the process of a task with SIGKILL. Resolves when it has ended. */
  kill(task: number): Promise<void>;
  /** Begins a task that was killed again. */
  beginAgain(task: number): Promise<void>;
  /** Resolves when all have ended: how the last run of each came out, by task. */
  ended(): Promise<Pick<ToolRun, 'exitCode' | 'json'>[]>;
}

/**
 * Has an array of jobs fill a bucket with {@link RECORDINGS} recordings, kills one task half-way, begins it again, and holds what comes of it against what
 * `docs/scale.md` promises: each recording once, nothing that was stored fetched again, summaries that add up. The store takes what the one
 * task has once half of its share is stored, and answers no more until it is dead: that moment comes at the same place however fast anything is.
 */
export async function fillInShares(array: JobArray, tool: Tool, sandbox: ServedSandbox): Promise<void> {
  const links = list();
  const ids = [...links.keys()];
  const isKilled = (id: string) => shardOf(id, TASKS) === KILLED + 1;
  const half = Math.floor(ids.filter(isKilled).length / 2);
  await tool.write('ids.txt', `${ids.join('\n')}\n`);
  await using bucket = await startBucket();
  const { address, prefix } = bucket.place();
  Object.assign(tool.env, bucket.env);
  const stored = async () => (await bucket.server.keys(prefix)).map((key) => key.slice(prefix.length)).filter((name) => !isPiece(name));
  const storedOfKilled = async () => (await stored()).map(idOf).filter(isKilled);

  // The recordings that the task which is to be killed brings the store, in their order: from the half on they wait there until it is dead.
  const brought = new Set<string>();
  const held = () => [...brought].slice(half);
  // Of those the store takes every other one then, with nobody left to hear of it.
  const isTaken = (id: string) => held().indexOf(id) % 2 === 0;
  let state: 'first' | 'dead' | 'again' = 'first';
  let release = () => {};
  const dead = new Promise<void>((resolve) => {
    release = resolve;
  });
  const ofKilled = ({ operation, headers: { 'x-amz-meta-id': id } }: StoreRequest) =>
    operation === 'PutObject' && typeof id === 'string' && isKilled(id) ? id : undefined;
  bucket.front.rules.push((request) => {
    const id = ofKilled(request);
    if (id === undefined || state !== 'first') return undefined;
    brought.add(id);
    return held().includes(id) ? dead : undefined;
  });
  bucket.front.rules.push((request) => {
    const id = ofKilled(request);
    return id !== undefined && state === 'dead' && !isTaken(id) ? 'reset' : undefined;
  });

  await array.begin(['batch', 'ids.txt', '-d', address, '--shard', 'auto', '--json', '-c', String(AT_ONCE)]);
  await expect.poll(() => held().length, { timeout: 3 * EVENTUALLY_MS }).toBeGreaterThanOrEqual(AT_ONCE);
  await expect.poll(storedOfKilled).toHaveLength(half);
  await array.kill(KILLED);
  state = 'dead';
  release();
  const before = half + held().filter(isTaken).length;
  await expect.poll(storedOfKilled).toHaveLength(before);
  const wasStored = new Set(await storedOfKilled());
  state = 'again';
  await array.beginAgain(KILLED);

  const runs = await array.ended();
  expect(runs.map(({ exitCode }) => exitCode)).toEqual(Array.from({ length: TASKS }, () => 0));
  const summaries = runs.map((run) => run.json().at(-1)?.summary as JsonLine);
  for (const [task, summary] of summaries.entries()) {
    const total = ids.filter((id) => shardOf(id, TASKS) === task + 1).length;
    const skipped = task === KILLED ? before : 0;
    expect(summary).toMatchObject({ total, skipped, saved: total - skipped });
  }
  expect(summaries.reduce((sum, { total }) => sum + total, 0)).toBe(RECORDINGS);

  expect((await stored()).map(idOf).sort()).toEqual(ids.toSorted());
  const lines = await manifestOf(bucket.server, prefix);
  expect(lines.map(({ id }) => id).sort()).toEqual(ids.toSorted());
  for (const { id, sha256 } of lines) expect(sha256, id).toBe(createHash('sha256').update(sandbox.bytes(id)).digest('hex'));
  const verified = await tool.run(['verify', address, '--strict', '--json']);
  expect(verified.exitCode).toBe(0);
  expect(verified.json().at(-1)?.summary).toMatchObject({ whole: RECORDINGS, unrecorded: 0, shared: 0 });

  // What was under way at the kill takes one link more, and nothing else does: links ahead, recordings being fetched, and those being stored.
  const given = new Map(ids.map((id) => [id, 0]));
  for (const line of sandbox.log) {
    const id = / id=(\S+) 301$/u.exec(line)?.[1];
    if (id !== undefined) given.set(id, (given.get(id) ?? 0) + 1);
  }
  const more = ids.filter((id) => given.get(id) !== links.get(id));
  for (const id of more) {
    expect(given.get(id), id).toBe((links.get(id) ?? 0) + 1);
    expect(isKilled(id) && !wasStored.has(id), id).toBe(true);
  }
  expect(more.length).toBeLessThanOrEqual(3 * AT_ONCE);
}

/** The ids of the list, and how many links the recording of each takes. Faults are spread over it, those of one kind too. */
function list(): Map<string, number> {
  const most = Math.max(...FAULTS.map(({ count }) => count));
  const faults = Array.from({ length: most }, (_, n) =>
    FAULTS.filter(({ count }) => n < count).map(({ id, links }) => [`${id}-${n}`, links] as const),
  ).flat();
  const plain = Array.from({ length: RECORDINGS - faults.length }, (_, n) => [`sandbox-size-20k-${n}`, 1] as const);
  const every = Math.ceil(plain.length / faults.length);
  return new Map(faults.flatMap((fault, n) => [fault, ...plain.slice(n * every, (n + 1) * every)]));
}

/** The id of a recording's object, by its name: none of them has characters that names cannot have. */
function idOf(name: string): string {
  return name.replace(/\.[a-z0-9]+$/u, '');
}

function isPiece(name: string): boolean {
  return name.startsWith('manifest/');
}

async function manifestOf(
  server: { keys(prefix: string): Promise<string[]>; get(key: string): Promise<Buffer | undefined> },
  prefix: string,
) {
  const pieces = await Promise.all((await server.keys(`${prefix}manifest/`)).map((key) => server.get(key)));
  return pieces
    .flatMap((piece = Buffer.alloc(0)) => piece.toString().split('\n').slice(0, -1))
    .map((line) => JSON.parse(line) as ManifestLine);
}
