// @ts-check
import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { closeSync, linkSync, mkdirSync, openSync, rmSync, writeFileSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { countLines, endedWell } from '../checks.js';
import { measureByTurns } from '../run.js';
import { medianOf } from '../statistics.js';
import { credentials } from '../tool.js';

/** @import { Contender } from '../run.js' */
/** @import { Bench, Figure, Findings } from '../scenario.js' */

const ROWS = 1_000_000;
const AT_A_TIME = 10_000;
/** ext4 gives a file at most 65,000 names. */
const NAMES_PER_FILE = 50_000;
const BYTES = 1000;
/** Nobody listens there, so that a request of any kind would fail the run. */
const NOBODY = 'http://127.0.0.1:9/v1';

/**
 * (e): a list and a report of a million rows; a dry run of each, and a run of each in which all is saved. The million files are names of
 * twenty (hard links): the tool looks at a file's size alone, and making a million files would take longer than all else.
 *
 * @param {Bench} bench
 * @returns {Promise<Findings>}
 */
export async function millionRows({ tool, work, programs, tell }) {
  const folder = join(work, 'million');
  mkdirSync(folder);
  const [list, report, archive] = [join(folder, 'ids.txt'), join(folder, 'report.csv'), join(folder, 'recordings')];
  tell('writing a list and a report of a million rows');
  writeRows(list, '', (index) => `${idAt(index)}\n`);
  writeRows(report, 'Call ID,Start Time,From,To,Duration,Status,Recording ID\r\n', reportRow);
  tell('making a folder of a million recordings');
  makeArchive(archive);

  /** @type {(name: string, source: string, flags: string[], check: Contender['check']) => Contender} */
  const batch = (name, source, flags, check) => ({
    name,
    command: [...tool.command, 'batch', source, ...flags],
    env: credentials(NOBODY),
    check,
  });
  const contenders = [
    batch('list, dry run', list, ['--dry-run'], printsAllIds),
    batch('report, dry run', report, ['--dry-run'], printsAllIds),
    batch('list, all saved before', list, ['--dir', archive], skippedAll),
    batch('report, all saved before', report, ['--dir', archive], skippedAll),
  ];
  // A bound that is absolute needs no turns: once is enough, and long enough.
  const measured = await measureByTurns(contenders, { runs: 1, work, time: programs.time, tell });
  tell('clearing the folder away');
  rmSync(folder, { recursive: true });
  return {
    title: 'a list and a report of a million rows',
    measured,
    figures: measured.flatMap((each) => {
      /** @type {Figure[]} */
      const figures = [
        { what: `${each.name}: time`, value: medianOf(each), unit: 'ms', atMost: 20_000 },
        { what: `${each.name}: peak memory`, value: medianOf(each, 'peakBytes'), unit: 'bytes', atMost: 256_000_000 },
      ];
      return figures;
    }),
    notes: [`The million recordings saved before are hard links to ${ROWS / NAMES_PER_FILE} files of ${BYTES} bytes.`],
  };
}

/** @type {Contender['check']} */
function printsAllIds(ended) {
  endedWell(ended);
  assert.equal(countLines(ended.stdout), ROWS, 'the ids that were printed');
}

/** @type {Contender['check']} */
function skippedAll(ended) {
  endedWell(ended);
  assert.match(ended.stderr, /^ *1000000 +skipped\b/m);
}

/** @param {number} index */
function idAt(index) {
  return `1${index.toString(36).padStart(6, '0')}8aKq+zT4giu587==`;
}

/** @param {number} index */
function reportRow(index) {
  const start = new Date(1_790_000_000_000 + index * 1000).toISOString().slice(0, 19).replace('T', ' ');
  const number = String(index).padStart(7, '0');
  return `c-${number}-7f3a,${start},+9180${number}1,"Support, ${index % 10}",${index % 600},answered,${idAt(index)}\r\n`;
}

/** @param {string} folder */
function makeArchive(folder) {
  mkdirSync(folder);
  const content = Buffer.alloc(BYTES, 'RIFF');
  const sha256 = createHash('sha256').update(content).digest('hex');
  let original = '';
  writeRows(join(folder, 'manifest.jsonl'), '', (index) => {
    const id = idAt(index);
    const file = `${id}.wav`;
    if (index % NAMES_PER_FILE === 0) {
      original = join(folder, file);
      writeFileSync(original, content);
    } else linkSync(original, join(folder, file));
    const told = { contentType: 'audio/wav', etag: '"0123456789abcdef0123456789abcdef"', attempts: 1, at: '2026-10-01T00:00:00.000Z' };
    return `${JSON.stringify({ id, status: 'saved', file, bytes: BYTES, sha256, ...told, error: null })}\n`;
  });
}

/**
 * @param {string} path
 * @param {string} head
 * @param {(index: number) => string} row
 */
function writeRows(path, head, row) {
  const file = openSync(path, 'w');
  writeSync(file, head);
  for (let from = 0; from < ROWS; from += AT_A_TIME) {
    writeSync(file, Array.from({ length: AT_A_TIME }, (_, offset) => row(from + offset)).join(''));
  }
  closeSync(file);
}
