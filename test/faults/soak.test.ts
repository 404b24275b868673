import { randomInt } from 'node:crypto';
import { appendFile, rm, truncate } from 'node:fs/promises';
import { setTimeout as delay } from 'node:timers/promises';
import { expect } from 'vitest';
import type { Tool } from '../helpers/tool-test.ts';
import { startFaultProxy } from './fault-proxy.ts';
import { it } from './fault-test.ts';
import { type Ends, expectOneStory, lastLines } from './reconcile.ts';
import { type Fate, SoakPlan } from './soak-plan.ts';
import { sha256 } from './stored-object.ts';

/** `SOAK=full` takes minutes; without it the same is done with few enough recordings for every run of the suite. */
const SIZE = process.env.SOAK === 'full' ? { recordings: 400, kills: 14, perRun: 70 } : { recordings: 60, kills: 4, perRun: 30 };

/** Every choice follows from it. It stands in the test's name, and `SOAK_SEED` gives it. */
const SEED = process.env.SOAK_SEED ?? String(randomInt(1e9));

/** Runs that nothing interrupts, until all is had: each of them brings the recordings that had bad luck in the last one. */
const MOST_CALM_RUNS = 12;

const ARGS = [
  'batch',
  'ids.txt',
  '-d',
  'calls',
  '--json',
  '-v',
  '--recheck',
  '0',
  '--retries',
  '3',
  '--timeout',
  '0.8',
  '--stall-timeout',
  '0.4',
];

it(`${SIZE.recordings} recordings under all faults at once, killed ${SIZE.kills} times: none lost, none wrong (SOAK_SEED=${SEED})`, {
  timeout: process.env.SOAK === 'full' ? 3_600_000 : 120_000,
}, async ({ tool, server, onTestFinished }) => {
  const plan = new SoakPlan(SEED, SIZE.recordings, server);
  const proxy = await startFaultProxy(server.storePort, plan.wireFaults(20_000));
  onTestFinished(() => proxy.close());
  server.linkOrigin = proxy.origin;
  await tool.write('ids.txt', `${plan.ids.join('\n')}\n`);

  const figures = { runs: 0, kills: 0, stops: 0, mended: 0, seconds: 0 };
  const startedAt = performance.now();
  const tampered = new Set<string>();
  let ends: Ends | undefined;
  for (let calm = 0; calm < MOST_CALM_RUNS && !isDone(plan, ends); ) {
    figures.runs += 1;
    const running = tool.start(ARGS);
    const isToBeCut = figures.kills < SIZE.kills;
    // Every fourth run is asked to stop, the others are killed.
    const signal = figures.runs % 4 === 0 ? 'SIGTERM' : 'SIGKILL';
    if (isToBeCut) {
      const until = server.requests.length + 1 + Math.floor(plan.draw('cut after', figures.runs) * SIZE.perRun);
      await Promise.race([server.until((requests) => requests.length >= until), running.ended]);
      await delay(plan.draw('cut later', figures.runs) * 100);
      running.kill(signal);
    } else {
      calm += 1;
    }
    const run = await running.ended;
    if (run.signal !== null) figures.kills += 1;
    else {
      if (run.exitCode === 143) figures.stops += 1;
      else expect([0, 9]).toContain(run.exitCode);
      ends = await expectOneStory(tool, 'calls', plan.ids, run);
      for (const id of ends.saved) if (tampered.delete(id)) figures.mended += 1;
    }
    await expectNothingWrong(tool, plan, tampered);
    if (isToBeCut) await tamper(tool, plan, figures.runs, tampered);
  }

  expect(isDone(plan, ends), `all is had or gone after ${MOST_CALM_RUNS} calm runs`).toBe(true);
  expect(figures.kills).toBeGreaterThanOrEqual(SIZE.kills);
  await expectAllAccountedFor(tool, plan);
  figures.seconds = Math.round((performance.now() - startedAt) / 1000);
  process.stdout.write(`soak: ${JSON.stringify({ seed: SEED, ...plan.figures(), ...figures, requests: server.requests.length })}\n`);
});

