// @ts-check
import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { countLines, endedWell, holdsArchive } from '../checks.js';
import { measureByTurns } from '../run.js';
import { ratios } from '../scenario.js';
import { BUCKET, startBucketServer } from '../server/bucket-server.js';
import { madeUpId, PREFIX } from '../server/made-up-archive.js';
import { idsOf, SIZES } from '../server/objects.js';
import { medianOf, ratioOf } from '../statistics.js';
import { credentials } from '../tool.js';

/** @import { Contender, Ended } from '../run.js' */
/** @import { Bench, Figure, Findings } from '../scenario.js' */
/** @import { BucketServer } from '../server/bucket-server.js' */

/** Each run has a place in the bucket of its own, named after its folder. */
const PLACE = '"$(basename "$(dirname "$PWD")")"';

const LINES = 1_000_000;
const KNOWN = 1000;
/** Nobody listens there, so that a request to the service would fail the run. */
const NOBODY = 'http://127.0.0.1:9/v1';

/**
 * (i): into a bucket on the same machine, beside what there was before: into a folder, and then into the bucket.
 *
 * @param {Bench} bench
 * @returns {Promise<Findings>}
 */
export async function intoBucket({ tool, server, programs, work, runs, tell }) {
  const bucket = await startBucketServer();
  try {
    const wanted = { count: 1000, bytes: SIZES['100k'].bytes };
    const batch = batchOf(tool, work, idsOf('100k', wanted.count));
    const env = { ...credentials(server.baseUrl), ...bucket.env };
    /** @type {Contender} */
    const ours = { name: 'kaleyra-rec', command: batch.intoBucket, env, check: (ended) => holdsInBucket(bucket, ended, wanted) };
    /** @type {(name: string, copy: string) => Contender} */
    const folderThen = (name, copy) => ({
      name: `into a folder, then ${name}`,
      command: ['sh', '-c', `"$@" -d recordings --quiet >/dev/null && ${copy}`, 'sh', ...batch.command],
      env: { ...env, ...(name === 'aws s3 sync' && awsSettings(work)) },
      async check(ended) {
        holdsArchive(join(ended.folder, 'recordings'), wanted);
        await holdsInBucket(bucket, ended, wanted);
      },
    });
    const target = `${BUCKET}/${PLACE}`;
    const peers = [
      ...(programs.rclone === undefined ? [] : [folderThen('rclone copy', rcloneCopy(programs.rclone, bucket.endpoint, `:s3:${target}`))]),
      ...(programs.aws === undefined ? [] : [folderThen('aws s3 sync', awsSync(programs.aws, bucket.endpoint, `s3://${target}`))]),
    ];
    const measured = await measureByTurns([ours, ...peers], { runs, work, time: programs.time, tell });
    return {
      title: '1,000 recordings of 100 KB into a bucket, 16 at once',
      measured,
      figures: [...ratios(measured, [0.8, 0.8]), ...cpuRatios(measured)],
      notes: [
        ...(programs.rclone === undefined ? ['Nothing was measured against rclone, which is not installed (apt-get install rclone).'] : []),
        ...(programs.aws === undefined ? ['Nothing was measured against aws, which is not installed (apt-get install awscli).'] : []),
      ],
    };
  } finally {
    bucket.stop();
  }
}

/**
 * (j): what large recordings hold in memory, which go up in parts.
 *
 * @param {Bench} bench
 * @returns {Promise<Findings>}
 */
export async function largeIntoBucket({ tool, server, programs, work, runs, tell }) {
  const bucket = await startBucketServer();
  try {
    const wanted = { count: 32, bytes: SIZES['100m'].bytes };
    /** @type {Contender} */
    const ours = {
      name: 'kaleyra-rec',
      command: batchOf(tool, work, idsOf('100m', wanted.count)).intoBucket,
      env: { ...credentials(server.baseUrl), ...bucket.env },
      check: (ended) => holdsInBucket(bucket, ended, wanted),
    };
    const measured = await measureByTurns([ours], { runs, work, time: programs.time, tell });
    return {
      title: `${wanted.count} recordings of 100 MB into a bucket, 16 at once`,
      measured,
      figures: measured.map((each) => ({ what: 'peak memory', value: medianOf(each, 'peakBytes'), unit: 'bytes', atMost: 400_000_000 })),
    };
  } finally {
    bucket.stop();
  }
}

/**
 * (k): an archive of a million recordings, as it is listed, added to and checked. The check ends with its first object, as asking for each of a million is
 * another's time.
 *
 * @param {Bench} bench
 * @returns {Promise<Findings>}
 */
