// @ts-check
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';

export const BUCKET = 'recordings';

/**
 * The server of `bucket.js`.
 *
 * @typedef {object} BucketServer
 * @property {Record<string, string>} env how the AWS SDK, and whatever reads its settings, finds the bucket
 * @property {string} endpoint
 * @property {(prefix: string) => Promise<number[]>} sizesOf the bytes of each recording below a prefix
 * @property {() => void} stop
 */

/**
 * Starts it, with an archive of so many recordings in it where `lines` says so.
 *
 * @param {number} [lines]
 * @returns {Promise<BucketServer>}
 */
export async function startBucketServer(lines = 0) {
  const child = spawn(process.execPath, [fileURLToPath(new URL('bucket.js', import.meta.url)), `${lines}`], {
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  const [told] = await once(child.stdout, 'data');
  const endpoint = String(told).trim();
  return {
    endpoint,
    env: {
      AWS_ACCESS_KEY_ID: 'S3RVER',
      AWS_SECRET_ACCESS_KEY: 'S3RVER',
      AWS_REGION: 'us-east-1',
      // What the AWS command line reads, in place of AWS_REGION.
      AWS_DEFAULT_REGION: 'us-east-1',
      AWS_ENDPOINT_URL_S3: endpoint,
    },
    async sizesOf(prefix) {
      const answer = await fetch(`${endpoint}/${BUCKET}/?list-type=2&max-keys=1000000&prefix=${encodeURIComponent(prefix)}`);
      return [...(await answer.text()).matchAll(/<Key>[^<]*\.wav<.*?<Size>(\d+)</g)].map(([, size]) => Number(size));
    },
    stop: () => void child.stdin.end(),
  };
}
