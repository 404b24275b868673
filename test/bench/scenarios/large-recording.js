// @ts-check
import { join } from 'node:path';
import { endedWell, holdsRecordings } from '../checks.js';
import { curlAndSha256sum } from '../peers.js';
import { measureByTurns } from '../run.js';
import { ratios } from '../scenario.js';
import { idsOf, SIZES } from '../server/objects.js';
import { credentials } from '../tool.js';
/** @import { Contender } from '../run.js' */
/** @import { Bench, Findings } from '../scenario.js' */

/**
 * (c)
 *
 * @param {Bench} bench
 * @returns {Promise<Findings>}
 */
export async function largeRecording({ tool, server, work, runs, programs, tell }) {
  const { baseUrl } = server;
  const ids = idsOf('100m', 1);
  /** @type {Contender} */
  const ours = {
    name: 'kaleyra-rec',
    command: [...tool.command, 'download', ...ids, '--output', 'saved/'],
    env: credentials(baseUrl),
    check(ended) {
      endedWell(ended);
      holdsRecordings(join(ended.folder, 'saved'), { count: 1, bytes: SIZES['100m'].bytes });
    },
  };
  const theirs = curlAndSha256sum({ folder: work, ids, size: '100m', baseUrl });
  const measured = await measureByTurns([ours, theirs], { runs, work, time: programs.time, tell });
  return { title: 'one recording of 100 MB', measured, figures: ratios(measured, [1.2]) };
}