export async function millionInBucket({ tool, programs, work, tell }) {
  tell('making up a million recordings');
  const bucket = await startBucketServer(LINES);
  try {
    const archive = `s3://${BUCKET}/${PREFIX}`;
    const ids = Array.from({ length: KNOWN }, (_, index) => madeUpId(index * (LINES / KNOWN)));
    const env = { ...credentials(NOBODY), ...bucket.env };
    /** @type {Contender[]} */
    const contenders = [
      {
        name: 'list --limit 1',
        command: [...tool.command, 'list', archive, '--limit', '1', '--csv'],
        env,
        check(ended) {
          endedWell(ended);
          assert.equal(countLines(ended.stdout), 2, 'the head and one recording');
        },
      },
      {
        name: `batch, ${KNOWN} ids saved before`,
        command: [...batchOf(tool, work, ids).command, '-d', archive],
        env,
        check(ended) {
          endedWell(ended);
          assert.match(ended.stderr, new RegExp(`^ *${KNOWN} +skipped\\b`, 'm'));
        },
      },
    ];
    contenders.push({
      name: 'verify, up to the first recording',
      command: [...tool.command, 'verify', archive],
      env,
      // The server refuses to tell of it.
      check: ({ stderr }) => assert.match(stderr, /have no right to do so/),
    });
    const measured = await measureByTurns(contenders, { runs: 1, work, time: programs.time, tell });
    return {
      title: 'an archive of a million recordings in a bucket',
      measured,
      figures: measured.flatMap((each) => {
        /** @type {Figure[]} */
        const figures = [
          { what: `${each.name}: time`, value: medianOf(each), unit: 'ms', atMost: 60_000 },
          {
            what: `${each.name}: peak memory`,
            value: medianOf(each, 'peakBytes'),
            unit: 'bytes',
            // A batch knows the name of each object too.
            ...(!each.name.startsWith('batch') && { atMost: 300_000_000 }),
          },
        ];
        return figures;
      }),
      notes: ['The objects are in a listing alone; the lines of their manifest are there, in 286 pieces.'],
    };
  } finally {
    bucket.stop();
  }
}

/**
 * @param {import('../tool.js').InstalledTool} tool
 * @param {string} work
 * @param {readonly string[]} ids
 */
function batchOf(tool, work, ids) {
  const list = join(work, 'ids.txt');
  writeFileSync(list, `${ids.join('\n')}\n`);
  const command = [...tool.command, 'batch', list, '--concurrency', '16'];
  return { command, intoBucket: ['sh', '-c', `exec "$@" -d s3://${BUCKET}/${PLACE}`, 'sh', ...command] };
}

/**
 * @param {string} rclone
 * @param {string} endpoint
 * @param {string} target
 */
function rcloneCopy(rclone, endpoint, target) {
  const store = `--s3-provider Other --s3-env-auth --s3-region us-east-1 --s3-endpoint ${endpoint}`;
  return `'${rclone}' copy --config /dev/null ${store} --transfers 16 --checkers 16 --quiet recordings ${target}`;
}

/**
 * Debian's knows AWS_ENDPOINT_URL_S3 not yet, and would ask Amazon.
 *
 * @param {string} aws
 * @param {string} endpoint
 * @param {string} target
 */
function awsSync(aws, endpoint, target) {
  return `'${aws}' --endpoint-url ${endpoint} s3 sync --quiet recordings ${target}`;
}

/**
 * As many at once as the others: no flag says that.
 *
 * @param {string} work
 */
function awsSettings(work) {
  const file = join(work, 'aws-config');
  writeFileSync(file, '[default]\ns3 =\n  max_concurrent_requests = 16\n  addressing_style = path\n');
  return { AWS_CONFIG_FILE: file };
}

/**
 * @param {BucketServer} bucket
 * @param {Ended} ended
 * @param {{ count: number, bytes: number }} wanted
 */
async function holdsInBucket(bucket, ended, { count, bytes }) {
  endedWell(ended);
  const sizes = await bucket.sizesOf(`${basename(dirname(ended.folder))}/`);
  assert.equal(sizes.length, count, 'the number of objects');
  for (const size of sizes) assert.equal(size, bytes, 'the size of an object');
}

/** @param {readonly import('../run.js').Measured[]} measured ours first */
function cpuRatios([ours, ...others]) {
  if (ours === undefined) return [];
  return others.map((theirs) => {
    /** @type {Figure} */
    const figure = { what: `${ours.name} / ${theirs.name}, processor time`, value: ratioOf(ours, theirs, 'cpuMs'), unit: 'ratio' };
    return figure;
  });
}
