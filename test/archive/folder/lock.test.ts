import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import fs, { link, open } from 'node:fs/promises';
import { syncBuiltinESMExports } from 'node:module';
import { hostname, tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import type { Readable, Writable } from 'node:stream';
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, it, onTestFinished, vi } from 'vitest';
import { acquireLock, type Lock, type LockOptions } from '../../../src/archive/folder/lock.ts';
import { type LockOwner, parseOwner } from '../../../src/archive/folder/lock-file.ts';
import { type ProcessTable, systemProcessTable } from '../../../src/archive/folder/process-table.ts';
import { systemClock } from '../../../src/system.ts';

const PLACE = { host: 'here', bootId: 'boot-1', pidNamespace: 'pid:[1]' };

let folder: string;
let path: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'lock-'));
  path = join(folder, '.lock');
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

/** A machine on which just the given pids are alive, each started at the time that its entry tells. */
function machine(alive: Record<number, string | undefined>, pid = 100): ProcessTable {
  return {
    pid,
    place: PLACE,
    lookUp: (asked) => (asked in alive ? { alive: true, startTime: alive[asked] } : { alive: false }),
  };
}

/** A timer that ticks when told to. */
function handTimer() {
  const tasks = new Set<() => void>();
  const every = (_: number, task: () => void) => {
    tasks.add(task);
    return () => void tasks.delete(task);
  };
  const tick = () => {
    for (const task of tasks) task();
  };
  return { every, tick, tasks };
}

const acquire = (options: LockOptions = {}) => acquireLock(path, systemClock, { processes: machine({ 100: 'noon' }), ...options });

/** Leaves a lock behind as another run would, last touched so many seconds ago. */
function leave(owner: Partial<LockOwner>, secondsAgo = 0, name = path): LockOwner {
  const whole = { token: 'left-behind', pid: 7, place: PLACE, startTime: 'dawn', at: '2026-11-02T03:04:05.000Z', ...owner };
  writeFileSync(name, JSON.stringify(whole));
  age(secondsAgo, name);
  return whole;
}

function age(secondsAgo: number, name = path): void {
  const at = Date.now() / 1000 - secondsAgo;
  utimesSync(name, at, at);
}

const tokenOf = (name = path) => parseOwner(readFileSync(name, 'utf8'))?.token;
const LOCKED = expect.objectContaining({ code: 'LOCKED', exitCode: 10 });

