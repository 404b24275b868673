// @ts-check
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { endedWell, holdsArchive } from '../checks.js';
import { aria2c, bareNode, curlParallel, curlRecipe, trusting } from '../peers.js';
import { measureByTurns } from '../run.js';
import { ratios } from '../scenario.js';
import { delayAt } from '../server/delay.js';
import { idsOf, SIZES } from '../server/objects.js';
import { LATENCY_MS, ROUND_TRIP_MS } from '../server/server.js';
import { medianOf, ratioOf } from '../statistics.js';
/** @import { Job } from '../peers.js' */
/** @import { Contender } from '../run.js' */
/** @import { Bench, Findings } from '../scenario.js' */

/**
 * (a): as fast as the machine goes.
 *
 * @param {Bench} bench
 * @returns {Promise<Findings>}
 */
export async function withoutLatency(bench) {
  const job = jobOf(bench, { size: '100k', count: 1000, concurrency: 16, baseUrl: bench.server.baseUrl });
  const peers = [curlRecipe(job), bareNode(job), aria2c(job, { resumes: true }), curlParallel(job), aria2c(job, { resumes: false })];
  const measured = await measureByTurns([batch(bench, job), ...peers], measuring(bench));
  const figures = [...ratios(measured, [0.4, 1.5, 0.7]), ...processorTime(measured, 'bare Node', 1.5)];
  return { title: '1,000 recordings of 100 KB, 16 at once', measured, figures };
}

/**
 * How ours compares with another in processor time.
 *
 * @param {readonly import('../run.js').Measured[]} measured ours first
 * @param {string} name the other's
 * @param {number} atMost
 * @returns {import('../scenario.js').Figure[]}
 */
function processorTime([ours, ...others], name, atMost) {
  const theirs = others.find((each) => each.name === name);
  if (ours === undefined || theirs === undefined) return [];
  return [{ what: `${ours.name} / ${name}, processor time`, value: ratioOf(ours, theirs, 'cpuMs'), unit: 'ratio', atMost }];
}

/**
 * (h): as over a continent, by TLS, handshakes included.
 *
 * @param {Bench} bench
 * @returns {Promise<Findings>}
 */
export async function overDistance(bench) {
  const { distantBaseUrl, certificate } = bench.server;
  const job = { ...jobOf(bench, { size: '100k', count: 400, concurrency: 16, baseUrl: distantBaseUrl }), certificate };
  const measured = await measureByTurns([batch(bench, job), curlParallel(job), bareNode(job)], measuring(bench));
  return {
    title: `400 recordings of 100 KB over TLS, 16 at once, ${ROUND_TRIP_MS} ms there and back`,
    measured,
    figures: ratios(measured, [1]),
  };
}

/**
 * (b): as fast as the waits allow.
 *
 * @param {Bench} bench
 * @returns {Promise<Findings>}
 */
export async function withLatency(bench) {
  const job = jobOf(bench, { size: '100k', count: 1000, concurrency: 32, baseUrl: bench.server.delayedBaseUrl });
  const alone = await delayAt(job, 1);
  const together = await delayAt(job, job.concurrency);
  const measured = await measureByTurns([batch(bench, job), curlParallel(job)], measuring(bench));
  const idealMs = (job.ids.length / job.concurrency) * 2 * LATENCY_MS;
  const oursMs = measured[0] === undefined ? Number.NaN : medianOf(measured[0]);
  return {
    title: `1,000 recordings of 100 KB, 32 at once, ${LATENCY_MS} ms on each leg`,
    measured,
    figures: [
      ...ratios(measured, [0.9]),
      { what: 'kaleyra-rec / ideal (rows / concurrency x both legs)', value: oursMs / idealMs, unit: 'ratio', atMost: 1.15 },
      { what: 'ideal', value: idealMs, unit: 'ms' },
      { what: 'answer of the idle server, one at a time', value: alone, unit: 'ms' },
      { what: `answer of the idle server, ${job.concurrency} at once`, value: together, unit: 'ms' },
    ],
  };
}

/**
 * (f): what ten times as many take.
 *
 * @param {Bench} bench
 * @returns {Promise<Findings>}
 */
export async function growth(bench) {
  const counts = [1000, 10_000, 100_000];
  const measured = [];
  for (const count of counts) {
    const job = jobOf(bench, { size: '1k', count, concurrency: 16, baseUrl: bench.server.baseUrl });
    const contender = { ...batch(bench, job), name: `${count.toLocaleString('en')} recordings` };
    // The largest says enough in one run.
    measured.push(...(await measureByTurns([contender], { ...measuring(bench), runs: count === 100_000 ? 1 : bench.runs })));
  }
  const times = measured.map((each) => medianOf(each));
  const peaks = measured.map((each) => medianOf(each, 'peakBytes'));
  const [small = Number.NaN, middle = Number.NaN, large = Number.NaN] = times;
  const [smallPeak = Number.NaN, middlePeak = Number.NaN, largePeak = Number.NaN] = peaks;
  return {
    title: '1,000 to 100,000 recordings of 1 KB, 16 at once',
    measured,
    figures: [
      { what: 'a further recording, from 1,000 to 10,000', value: (middle - small) / 9000, unit: 'ms' },
      { what: 'a further recording, from 10,000 to 100,000', value: (large - middle) / 90_000, unit: 'ms' },
      { what: 'the one to the other (linear: 1)', value: ((large - middle) / 90_000) * (9000 / (middle - small)), unit: 'ratio' },
      { what: 'peak memory of 10,000 to 1,000', value: middlePeak / smallPeak, unit: 'ratio' },
      { what: 'peak memory of 100,000 to 10,000 (flat: 1)', value: largePeak / middlePeak, unit: 'ratio' },
    ],
  };
}

/**
 * @param {Bench} bench
 * @param {{ size: Job['size'], count: number, concurrency: number, baseUrl: string }} wanted
 * @returns {Job}
 */
function jobOf({ work }, { count, ...rest }) {
  return { ...rest, folder: work, ids: idsOf(rest.size, count) };
}

/**
 * Ours, as a script would call it.
 *
 * @param {Bench} bench
 * @param {Job} job
 * @returns {Contender}
 */
function batch({ tool, work }, { ids, size, concurrency, baseUrl, certificate }) {
  const list = join(work, `${size}-${ids.length}.txt`);
  writeFileSync(list, `${ids.join('\n')}\n`);
  return {
    name: 'kaleyra-rec',
    command: [...tool.command, 'batch', list, '--dir', 'recordings', '--concurrency', `${concurrency}`],
    env: trusting({ baseUrl, ...(certificate !== undefined && { certificate }) }),
    check(ended) {
      endedWell(ended);
      holdsArchive(join(ended.folder, 'recordings'), { count: ids.length, bytes: SIZES[size].bytes });
    },
  };
}

/** @param {Bench} bench */
function measuring({ runs, work, programs, tell }) {
  return { runs, work, time: programs.time, tell };
}
