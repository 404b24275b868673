import { randomUUID } from 'node:crypto';
import { constants, rmSync } from 'node:fs';
import { type FileHandle, open, opendir, rename, rm, stat } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { fileError, hasCode } from '../../disk/file-error.ts';
import { syncFile } from '../../disk/sync-file.ts';
import { RecordingError } from '../../errors.ts';
import type { Clock } from '../../system.ts';
import {
  type FoundLock,
  hardLink,
  type Link,
  type LockOwner,
  openLockFile,
  publish,
  readLockFile,
  readOpenLockFile,
  readTokenSync,
  serialiseOwner,
} from './lock-file.ts';
import { type ProcessTable, systemProcessTable } from './process-table.ts';

/** A folder's lock, held. */
export interface Lock {
  /**
   * Aborted, with a `LOCKED` error as its reason, when the lock file turns out to be gone or another run's: somebody deleted it, or this
   * machine was out of touch with a network share for so long that another one took over. The run should stop.
   */
  readonly lost: AbortSignal;
  /** Gives the lock back. Never fails: a lock that cannot be removed is a dead owner's once this process has ended. */
  release(): Promise<void>;
  /** The same at once, for the end of a process that cannot wait. */
  releaseSync(): void;
}

/** What a lock works with; the real processes, timer and hard links where left out. */
export interface LockOptions {
  processes?: ProcessTable;
  /** Does a task again and again, so many milliseconds apart, until the function it gives is called. It must not keep the process alive. */
  every?: (ms: number, task: () => void) => () => void;
  link?: Link;
}

const HEARTBEAT_MS = 10_000;
/** An owner that this machine cannot look up is dead when it has given no sign of life for so long. */
const DEAD_AFTER_MS = 60_000;
/** A torn lock file is being written by somebody when it is younger than this, else left by a crash. */
const TORN_AFTER_MS = 5_000;
/** Each round meets another run that has just come or gone; so many in a row are not met in earnest. */
const MOST_ROUNDS = 100;

/**
 * Takes the lock at `path`, a file in the folder that it guards. It does not wait: when another run holds it, this throws `LOCKED`, with
 * that run's pid, host and time. Names that begin with `path` and a dot are used beside it, for moments. Throws `FILE_SYSTEM` when the
 * folder is missing or cannot be written.
 *
 * A dead owner's lock is taken over. In the owner's own place (machine, boot, container) that is certain: its pid is gone, or belongs to
 * a process that started at another time. From anywhere else the owner is taken for dead when it has not touched the file for a minute,
 * by the clock of the file system. So on a network share one thing cannot be had: a machine that stands still for more than a minute
 * (suspended, cut off) and then goes on is no longer the owner, and learns so by {@link Lock.lost} within ten seconds.
 *
 * Why exactly one run gets it. The lock file appears whole, by a hard link, which fails when the name is taken. A dead lock is never
 * deleted, as another taker could have put its own in place by then: it is replaced, by a rename, and only by its heir. Who is the heir
 * of lock S is settled by the file `<path>.<token of S>.heir`, again a hard link, so that there is one; the heir then looks whether the
 * lock is still S, and renames. Heirs' files are deleted only once the lock is no longer S, and tokens never come again: a taker that is
 * late finds another lock than S behind its claim and starts over. An heir that dies between the two has an heir of its own, by the
 * same rule, which inherits the claim on S.
 */
export async function acquireLock(path: string, clock: Clock, options: LockOptions = {}): Promise<Lock> {
  const processes = options.processes ?? systemProcessTable();
  const self = processes.lookUp(processes.pid);
  const owner: LockOwner = {
    token: randomUUID(),
    pid: processes.pid,
    place: processes.place,
    startTime: (self.alive ? self.startTime : undefined) ?? null,
    at: new Date(clock.now()).toISOString(),
  };
  const taker = new Taker(path, owner, processes, options.link ?? hardLink);
  try {
    await taker.take();
    return await hold(path, owner, options.every ?? everyUnref);
  } catch (error) {
    if (!(error instanceof Error && 'syscall' in error)) throw error;
    throw lockFailure(error, dirname(path));
  }
}

/** One attempt to get a lock. */
class Taker {
  readonly #path: string;
  readonly #owner: LockOwner;
  readonly #processes: ProcessTable;
  readonly #link: Link;
  readonly #draft: string;

  constructor(path: string, owner: LockOwner, processes: ProcessTable, link: Link) {
    this.#path = path;
    this.#owner = owner;
    this.#processes = processes;
    this.#link = link;
    this.#draft = `${path}.${owner.token}`;
  }

