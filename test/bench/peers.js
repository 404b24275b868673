// @ts-check
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { endedWell, holdsRecordings } from './checks.js';
import { API_KEY, SID } from './server/nginx-config.js';
import { SIZES } from './server/objects.js';
import { credentials } from './tool.js';

/** @import { Contender } from './run.js' */
/** @import { Size } from './server/objects.js' */

/**
 * What a peer is to fetch.
 *
 * @typedef {object} Job
 * @property {string} folder where its input may be written; making it is not measured
 * @property {readonly string[]} ids
 * @property {Size} size
 * @property {number} concurrency
 * @property {string} baseUrl
 * @property {string} [certificate] the path of the PEM file by which the server is trusted, where it speaks TLS
 */

/** The request of the service's documentation with `download=1`, then the link that it redirects to. */
const RECIPE =
  'link=$(curl -sSf -X POST "$KALEYRA_BASE_URL/$KALEYRA_SID/voice/recordings?id=$1" -H "api-key: $KALEYRA_API_KEY" ' +
  '-d "id=$1" -d download=1 -o /dev/null -w "%{redirect_url}") && curl -sSf -o "$1.wav" "$link"';

/**
 * The documented recipe, so many at once: two curls for each recording.
 *
 * @param {Job} job
 * @returns {Contender}
 */
export function curlRecipe(job) {
  const input = join(job.folder, 'recipe.txt');
  writeFileSync(input, lines(job.ids));
  return {
    name: 'curl recipe, xargs -P',
    command: ['xargs', '-P', `${job.concurrency}`, '-n', '1', 'sh', '-c', RECIPE, 'sh'],
    env: credentials(job.baseUrl),
    input,
    check: fetchedAll(job),
  };
}

/**
 * Two curls in all, each with the whole list: the first asks the service for every link, the second fetches them. One curl with `--location`
 * would do it in one go, but forwards the key to the store, and repeats no POST there; nobody who minds the key has that choice.
 *
 * @param {Job} job
 * @returns {Contender}
 */
export function curlParallel(job) {
  const config = join(job.folder, 'ask.conf');
  const common = [`header = "api-key: ${API_KEY}"`, 'request = POST', 'data = "download=1"', 'write-out = "%{redirect_url}\\n"'];
  const each = job.ids.map((id) => `url = "${endpoint(job)}?id=${id}"\noutput = "/dev/null"`);
  writeFileSync(config, lines([...common, ...each]));
  const trust = job.certificate === undefined ? '' : `--cacert '${job.certificate}' `;
  const curl = `curl -sSf ${trust}--parallel --parallel-max ${job.concurrency} --config`;
  // A line of the answer, which is a link, becomes a transfer of the second's config.
  const toConfig = String.raw`sed 's|.*/\([^/?]*\)?.*|url = "&"\noutput = "\1"|'`;
  return {
    name: 'curl --parallel',
    command: ['sh', '-c', `${curl} '${config}' | ${toConfig} | ${curl} -`],
    check: fetchedAll(job),
  };
}

/**
 * aria2c cannot POST: it asks with GET, and follows the redirect with the key. As it comes; or without the control files that it saves
 * beside each download and the room that it takes for it beforehand, which takes half the time.
 *
 * @param {Job} job
 * @param {{ resumes: boolean }} how
 * @returns {Contender}
 */
export function aria2c(job, { resumes }) {
  const input = join(job.folder, 'aria2.txt');
  writeFileSync(input, lines(job.ids.map((id) => `${endpoint(job)}?id=${id}&download=1\n  out=${id}.wav`)));
  const flags = ['--no-conf', '--quiet', `--max-concurrent-downloads=${job.concurrency}`];
  if (!resumes) flags.push('--auto-save-interval=0', '--file-allocation=none');
  return {
    name: resumes ? 'aria2c -i' : 'aria2c -i, no control files',
    command: ['aria2c', ...flags, `--header=api-key: ${API_KEY}`, `--input-file=${input}`],
    check: fetchedAll(job),
  };
}

/**
 * Node's own clients and file system with nothing of ours: the limit of what a tool on Node can do.
 *
 * @param {Job} job
 * @returns {Contender}
 */
export function bareNode(job) {
  const input = join(job.folder, 'bare-node.txt');
  writeFileSync(input, lines(job.ids));
  return {
    name: 'bare Node',
    command: [process.execPath, fileURLToPath(new URL('bare-node.js', import.meta.url)), input, `${job.concurrency}`],
    env: trusting(job),
    check: fetchedAll(job),
  };
}

/**
 * The environment in which a job's server is known, and trusted.
 *
 * @param {Pick<Job, 'baseUrl' | 'certificate'>} job
 */
export function trusting({ baseUrl, certificate }) {
  return { ...credentials(baseUrl), ...(certificate !== undefined && { NODE_EXTRA_CA_CERTS: certificate }) };
}

/**
 * The recipe for one recording, its hash printed as ours is.
 *
 * @param {Omit<Job, 'concurrency'>} job
 * @returns {Contender}
 */
export function curlAndSha256sum(job) {
  return {
    name: 'curl, then sha256sum',
    command: ['sh', '-c', `${RECIPE} && sha256sum "$1.wav"`, 'sh', ...job.ids],
    env: credentials(job.baseUrl),
    check: fetchedAll(job),
  };
}

/** @param {Job} job */
function endpoint({ baseUrl }) {
  return `${baseUrl}/${SID}/voice/recordings`;
}

/** @param {Pick<Job, 'ids' | 'size'>} job */
function fetchedAll({ ids, size }) {
  return (/** @type {import('./run.js').Ended} */ ended) => {
    endedWell(ended);
    holdsRecordings(ended.folder, { count: ids.length, bytes: SIZES[size].bytes });
  };
}

/** @param {readonly string[]} texts */
function lines(texts) {
  return `${texts.join('\n')}\n`;
}