describe('a lock', () => {
  it('is a file that says who holds it, and is gone when it is released, with nothing left beside it', async () => {
    const lock = await acquire();
    expect(readdirSync(folder)).toEqual(['.lock']);
    expect(JSON.parse(readFileSync(path, 'utf8'))).toMatchObject({ pid: 100, place: PLACE, startTime: 'noon' });
    await lock.release();
    await lock.release();
    expect(readdirSync(folder)).toEqual([]);
    await (await acquire()).release();
  });

  it('keeps out a second run, and tells it who holds it, where and since when', async () => {
    leave({});
    const error = await acquire({ processes: machine({ 7: 'dawn', 100: 'noon' }) }).catch((thrown) => thrown);
    expect(error).toEqual(LOCKED);
    expect(error.message).toBe(`Another run is at work in ${folder}: process 7 on here, since 2026-11-02T03:04:05.000Z.`);
    expect(error.hint).toContain('--dir');
    expect(error.hint).toContain(path);
    expect(readdirSync(folder)).toEqual(['.lock']);
    expect(tokenOf()).toBe('left-behind');
  });

  it('keeps out a second run of the same process', async () => {
    const lock = await acquire();
    await expect(acquire()).rejects.toEqual(LOCKED);
    await lock.release();
  });

  it('is written whole, also where the disk takes it in pieces', async () => {
    const probe = await open(join(folder, 'probe'), 'w');
    const prototype: typeof probe = Object.getPrototypeOf(probe);
    await probe.close();
    rmSync(join(folder, 'probe'));
    const write = prototype.write as (bytes: Uint8Array, from: number, length: number, at: number) => Promise<{ bytesWritten: number }>;
    const pieces = vi.spyOn(prototype as unknown as { write: typeof write }, 'write').mockImplementation(function (
      this: typeof probe,
      bytes,
      from,
      length,
      at,
    ) {
      return write.call(this, bytes, from, Math.min(length, 50), at);
    });
    onTestFinished(() => pieces.mockRestore());
    const lock = await acquire();
    expect(pieces.mock.calls.length).toBeGreaterThan(1);
    expect(JSON.parse(readFileSync(path, 'utf8'))).toMatchObject({ pid: 100, place: PLACE, startTime: 'noon' });
    await lock.release();
  });

  it('can be given back at once', async () => {
    const lock = await acquire();
    lock.releaseSync();
    lock.releaseSync();
    expect(existsSync(path)).toBe(false);
    const next = await acquire();
    lock.releaseSync();
    await lock.release();
    expect(existsSync(path)).toBe(true);
    await next.release();
  });

  it("is never another run's to release", async () => {
    const lock = await acquire();
    leave({ token: 'somebody-else' });
    await lock.release();
    expect(tokenOf()).toBe('somebody-else');
    rmSync(path);
    const second = await acquire();
    leave({ token: 'somebody-else' });
    second.releaseSync();
    expect(tokenOf()).toBe('somebody-else');
  });

  it.each([
    ['the folder is missing', () => rmSync(folder, { recursive: true }), /--dir/],
    ['a folder stands in its place', () => mkdirSync(path), /^Move the folder away/],
  ])('is an error of the file system when %s', async (_, prepare, hint) => {
    prepare();
    await expect(acquire()).rejects.toMatchObject({ code: 'FILE_SYSTEM', hint: expect.stringMatching(hint) });
  });
});

describe('a lock in a folder that others can write to', () => {
  it.each<[string, () => unknown]>([
    ['a pipe, which nobody writes to', () => execFileSync('mkfifo', [path])],
    ['a link to a device that never ends', () => symlinkSync('/dev/zero', path)],
    ['a link to the file of another', () => symlinkSync(join(folder, 'elsewhere'), path)],
  ])('is an error of the file system where it is %s', async (_, put) => {
    writeFileSync(join(folder, 'elsewhere'), 'mine');
    put();
    await expect(acquire()).rejects.toMatchObject({ code: 'FILE_SYSTEM', exitCode: 7 });
    expect(readFileSync(join(folder, 'elsewhere'), 'utf8')).toBe('mine');
    expect(readdirSync(folder).filter((name) => name.startsWith(basename(path)))).toEqual([basename(path)]);
  });

  it.each(['EACCES', 'EROFS', 'EPERM'])('that may not be written to is said to be that (%s)', async (code) => {
    vi.spyOn(fs, 'open').mockRejectedValueOnce(Object.assign(new Error(code), { code, syscall: 'open' }));
    syncBuiltinESMExports();
    onTestFinished(() => {
      vi.restoreAllMocks();
      syncBuiltinESMExports();
    });
    await expect(acquire()).rejects.toMatchObject({
      code: 'FILE_SYSTEM',
      message: expect.stringContaining(`Cannot write to the folder ${folder}: `),
      hint: expect.stringMatching(/permissions.*--dir/),
    });
  });
});