/** Whether every recording that can be had is had, and every other one that the service calls gone is known to be. */
function isDone(plan: SoakPlan, ends: Ends | undefined): boolean {
  const had = new Set([...(ends?.saved ?? []), ...(ends?.skipped ?? [])]);
  const gone = new Set(ends?.gone);
  return plan.of('good').every((id) => had.has(id)) && plan.of('gone').every((id) => gone.has(id));
}

/**
 * The id of a recording by its file. Its name bears a hash where a run was killed between the file's name and the manifest's line, and the
 * store has changed the recording since: the older file, which nobody has recorded, is left alone.
 */
function idOf(file: string): string | undefined {
  return /^calls\/(.+?)(?:~[0-9a-f]{16})?\.wav$/.exec(file)?.[1];
}

/** Each file under a final name must be a recording as the store has held it, whole: whatever has happened so far. */
async function expectNothingWrong(tool: Tool, plan: SoakPlan, tampered: ReadonlySet<string>): Promise<void> {
  for (const file of tool.files()) {
    const id = idOf(file);
    if (id === undefined || tampered.has(id)) continue;
    expect(plan.isRight(id, sha256(await tool.read(file))), `${file} is right`).toBe(true);
  }
}

/** Does what a user or a crash of the machine does to a folder between two runs. */
async function tamper(tool: Tool, plan: SoakPlan, run: number, tampered: Set<string>): Promise<void> {
  const files = tool.files().filter((file) => file.endsWith('.wav'));
  const file = files[Math.floor(plan.draw('tampered file', run) * files.length)];
  const id = idOf(file ?? '');
  if (file === undefined || id === undefined) return;
  const last = (await lastLines(tool, 'calls')).get(id);
  if (last?.status !== 'saved' || `calls/${last.file}` !== file) return;
  const what = Math.floor(plan.draw('tampering', run) * 4);
  if (what === 0) await rm(tool.path(file));
  else if (what === 1) await truncate(tool.path(file), 1000);
  else if (what === 2) return void (await appendFile(tool.path('calls/manifest.jsonl'), '{"id":"call-1","status":"sav'));
  else return;
  tampered.add(id);
}

/** The end of it all: files, manifest and `failed.txt` hold what can be had, and nothing else lies there. */
async function expectAllAccountedFor(tool: Tool, plan: SoakPlan): Promise<void> {
  const last = await lastLines(tool, 'calls');
  const byFate: Record<Fate, string> = { good: 'saved', gone: 'gone', wrong: 'failed' };
  for (const [fate, status] of Object.entries(byFate) as [Fate, string][]) {
    for (const id of plan.of(fate)) expect({ id, status: last.get(id)?.status }).toEqual({ id, status });
  }
  const expected = new Set(['calls/manifest.jsonl', 'calls/failed.txt', 'ids.txt']);
  for (const id of plan.of('good')) {
    const file = `calls/${last.get(id)?.file}`;
    expected.add(file);
    expect(idOf(file)).toBe(id);
    const hash = sha256(await tool.read(file));
    expect({ id, hash, right: plan.isRight(id, hash) }).toEqual({ id, hash: last.get(id)?.sha256, right: true });
    // What a kill left without a line is right, as was seen after each run, and the user's to keep or remove.
    if (file !== `calls/${id}.wav`) await rm(tool.path(`calls/${id}.wav`));
  }
  // What stood under a recording's name and was another, as a kill of an earlier version of it left it, was moved aside; cut off twice alike, twice.
  for (const file of tool.files()) if (/\.changed-[0-9a-f]{8}(?:-\d+)?$/.test(file)) await rm(tool.path(file));
  const others = tool.files().filter((file) => !expected.has(file));
  // What is left of a recording that is not had may wait for the next run.
  expect(others.filter((file) => !plan.of('wrong').some((id) => file.startsWith(`calls/${id}~`)))).toEqual([]);
  const verified = await tool.run(['verify', 'calls', '--strict', '--json']);
  expect(verified.exitCode).toBe(0);
  expect(verified.json()).toEqual([{ summary: expect.objectContaining({ whole: plan.of('good').length, unrecorded: 0 }) }]);
}
