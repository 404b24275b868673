// @ts-check
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { endedWell } from '../checks.js';
import { measureByTurns } from '../run.js';
import { API_KEY, SID } from '../server/nginx-config.js';
import { idsOf } from '../server/objects.js';
import { ratioOf } from '../statistics.js';
import { credentials } from '../tool.js';

/** @import { Contender } from '../run.js' */
/** @import { Bench, Figure, Findings } from '../scenario.js' */

/** A start takes some 50 ms, so that single ones vary a good deal. */
const TURNS_PER_RUN = 6;

/**
 * (d). The environment holds PATH and HOME alone: NODE_EXTRA_CA_CERTS would add to every start, node's own included.
 *
 * @param {Bench} bench
 * @returns {Promise<Findings>}
 */
export async function startUp({ tool, server, work, runs, programs, tell }) {
  const id = idsOf('1k', 1);
  const store = { KALEYRA_REC_CONFIG_DIR: join(work, 'config') };
  execFileSync(
    tool.command[0] ?? '',
    [...tool.command.slice(1), 'auth', 'login', '--sid', SID, '--base-url', server.jsonBaseUrl, '--api-key-stdin'],
    {
      env: { ...process.env, ...store },
      input: API_KEY,
      stdio: 'pipe',
    },
  );
  /** @type {[contender: Contender, atMost: number][]} */
  const ours = [
    [{ name: '--version', command: [...tool.command, '--version'], bare: true, check: prints(/^\d+\.\d+\.\d+/) }, 1.4],
    [{ name: '--help', command: [...tool.command, '--help'], bare: true, check: prints(/Usage:/) }, 1.4],
    [{ ...link('link, environment'), env: credentials(server.jsonBaseUrl) }, 3],
    [{ ...link('link, stored profile'), env: store }, 4],
  ];
  /** @type {Contender} */
  const node = { name: 'node -e 0', command: [process.execPath, '-e', '0'], bare: true, check: endedWell };
  const [bare, ...measured] = await measureByTurns([node, ...ours.map(([contender]) => contender)], {
    runs: runs * TURNS_PER_RUN,
    work,
    time: programs.time,
    tell,
  });
  if (bare === undefined) throw new Error('nothing was measured');
  const figures = measured.map((each, index) => {
    /** @type {Figure} */
    const figure = { what: `${each.name} / node -e 0`, value: ratioOf(each, bare), unit: 'ratio', atMost: ours[index]?.[1] ?? Number.NaN };
    return figure;
  });
  return { title: 'start-up', measured: [...measured, bare], figures };

  /** @param {string} name */
  function link(name) {
    return { name, command: [...tool.command, 'link', ...id], bare: true, check: prints(/^http:\/\/127\.0\.0\.1:\d+\/bucket\/\S+\n$/) };
  }
}

/** @param {RegExp} expected */
function prints(expected) {
  return (/** @type {import('../run.js').Ended} */ ended) => {
    endedWell(ended);
    assert.match(readFileSync(ended.stdout, 'utf8'), expected);
  };
}
