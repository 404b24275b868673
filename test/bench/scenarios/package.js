// @ts-check
import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { endedWell } from '../checks.js';
import { measureByTurns } from '../run.js';
import { medianOf } from '../statistics.js';
import { npmSettings } from '../tool.js';
/** @import { Contender, Measure } from '../run.js' */
/** @import { Bench, Findings } from '../scenario.js' */

/**
 * (g)
 *
 * @param {Bench} bench
 * @returns {Promise<Findings>}
 */
export async function packageSize({ tool, work, runs, programs, tell }) {
  const cold = { name: 'npx --version, cold', runs: /** @type {Measure[]} */ ([]) };
  for (let turn = 0; turn < runs; turn += 1) {
    // An npm that has never been used, each time.
    const folder = mkdtempSync(join(work, 'npx-'));
    mkdirSync(join(folder, 'home'));
    /** @type {Contender} */
    const npx = {
      name: cold.name,
      command: ['npx', '--yes', '--package', tool.tarball, 'kaleyra-rec', '--version'],
      env: { ...npmSettings(folder), HOME: join(folder, 'home') },
      check(ended) {
        endedWell(ended);
        assert.match(readFileSync(ended.stdout, 'utf8'), /^\d+\.\d+\.\d+/);
      },
    };
    const [measured] = await measureByTurns([npx], { runs: 1, work, time: programs.time, tell });
    cold.runs.push(...(measured?.runs ?? []));
  }
  return {
    title: 'the package',
    measured: [cold],
    figures: [
      { what: 'packed', value: tool.packedBytes, unit: 'bytes', atMost: 450_000 },
      { what: 'unpacked', value: tool.unpackedBytes, unit: 'bytes', atMost: 1_500_000 },
      { what: 'packages installed', value: tool.packages, unit: 'count', atMost: 1 },
      { what: 'npx from the tarball, nothing in the cache, offline', value: medianOf(cold), unit: 'ms' },
    ],
  };
}