  async take(): Promise<void> {
    const draft = await open(this.#draft, 'wx', 0o644);
    try {
      for (let round = 0; round < MOST_ROUNDS; round++) {
        // Written again each round: its time of change is what the file system's clock shows now.
        const text = Buffer.from(serialiseOwner(this.#owner));
        // All of it, or an error: others would wait for a lock that is torn, as for one that is just being written.
        for (let from = 0; from < text.length; ) from += (await draft.write(text, from, text.length - from, from)).bytesWritten;
        await syncFile(draft);
        const nowMs = (await draft.stat()).mtimeMs;
        if (await publish(this.#draft, this.#path, this.#link)) return;
        const found = await readLockFile(this.#path);
        if (found === undefined) continue;
        // A network file system can report a link as failed that it has made, when the answer got lost and the request was repeated.
        if (found.token === this.#owner.token) return;
        this.#refuseLiving(found, nowMs);
        if (await this.#inherit(found, nowMs)) return;
      }
      throw lockedError(this.#path, undefined);
    } finally {
      await draft.close();
      await rm(this.#draft, { force: true });
    }
  }

  /** Replaces a dead lock by our own; false when somebody else has done so meanwhile. */
  async #inherit(dead: FoundLock, nowMs: number): Promise<boolean> {
    const claims: string[] = [];
    for (let token = dead.token; ; ) {
      const claim = `${this.#path}.${token}.heir`;
      claims.push(claim);
      if (await publish(this.#draft, claim, this.#link)) break;
      const heir = await readLockFile(claim);
      if (heir === undefined) return false;
      if (heir.token === this.#owner.token) break;
      this.#refuseLiving(heir, nowMs);
      token = heir.token;
    }
    const stillThere = (await readLockFile(this.#path))?.token === dead.token;
    if (stillThere) await rename(this.#draft, this.#path);
    for (const claim of claims) await rm(claim, { force: true });
    if (stillThere) await sweep(this.#path, nowMs).catch(() => {});
    return stillThere;
  }

  #refuseLiving(found: FoundLock, nowMs: number): void {
    if (this.#isAlive(found, nowMs)) throw lockedError(this.#path, found.owner);
  }

  #isAlive({ owner, modifiedMs }: FoundLock, nowMs: number): boolean {
    const silentMs = Math.abs(nowMs - modifiedMs);
    if (owner === undefined) return silentMs < TORN_AFTER_MS;
    const here = this.#processes.place;
    const { host, bootId, pidNamespace } = owner.place;
    if (host !== here.host || bootId !== here.bootId || pidNamespace !== here.pidNamespace) return silentMs < DEAD_AFTER_MS;
    const found = this.#processes.lookUp(owner.pid);
    if (!found.alive) return false;
    return found.startTime === undefined || owner.startTime === null || found.startTime === owner.startTime;
  }
}

/** Removes what crashed takers have left beside the lock. Nothing there is of use to a living one after so long. */
async function sweep(path: string, nowMs: number): Promise<void> {
  const folder = dirname(path);
  for await (const entry of await opendir(folder)) {
    if (!entry.name.startsWith(`${basename(path)}.`)) continue;
    const leftover = join(folder, entry.name);
    const found = await stat(leftover).catch(() => undefined);
    if (found !== undefined && nowMs - found.mtimeMs > DEAD_AFTER_MS) await rm(leftover, { force: true }).catch(() => {});
  }
}

async function hold(path: string, owner: LockOwner, every: NonNullable<LockOptions['every']>): Promise<Lock> {
  const lost = new AbortController();
  const file: FileHandle = await openLockFile(path, constants.O_RDWR);
  if ((await readOpenLockFile(file)).token !== owner.token) {
    await file.close();
    throw lockedError(path, undefined);
  }
  const beat = async () => {
    const found = await readLockFile(path);
    if (found?.token !== owner.token) {
      lost.abort(lostError(path, found?.owner));
      return;
    }
    // Written, not stamped with utimes: that would put this machine's clock in the place of the file system's.
    await file.write(serialiseOwner(owner), 0);
    await syncFile(file);
  };
  // A share that is out of reach for a moment is no reason to stop; whether the lock survived shows at the next beat.
  let beating = Promise.resolve();
  const stop = every(HEARTBEAT_MS, () => {
    beating = beating.then(beat).catch(() => {});
  });
  let released = false;
  return {
    lost: lost.signal,
    async release() {
      if (released) return;
      released = true;
      stop();
      await beating;
      await file.close().catch(() => {});
      const found = await readLockFile(path).catch(() => undefined);
      if (found?.token === owner.token) await rm(path, { force: true }).catch(() => {});
    },
    releaseSync() {
      if (released) return;
      released = true;
      stop();
      file.close().catch(() => {});
      try {
        if (readTokenSync(path) === owner.token) rmSync(path, { force: true });
      } catch {
        // What stays is a dead owner's lock, and the next run takes it over.
      }
    },
  };
}

function everyUnref(ms: number, task: () => void): () => void {
  const timer = setInterval(task, ms);
  timer.unref();
  return () => clearInterval(timer);
}

/** A folder that may not be written to is said to be that: nobody asked for a lock. */
function lockFailure(error: Error, folder: string): RecordingError {
  const isRefused = hasCode(error, 'EACCES', 'EPERM', 'EROFS');
  const told = fileError(error, isRefused ? `write to the folder ${folder}` : `lock the folder ${folder}`);
  const hint = isRefused ? 'Have its permissions changed' : 'Check that the folder exists and has room';
  return new RecordingError('FILE_SYSTEM', (told as RecordingError).message, {
    hint: `${hint}, or name another one with --dir or --output.`,
    cause: error,
  });
}

function lockedError(path: string, owner: LockOwner | undefined): RecordingError {
  const who = owner === undefined ? 'it is just starting' : describe(owner);
  return new RecordingError('LOCKED', `Another run is at work in ${dirname(path)}: ${who}.`, {
    hint: `Wait for it to end, or name another folder with --dir or --output. If you are sure that run is gone, delete ${path}.`,
  });
}

function lostError(path: string, owner: LockOwner | undefined): RecordingError {
  const how = owner === undefined ? 'its lock file is gone' : `another run has taken it over, ${describe(owner)}`;
  return new RecordingError('LOCKED', `The folder ${dirname(path)} is no longer this run's: ${how}.`, {
    hint: 'Run the same command again when no other run is at work there; what is saved stays.',
  });
}

function describe(owner: LockOwner): string {
  return `process ${owner.pid} on ${owner.place.host}, since ${owner.at}`;
}
