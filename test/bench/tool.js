// @ts-check
import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { API_KEY, SID } from './server/nginx-config.js';

const root = fileURLToPath(new URL('../..', import.meta.url));

/**
 * The tool as a user has it: packed, and installed from the tarball.
 *
 * @typedef {object} InstalledTool
 * @property {string} tarball its path
 * @property {number} packedBytes
 * @property {number} unpackedBytes
 * @property {number} packages how many were installed
 * @property {readonly string[]} command what runs it
 */

/**
 * Packs the tool as it was built, and installs it, from nothing but the tarball.
 *
 * @param {string} folder
 * @returns {InstalledTool}
 */
export function installTool(folder) {
  if (!existsSync(join(root, 'dist/main.js'))) throw new Error('The tool has not been built: run `npm run build`.');
  const target = join(folder, 'installed');
  mkdirSync(target);
  const told = npm(['pack', '--json', '--ignore-scripts', '--pack-destination', folder], { cwd: root, folder });
  const [packed] = /** @type {{ filename: string, size: number, unpackedSize: number }[]} */ (JSON.parse(told));
  if (packed === undefined) throw new Error(`npm pack told of no package: ${told}`);
  const tarball = join(folder, packed.filename);
  npm(['install', '--prefix', target, tarball], { cwd: target, folder });
  const lock = JSON.parse(readFileSync(join(target, 'node_modules/.package-lock.json'), 'utf8'));
  return {
    tarball,
    packedBytes: packed.size,
    unpackedBytes: packed.unpackedSize,
    packages: Object.keys(lock.packages).length,
    command: [process.execPath, join(target, 'node_modules/kaleyra-rec/bin/kaleyra-rec.js')],
  };
}

/**
 * Settings under which npm asks nobody, and keeps what it makes below a folder.
 *
 * @param {string} folder
 */
export function npmSettings(folder) {
  return {
    npm_config_cache: join(folder, 'npm-cache'),
    npm_config_offline: 'true',
    npm_config_audit: 'false',
    npm_config_fund: 'false',
    npm_config_update_notifier: 'false',
  };
}

/**
 * The credentials that the bench's server takes, as the tool's environment.
 *
 * @param {string} baseUrl
 */
export function credentials(baseUrl) {
  return { KALEYRA_BASE_URL: baseUrl, KALEYRA_SID: SID, KALEYRA_API_KEY: API_KEY };
}

/**
 * @param {string[]} args
 * @param {{ cwd: string, folder: string }} where
 */
function npm(args, { cwd, folder }) {
  return execFileSync('npm', args, { cwd, env: { ...process.env, ...npmSettings(folder) }, encoding: 'utf8', stdio: 'pipe' });
}
