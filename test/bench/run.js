// @ts-check
import { spawn } from 'node:child_process';
import { closeSync, mkdirSync, mkdtempSync, openSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

/** A run that takes longer hangs. */
const HANG_MS = 15 * 60 * 1000;

/**
 * What one run took.
 *
 * @typedef {object} Measure
 * @property {number} ms from start to end, by the clock on the wall
 * @property {number} cpuMs of processor time, all its processes together; NaN for a bare run
 * @property {number} peakBytes the memory of its largest process at its largest; NaN for a bare run
 */

/**
 * A run that has ended, for its result to be checked.
 *
 * @typedef {object} Ended
 * @property {string} folder where it ran
 * @property {number | null} exitCode null where a signal ended it
 * @property {string} stdout the path of what it wrote to standard output
 * @property {string} stderr what it wrote to standard error
 */

/**
 * One of those that are measured side by side.
 *
 * @typedef {object} Contender
 * @property {string} name
 * @property {readonly string[]} command it runs in an empty folder of its own, unless `folder` is given
 * @property {Readonly<Record<string, string>>} [env] its environment beside PATH and HOME
 * @property {string} [input] the path of what stands on its standard input
 * @property {string} [folder]
 * @property {boolean} [bare] without GNU time around it, whose own start would count where a run takes milliseconds
 * @property {(ended: Ended) => void | Promise<void>} check throws where the run did not do all that it was to do: a fast failure is no success
 */

/** @typedef {{ name: string, runs: Measure[] }} Measured */

/**
 * Measures contenders by turns (A B C A B C …), so that whatever else the machine does meets all of them. What they write stays until the end
 * of the bench: some file systems look long for an inode that was not freed within the last minute, at the cost of whoever runs next.
 *
 * @param {readonly Contender[]} contenders
 * @param {{ runs: number, work: string, time: string, tell: (text: string) => void }} options
 * @returns {Promise<Measured[]>} in the same order
 */
export async function measureByTurns(contenders, { runs, work, time, tell }) {
  const measured = contenders.map(({ name }) => ({ name, runs: /** @type {Measure[]} */ ([]) }));
  for (let round = 1; round <= runs; round += 1) {
    for (const [index, contender] of contenders.entries()) {
      tell(`${contender.name}, run ${round} of ${runs}`);
      measured[index]?.runs.push(await measure(contender, work, time));
    }
  }
  return measured;
}

/**
 * @param {Contender} contender
 * @param {string} work
 * @param {string} time
 * @returns {Promise<Measure>}
 */
async function measure(contender, work, time) {
  const { name, command, bare = false } = contender;
  const place = mkdtempSync(join(work, 'run-'));
  const folder = contender.folder ?? join(place, 'folder');
  mkdirSync(folder, { recursive: true });
  const [stdout, stderr, figures] = [join(place, 'stdout'), join(place, 'stderr'), join(place, 'figures')];
  const streams = [openSync(contender.input ?? '/dev/null', 'r'), openSync(stdout, 'w'), openSync(stderr, 'w')];
  const [file = '', ...args] = bare ? command : [time, '--format', '%U %S %M', '--output', figures, ...command];
  // What the run before has left to be written must not be waited for by this one's fsync.
  if (!bare) await run('sync', [], { timeout: HANG_MS });
  const env = { PATH: process.env.PATH ?? '', HOME: work, ...contender.env };
  const startedAt = performance.now();
  const exitCode = await run(file, args, { cwd: folder, env, stdio: streams, timeout: HANG_MS });
  const ms = performance.now() - startedAt;
  for (const stream of streams) closeSync(stream);
  const said = readFileSync(stderr, 'utf8');
  try {
    await contender.check({ folder, exitCode, stdout, stderr: said });
  } catch (failure) {
    throw new Error(`${name} did not do its work, so that its time says nothing (exit code ${exitCode}):\n${said.slice(-2000)}`, {
      cause: failure,
    });
  }
  const [user = Number.NaN, system = Number.NaN, peakKib = Number.NaN] = bare ? [] : readFigures(figures);
  return { ms, cpuMs: (user + system) * 1000, peakBytes: peakKib * 1024 };
}

/**
 * Runs a program to its end.
 *
 * @param {string} file
 * @param {readonly string[]} args
 * @param {import('node:child_process').SpawnOptions} options
 * @returns {Promise<number | null>} its exit code; null where a signal ended it
 */
function run(file, args, options) {
  return new Promise((resolve, reject) => {
    spawn(file, args, options).once('error', reject).once('exit', resolve);
  });
}

/**
 * GNU time puts a line of its own before the figures where the exit code is not 0.
 *
 * @param {string} path
 */
function readFigures(path) {
  return (readFileSync(path, 'utf8').trim().split('\n').at(-1) ?? '').split(' ').map(Number);
}