describe('a lock left behind', () => {
  it.each([
    ['its process is gone', {}, 0, {}],
    ['its pid belongs to a process that started at another time', {}, 0, { 7: 'dusk' }],
    [
      'its machine was started again, and it has been silent for over a minute',
      { place: { ...PLACE, bootId: 'boot-0' } },
      61,
      { 7: 'dawn' },
    ],
    ['it is of another machine, silent for over a minute', { place: { host: 'there' } }, 61, { 7: 'dawn' }],
    ['it is of another container, silent for over a minute', { place: { ...PLACE, pidNamespace: 'pid:[2]' } }, 61, { 7: 'dawn' }],
  ])('is taken over when %s', async (_, owner, secondsAgo, alive) => {
    leave(owner, secondsAgo);
    const lock = await acquire({ processes: machine({ ...alive, 100: 'noon' }) });
    expect(tokenOf()).not.toBe('left-behind');
    expect(readdirSync(folder)).toEqual(['.lock']);
    await lock.release();
    expect(readdirSync(folder)).toEqual([]);
  });

  it.each([
    ['its process is at work, however long it has been silent', {}, 9999, { 7: 'dawn' }],
    ['its process is at work, started nobody knows when', {}, 9999, { 7: undefined }],
    ['its process is at work and did not know its own start', { startTime: null }, 9999, { 7: 'dusk' }],
    ['it is of another machine and fresh', { place: { host: 'there' } }, 50, {}],
    ['it is of another boot and fresh', { place: { ...PLACE, bootId: 'boot-0' } }, 50, {}],
    ['it is of another container and fresh', { place: { ...PLACE, pidNamespace: 'pid:[2]' } }, 50, {}],
  ])('is not taken over when %s', async (_, owner, secondsAgo, alive) => {
    leave(owner, secondsAgo);
    await expect(acquire({ processes: machine({ ...alive, 100: 'noon' }) })).rejects.toEqual(LOCKED);
    expect(tokenOf()).toBe('left-behind');
    expect(readdirSync(folder)).toEqual(['.lock']);
  });

  it.each([
    ['empty', ''],
    ['cut off', '{"token":"abc","pid":7,"pl'],
    ['JSON of something else', '{"pid":7}'],
    ['null', 'null'],
    ['one whose token leads out of the folder', '{"token":"../../x","pid":7,"place":{"host":"here"},"at":"now"}'],
  ])('that is torn (%s) is taken over when it is older than some seconds, and respected until then', async (_, text) => {
    writeFileSync(path, text);
    await expect(acquire()).rejects.toEqual(LOCKED);
    age(6);
    await (await acquire()).release();
    expect(readdirSync(folder)).toEqual([]);
  });

  it("is judged by the file system's clock, not by this machine's", async () => {
    leave({ place: { host: 'there' } }, 50);
    const hourAhead = { ...systemClock, now: () => Date.now() + 3_600_000 };
    await expect(acquireLock(path, hourAhead, { processes: machine({}) })).rejects.toEqual(LOCKED);
  });

  it('is inherited from an heir that died as it took over, and from the heir of that one', async () => {
    leave({ token: 'dead' });
    leave({ token: 'heir-1', pid: 8 }, 0, `${path}.dead.heir`);
    leave({ token: 'heir-2', pid: 9 }, 0, `${path}.heir-1.heir`);
    const lock = await acquire();
    expect(readdirSync(folder)).toEqual(['.lock']);
    await lock.release();
  });

  it("is not taken from an heir that is at work, and the dead heirs' claims stay that lead to it", async () => {
    leave({ token: 'dead' });
    leave({ token: 'heir-1', pid: 8 }, 0, `${path}.dead.heir`);
    leave({ token: 'heir-2', pid: 9 }, 0, `${path}.heir-1.heir`);
    const before = readdirSync(folder).sort();
    await expect(acquire({ processes: machine({ 9: 'dawn', 100: 'noon' }) })).rejects.toMatchObject({
      code: 'LOCKED',
      message: expect.stringContaining('process 9'),
    });
    expect(readdirSync(folder).sort()).toEqual(before);
    expect(tokenOf()).toBe('dead');
  });

  it('has the leftovers of crashed takers swept up, and nothing else', async () => {
    leave({});
    leave({}, 61, `${path}.crashed-draft`);
    leave({}, 61, `${path}.long-gone.heir`);
    leave({}, 30, `${path}.fresh-draft`);
    leave({}, 61, join(folder, '.locksmith.mp3'));
    const lock = await acquire();
    expect(readdirSync(folder).sort()).toEqual(['.lock', '.lock.fresh-draft', '.locksmith.mp3']);
    await lock.release();
  });
});

