import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { rolldown } from 'rolldown';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { acquireLock } from '../../../src/archive/folder/lock.ts';
import { systemProcessTable } from '../../../src/archive/folder/process-table.ts';
import { systemClock } from '../../../src/system.ts';

const RACERS = 8;
const ROUNDS = 40;

/** Takes the lock named on each line of standard input, and holds what it gets. */
const RACER = `
import { createInterface } from 'node:readline';
import { acquireLock } from './lock.mjs';
const clock = { now: () => Date.now() };
for await (const path of createInterface({ input: process.stdin })) {
  acquireLock(path, clock).then(() => 'won', (error) => error.code).then((outcome) => console.log(JSON.stringify({ path, outcome })));
}
`;

let folder: string;
let racers: { child: ChildProcess; lines: AsyncIterator<string> }[] = [];

function startRacer() {
  const child = spawn(process.execPath, [join(folder, 'racer.mjs')], { stdio: ['pipe', 'pipe', 'inherit'] });
  if (child.stdout === null) throw new Error('no stdout');
  return { child, lines: createInterface({ input: child.stdout })[Symbol.asyncIterator]() };
}

/** Lets all racers try for one lock at once, and gives how each fared. */
async function race(path: string): Promise<string[]> {
  for (const { child } of racers) child.stdin?.write(`${path}\n`);
  const answers = await Promise.all(racers.map(({ lines }) => lines.next()));
  return answers.map((answer) => {
    const told = JSON.parse(answer.value);
    expect(told.path).toBe(path);
    return told.outcome;
  });
}

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'lock-race-'));
  const input = new URL('../../../src/archive/folder/lock.ts', import.meta.url).pathname;
  const bundle = await rolldown({ input, platform: 'node' });
  await bundle.write({ file: join(folder, 'lock.mjs') });
  await bundle.close();
  writeFileSync(join(folder, 'racer.mjs'), RACER);
  racers = Array.from({ length: RACERS }, startRacer);
});

afterAll(() => {
  for (const { child } of racers) child.kill('SIGKILL');
  rmSync(folder, { recursive: true, force: true });
});

const oneWinner = ['won', ...new Array<string>(RACERS - 1).fill('LOCKED')].sort();

describe('processes that race for a lock', () => {
  it('have one winner when it is free', async () => {
    for (let round = 0; round < ROUNDS; round++) expect((await race(join(folder, `free-${round}`))).sort()).toEqual(oneWinner);
  });

  it('have one winner when its owner is dead, and leave nothing else behind', async () => {
    const dead = { pid: 2 ** 30, place: systemProcessTable().place, startTime: '1', at: '2026-01-01T00:00:00.000Z' };
    for (let round = 0; round < ROUNDS; round++) {
      const path = join(folder, `dead-${round}`);
      writeFileSync(path, JSON.stringify({ ...dead, token: `dead-${round}` }));
      expect((await race(path)).sort()).toEqual(oneWinner);
      expect(readdirSync(folder).filter((name) => name.startsWith(`dead-${round}.`))).toEqual([]);
    }
  });

  it('end by themselves although they hold one', async () => {
    const outcomes = await race(join(folder, 'ending'));
    const index = outcomes.indexOf('won');
    const winner = racers[index]?.child;
    winner?.stdin?.end();
    expect(winner && (await once(winner, 'exit'))).toEqual([0, null]);
    racers[index] = startRacer();
  });

  it('leave a lock that the next run can take, when they are killed', async () => {
    const path = join(folder, 'killed');
    const outcomes = await race(path);
    const winner = racers[outcomes.indexOf('won')];
    expect(JSON.parse(readFileSync(path, 'utf8')).pid).toBe(winner?.child.pid);
    await expect(acquireLock(path, systemClock)).rejects.toMatchObject({
      code: 'LOCKED',
      message: expect.stringContaining(`process ${winner?.child.pid}`),
    });
    winner?.child.kill('SIGKILL');
    if (winner !== undefined) await once(winner.child, 'exit');
    const lock = await acquireLock(path, systemClock);
    expect(JSON.parse(readFileSync(path, 'utf8')).pid).toBe(process.pid);
    await lock.release();
  });
});
