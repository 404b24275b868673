// @ts-check
/*
 * Measures the tool, as it is packed, against what a user would take instead, on a server that is not the bottleneck:
 *
 *     npm run bench -- [--only a,d] [--runs 5] [--json figures.json]
 *
 * Contenders run by turns, a median is printed for each, and beside each figure the bound that it is to keep. A figure over its bound fails
 * nothing; a run that did not do its whole work fails its scenario, and the exit code is then 1. With five runs it takes 6 GB of the folder for
 * temporary files, and gives them back at its end.
 */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { availableParallelism, cpus, tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { findPrograms } from './requirements.js';
import { intoBucket, largeIntoBucket, millionInBucket } from './scenarios/bucket.js';
import { largeRecording } from './scenarios/large-recording.js';
import { growth, overDistance, withLatency, withoutLatency } from './scenarios/many-recordings.js';
import { millionRows } from './scenarios/million-rows.js';
import { packageSize } from './scenarios/package.js';
import { startUp } from './scenarios/start-up.js';
import { startServer } from './server/server.js';
import { table } from './table.js';
import { installTool } from './tool.js';

/** @type {Readonly<Record<string, import('./scenario.js').Scenario>>} */
const SCENARIOS = {
  a: withoutLatency,
  b: withLatency,
  c: largeRecording,
  d: startUp,
  e: millionRows,
  f: growth,
  g: packageSize,
  h: overDistance,
  i: intoBucket,
  j: largeIntoBucket,
  k: millionInBucket,
};

/** @param {string[]} args */
function readOptions(args) {
  const { values } = parseArgs({
    args,
    options: { only: { type: 'string' }, runs: { type: 'string', default: '5' }, json: { type: 'string' } },
  });
  const letters = values.only?.split(',') ?? Object.keys(SCENARIOS);
  const runs = Number(values.runs);
  if (!letters.every((letter) => Object.hasOwn(SCENARIOS, letter))) throw new Error(`--only takes letters of ${Object.keys(SCENARIOS)}.`);
  if (!Number.isInteger(runs) || runs < 1) throw new Error('--runs takes a whole number from 1.');
  return { letters, runs, json: values.json };
}

/** @param {string} text */
function tell(text) {
  if (process.stderr.isTTY) process.stderr.write(`\r\x1b[K${text}`);
}

/**
 * Runs the scenarios one after the other. One that fails is told of, and the others still run.
 *
 * @param {ReturnType<typeof readOptions>} options
 * @returns {Promise<boolean>} whether none failed
 */
async function bench({ letters, runs, json }) {
  const programs = findPrograms();
  const work = mkdtempSync(join(tmpdir(), 'kaleyra-rec-bench-'));
  /** @type {import('./server/server.js').BenchServer | undefined} */
  let server;
  /** @type {Record<string, unknown>} */
  const all = {};
  let failed = false;
  const clearAway = () => {
    server?.kill();
    rmSync(work, { recursive: true, force: true });
  };
  process.once('exit', clearAway);
  try {
    tell('packing and installing the tool');
    const tool = installTool(work);
    server = await startServer(work, programs);
    for (const letter of letters) {
      const own = join(work, letter);
      mkdirSync(own);
      const startedAt = performance.now();
      try {
        const findings = await SCENARIOS[letter]?.({
          tool,
          server,
          programs,
          work: own,
          runs,
          tell: (text) => tell(`(${letter}) ${text}`),
        });
        tell('');
        if (findings === undefined) continue;
        process.stdout.write(`${table(letter, findings)}\n`);
        all[letter] = { ...findings, tookMs: performance.now() - startedAt };
      } catch (error) {
        failed = true;
        tell('');
        tellError(error, `(${letter}) `);
        all[letter] = { error: String(error) };
      }
    }
  } finally {
    await server?.stop();
    process.off('exit', clearAway);
    clearAway();
  }
  const machine = { node: process.version, processor: cpus()[0]?.model, processors: availableParallelism() };
  const report = { at: new Date().toISOString(), machine, scenarios: all };
  if (json !== undefined) writeFileSync(json, `${JSON.stringify(report, undefined, 2)}\n`);
  return !failed;
}

/**
 * @param {unknown} error
 * @param {string} where
 */
function tellError(error, where = '') {
  const { message, cause } = /** @type {Error} */ (error);
  process.stderr.write(`${where}${message}${cause instanceof Error ? `\n${cause.message}` : ''}\n`);
}

for (const signal of ['SIGINT', 'SIGTERM']) process.once(signal, () => process.exit(1));
try {
  if (!(await bench(readOptions(process.argv.slice(2))))) process.exitCode = 1;
} catch (error) {
  tellError(error);
  process.exitCode = 1;
}