describe('a lock that is held', () => {
  it('is touched from time to time, so that other machines see its owner alive', async () => {
    const timer = handTimer();
    const lock = await acquire({ every: timer.every });
    age(3600);
    const old = statSync(path).mtimeMs;
    timer.tick();
    await expect.poll(() => statSync(path).mtimeMs).toBeGreaterThan(old + 3_500_000);
    expect(parseOwner(readFileSync(path, 'utf8'))).toMatchObject({ pid: 100 });
    expect(lock.lost.aborted).toBe(false);
    await lock.release();
    expect(timer.tasks.size).toBe(0);
  });

  it.each([
    ['deleted', () => rmSync(path), /its lock file is gone/],
    [
      'taken over',
      () => {
        rmSync(path);
        leave({ token: 'thief', place: { host: 'there' } });
      },
      /process 7 on there/,
    ],
  ])('tells its owner when it has been %s, and leaves what stands there alone', async (_, steal, message) => {
    const timer = handTimer();
    const lock = await acquire({ every: timer.every });
    steal();
    const before = existsSync(path) ? readFileSync(path, 'utf8') : undefined;
    timer.tick();
    await expect.poll(() => lock.lost.aborted).toBe(true);
    expect(lock.lost.reason).toMatchObject({ code: 'LOCKED', message: expect.stringMatching(message) });
    await lock.release();
    expect(existsSync(path) ? readFileSync(path, 'utf8') : undefined).toBe(before);
  });
});

describe('on a file system without hard links', () => {
  const link = () => Promise.reject(Object.assign(new Error('EPERM: operation not permitted, link'), { code: 'EPERM', syscall: 'link' }));

  it('a lock works all the same', async () => {
    const lock = await acquire({ link });
    await expect(acquire({ link })).rejects.toEqual(LOCKED);
    await lock.release();
    leave({});
    const next = await acquire({ link });
    expect(readdirSync(folder)).toEqual(['.lock']);
    await next.release();
    expect(readdirSync(folder)).toEqual([]);
  });
});

describe('where a hard link is made and reported as failed', () => {
  it('a lock is known as our own', async () => {
    const forgetful = async (existing: string, name: string) => {
      await link(existing, name);
      throw Object.assign(new Error('EEXIST'), { code: 'EEXIST', syscall: 'link' });
    };
    await (await acquire({ link: forgetful })).release();
    leave({});
    const lock = await acquire({ link: forgetful });
    expect(readdirSync(folder)).toEqual(['.lock']);
    await lock.release();
  });
});

describe('many takers at once', () => {
  /** How a taker fares: how many links it lives to ask for, and whether the last is still made as it dies. Most live on. */
  const life = fc.record({ links: fc.constantFrom(1, 2, 3, 99, 99, 99), diesAfter: fc.boolean() });

  it.each([
    ['with hard links', link],
    ['without', () => Promise.reject(new Error('no links'))],
  ])('have one winner, whatever their order and whoever dies on the way, and the lock stays free to take (%s)', async (_, makeLink) => {
    const lives = fc.array(life, { minLength: 2, maxLength: 6 });
    await fc.assert(
      fc.asyncProperty(fc.scheduler(), fc.boolean(), lives, async (scheduler, free, lives) => {
        const path = join(mkdtempSync(join(folder, 'run-')), '.lock');
        if (!free) leave({}, 0, path);
        const alive: Record<number, string> = { 100: 'noon' };
        let wakeTheDead = () => {};
        const theEnd = new Promise<void>((resolve) => {
          wakeTheDead = resolve;
        });
        const attempts: Promise<Lock | Error>[] = [];
        const takers = lives.map(({ links, diesAfter }, index) => {
          const pid = 200 + index;
          alive[pid] = 'noon';
          let asked = 0;
          return new Promise<Lock | Error | 'dead'>((resolve) => {
            const options: LockOptions = {
              processes: machine(alive, pid),
              // Each link waits its turn, in an order that the property chooses. Who dies is not heard of again, and tidies nothing up.
              async link(existing, name) {
                if (asked >= links) throw new Error('dead');
                await scheduler.schedule(Promise.resolve());
                const dies = ++asked === links;
                if (!dies || diesAfter) await makeLink(existing, name).catch((error) => dies || Promise.reject(error));
                if (!dies) return;
                delete alive[pid];
                resolve('dead');
                await theEnd;
                throw new Error('dead');
              },
            };
            const attempt = acquireLock(path, systemClock, options).catch((error: Error) => error);
            attempts.push(attempt);
            attempt.then(resolve);
          });
        });
        const outcomes = await scheduler.waitFor(Promise.all(takers));
        const errors = outcomes.filter((outcome) => outcome instanceof Error);
        const locks = outcomes.flatMap((outcome) => (outcome instanceof Error || outcome === 'dead' ? [] : [outcome]));
        expect(locks.length).toBeLessThanOrEqual(1);
        for (const error of errors) expect(error).toEqual(LOCKED);
        for (const lock of locks) await lock.release();
        for (const pid of Object.keys(alive)) if (pid !== '100') delete alive[Number(pid)];
        const next = await acquireLock(path, systemClock, { processes: machine(alive) });
        await next.release();
        expect(existsSync(path)).toBe(false);
        wakeTheDead();
        for (const late of await Promise.all(attempts)) if ('release' in late) await late.release();
      }),
      { numRuns: 150 },
    );
  });
});

describe('the real process table', () => {
  const table = systemProcessTable();

  it('knows this process, its place and its start', () => {
    expect(table.pid).toBe(process.pid);
    expect(table.place.host).toBe(hostname());
    const self = table.lookUp(process.pid);
    expect(self).toMatchObject({ alive: true });
    expect(systemProcessTable().lookUp(process.pid)).toEqual(self);
  });

  it('tells a process that has ended from one that runs, and two that run by their start', async () => {
    const child = spawn(process.execPath, ['-e', 'process.stdin.resume()'], { stdio: ['pipe', 'ignore', 'ignore'] });
    await once(child, 'spawn');
    const pid = child.pid ?? 0;
    const running = table.lookUp(pid);
    expect(running.alive).toBe(true);
    if (process.platform === 'linux') expect(running).not.toEqual(table.lookUp(process.pid));
    child.stdin?.end();
    await once(child, 'exit');
    expect(table.lookUp(pid)).toEqual({ alive: false });
  });

  it.skipIf(process.platform !== 'linux')('reads the start of a process whose name has blanks and parentheses', () => {
    const told = execFileSync('bash', ['-c', 'exec -a x sleep 0; true'], { encoding: 'utf8' });
    expect(told).toBe('');
    const odd = join(folder, 'a ) S 1 (b');
    execFileSync('cp', [execFileSync('which', ['sleep'], { encoding: 'utf8' }).trim(), odd]);
    const child = spawn(odd, ['60'], { stdio: 'ignore' });
    try {
      const state = table.lookUp(child.pid ?? 0);
      const uptimeTicks = Number(readFileSync('/proc/uptime', 'utf8').split(' ')[0]) * 100;
      expect(state.alive).toBe(true);
      expect(Math.abs(Number(state.alive && state.startTime) - uptimeTicks)).toBeLessThan(6000);
    } finally {
      child.kill('SIGKILL');
    }
  });

  it.skipIf(process.platform !== 'linux')('takes a zombie for dead', async () => {
    // The shell becomes a process that never waits for the child it has started; before that it would.
    const parent = spawn('sh', ['-c', 'cat <&3 & echo $!; exec sleep 60'], { stdio: ['ignore', 'pipe', 'ignore', 'pipe'] });
    try {
      const [line] = await once(parent.stdout as Readable, 'data');
      const pid = Number(String(line).trim());
      await expect.poll(() => readFileSync(`/proc/${parent.pid}/comm`, 'utf8')).toBe('sleep\n');
      (parent.stdio[3] as Writable).end();
      await expect.poll(() => readFileSync(`/proc/${pid}/stat`, 'utf8')).toContain(') Z ');
      expect(table.lookUp(pid)).toEqual({ alive: false });
    } finally {
      parent.kill('SIGKILL');
    }
  });
});
